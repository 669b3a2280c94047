//! A request on its way through everything: log in, submit, approve, be told.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::client::{Answer, Client, Upload};
use tests::event_stream::EventStream;
use tests::host::Host;
use tests::people::{Role, person, sign_in};
use tests::powers::until;

use super::{INBOX, TICKETS, approve, entries, host, mails, problem, queue, settle, submit, text};

/// A document that has in it what a reader of forms could stumble over: every byte, and half a boundary.
fn document() -> Vec<u8> {
    let mut content = b"%PDF-1.7\n".to_vec();
    for _ in 0..1_200 {
        content.extend(0..=u8::MAX);
        content.extend_from_slice(b"\r\n------wharf-test\r\n--\r\n");
    }
    content
}

#[test]
fn a_log_in_gives_cookies_that_no_script_can_read_and_no_token_in_the_body() {
    let host = host();
    let who = person(&host, Role::Employee);
    let client = host.client();
    let answer =
        client.post("/api/v1/auth/login", &json!({ "email": who.email, "password": who.password })).expect(200);
    let lines: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned()).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for (name, path) in [("access_token", "/"), ("refresh_token", "/api/v1/auth/")] {
        let line = lines.iter().find(|line| line.starts_with(&format!("{name}="))).expect(name);
        let attributes: BTreeSet<_> = line.split("; ").skip(1).collect();
        let expected = ["HttpOnly", "SameSite=Lax", &format!("Path={path}")];
        assert!(expected.iter().all(|attribute| attributes.contains(attribute)), "{line}");
        assert!(!answer.text().contains(&client.cookie(name).unwrap()), "{name} in the body");
    }
    assert!(!answer.text().contains("token"), "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json()["user"]["system_roles"], json!([{ "system": "hdts", "role": "Employee" }]));

    let me = client.get("/api/v1/auth/me").expect(200).json();
    assert_eq!((&me["type"], &me["data"]["email"]), (&json!("employee"), &json!(who.email)));
    assert_eq!(me["data"]["system_roles"], answer.json()["user"]["system_roles"]);
    let staff = sign_in(&host, Role::Coordinator).get("/api/v1/auth/me").expect(200).json();
    assert_eq!(staff["type"], "user");
}

#[test]
fn a_submitted_ticket_is_approved_and_its_requester_told_once() {
    let host = host();
    let employee = sign_in(&host, Role::Employee);
    let colleague = sign_in(&host, Role::Colleague);
    let coordinator = sign_in(&host, Role::Coordinator);
    offers_what_the_form_asks(&employee);
    let number = submits_with_a_file(&host, &employee);
    finds_it(&employee, &coordinator, &number);
    until("the coordinator is told", || entries(&coordinator, &number).len() == 1);
    assert_eq!(entries(&coordinator, &number)[0]["type"], "system");
    assert!(entries(&employee, &number).is_empty(), "who submitted it knows");

    let mut stream = EventStream::open(&employee, "/api/v1/notifications/stream", None);
    assert_eq!(stream.status, 200);
    approves_once(&coordinator, &number);
    until("the requester is told", || entries(&employee, &number).len() == 1);
    let event = stream.next_event();
    assert_eq!(event.name, "notification");
    let data: Value = serde_json::from_str(&event.data).unwrap();
    let told = entries(&employee, &number).remove(0);
    assert_eq!(data["id"], told["id"]);
    assert_eq!((&data["ticket_number"], &data["unread"]), (&json!(number), &json!(1)));
    until("the queue is empty", || queue(&host)["depth"] == 0);
    has_one_mail(&host, &number);

    // A second ticket's event comes next on the stream, so the first had one only.
    let second = submit(&employee, "another");
    approve(&coordinator, &second).expect(200);
    assert!(stream.next_event().data.contains(&second));
    settle(&host, &employee, &coordinator);
    assert_eq!((entries(&employee, &number).len(), mails(&host, &number).len()), (1, 1));
    assert!(entries(&colleague, &number).is_empty());
    marks_it_read(&employee, &told);
}

fn offers_what_the_form_asks(employee: &Client) {
    let catalogue = employee.get(&format!("{TICKETS}catalogue")).expect(200).json();
    let names = |list: &Value| list.as_array().unwrap().iter().map(|it| text(&it["name"])).collect::<Vec<_>>();
    assert_eq!(names(&catalogue["departments"]), ["IT Department", "Asset Department", "Budget Department"]);
    let categories = ["IT Support", "Asset Check In", "Asset Check Out", "New Budget Proposal", "Others"];
    assert_eq!(names(&catalogue["categories"]), categories);
    assert!(names(&catalogue["categories"][0]["sub_categories"]).contains(&"Hardware Troubleshooting".to_owned()));
    assert_eq!(catalogue["priorities"], json!(["Critical", "High", "Medium", "Low"]));
}

fn submits_with_a_file(host: &Host, employee: &Client) -> String {
    let fields = [
        ("subject", "The laptop is broken"),
        ("description", "It does not start, and it smells."),
        ("category", "it support"),
        ("sub_category", "Hardware Troubleshooting"),
        ("device_type", "Laptop"),
    ];
    let content = document();
    let file = Upload { name: "C:\\scans\\bill \u{fc}.pdf", media_type: "application/pdf", content: &content };
    let answer = employee.post_form(TICKETS, &fields, &[file]).expect(201);
    let ticket = answer.json();
    let number = text(&ticket["number"]);
    assert!(number.len() == 16 && number.starts_with("TX"), "{number}");
    assert!(number.chars().skip(2).all(|c| c.is_ascii_digit()), "{number}");
    assert_eq!(answer.header("location"), format!("{TICKETS}{number}"));
    assert!(!answer.header("etag").is_empty());
    let expected = json!({ "status": "New", "category": "IT Support", "sub_category": "Hardware Troubleshooting" });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&ticket[field], value, "{field}");
    }
    assert_eq!(ticket["requester"]["email"], person(host, Role::Employee).email);
    assert_eq!(ticket["details"]["device_type"], "Laptop");
    let file = &ticket["attachments"][0];
    assert_eq!((&file["file_name"], &file["file_type"]), (&json!("bill \u{fc}.pdf"), &json!("application/pdf")));
    assert_eq!(file["file_size"], content.len());
    number
}

/// The ticket in the lists, opened, and with its file, by those who may; nobody else finds any of it.
fn finds_it(employee: &Client, coordinator: &Client, number: &str) {
    let list = employee.get(TICKETS).expect(200).json();
    assert_eq!((&list["total"], &list["items"][0]["number"]), (&json!(1), &json!(number)));
    let new = coordinator.get(&format!("{TICKETS}?status=New")).expect(200).json();
    assert!(new["items"].as_array().unwrap().iter().any(|line| line["number"] == number), "{new}");
    assert_eq!(coordinator.get(&format!("{TICKETS}?status=Open")).expect(200).json()["total"], 0);

    let content = document();
    for client in [employee, coordinator] {
        let ticket = client.get(&format!("{TICKETS}{number}")).expect(200).json();
        assert_eq!(ticket["subject"], "The laptop is broken");
        assert_eq!(ticket["events"].as_array().unwrap().len(), 1, "{ticket}");
        let file = client.get(&text(&ticket["attachments"][0]["url"])).expect(200);
        assert!(file.body == content, "the file came back as it was sent");
        comes_as_a_download(&file);
    }
}

fn comes_as_a_download(file: &Answer) {
    assert_eq!(file.header("content-type"), "application/pdf");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    let disposition = file.header("content-disposition");
    assert!(disposition.starts_with("attachment;") && disposition.contains("bill%20%C3%BC.pdf"), "{disposition}");
}

fn approves_once(coordinator: &Client, number: &str) {
    let ticket = approve(coordinator, number).expect(200).json();
    let now = ["status", "priority", "department"].map(|field| text(&ticket[field]));
    assert_eq!(now, ["Open", "High", "IT Department"]);
    let refusal = problem(approve(coordinator, number), 409);
    assert_eq!(refusal["current_status"], "Open");
    assert_eq!(refusal["allowed"], json!(["In Progress", "On Hold", "Withdrawn"]));
    let log = coordinator.get(&format!("{TICKETS}{number}")).expect(200).json()["events"].clone();
    assert_eq!(log.as_array().unwrap().len(), 2, "{log}");
}

fn has_one_mail(host: &Host, number: &str) {
    let mails = mails(host, number);
    assert_eq!(mails.len(), 1, "{mails:?}");
    let address = person(host, Role::Employee).email;
    assert!(mails[0].lines().any(|line| line.starts_with("To:") && line.contains(&address)), "{}", mails[0]);
    assert!(mails[0].contains(&format!("/ticket/{number}")), "{}", mails[0]);
    assert_eq!(super::files(&host.state().join("mail/.keys")), 1, "no other mail went out");
}

fn marks_it_read(employee: &Client, told: &Value) {
    let unread = || employee.get(&format!("{INBOX}unread-count")).expect(200).json()["count"].clone();
    assert_eq!((&told["type"], &told["is_read"]), (&json!("task_status_update"), &json!(false)));
    assert_eq!(unread(), 2);
    let mark = || employee.post(&format!("{INBOX}{}/read", text(&told["id"])), &json!({})).expect(200).json();
    let marked = mark();
    assert_eq!(mark(), marked, "it was read the first time");
    assert_eq!(unread(), 1);
    let read = employee.get(&format!("{INBOX}?read=true")).expect(200).json();
    assert_eq!((&read["total"], &read["items"][0]["id"]), (&json!(1), &told["id"]));
    assert_eq!(employee.post(&format!("{INBOX}read-all"), &json!({})).expect(200).json(), json!({ "count": 1 }));
    assert_eq!(unread(), 0);
}

super::on_postgres! {
    a_log_in_gives_cookies_that_no_script_can_read_and_no_token_in_the_body,
    a_submitted_ticket_is_approved_and_its_requester_told_once,
}

super::on_broker! {
    a_submitted_ticket_is_approved_and_its_requester_told_once,
}

super::on_servers! {
    a_log_in_gives_cookies_that_no_script_can_read_and_no_token_in_the_body,
    a_submitted_ticket_is_approved_and_its_requester_told_once,
}
