//! What a mistake in a request gets: which status, which fields named, and nothing changed.

use serde_json::{Value, json};
use tests::client::{Answer, Client, Upload};
use tests::people::{Role, sign_in};
use tests::powers::until;
use ureq::{AsSendBody, SendBody};

use super::{INBOX, TICKETS, approve, entries, host, invalid, problem, submit, text, wish};

const LOG_IN: &str = "/api/v1/auth/login";
/// A JSON document may have 256 KiB.
const JSON_MAX: usize = 256 * 1024;

fn post_as(client: &Client, path: &str, content_type: &str, mut body: &str) -> Answer {
    client.send("POST", path, &[("content-type", content_type)], body.as_body())
}

/// What every route that takes a JSON document does with what is none.
fn refuses_what_is_no_json(client: &Client, path: &str) {
    for broken in ["{", "", "{\"a\":}", "{\"a\":\"\u{1}\"}"] {
        problem(post_as(client, path, "application/json", broken), 400);
    }
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"] {
        problem(post_as(client, path, content_type, "{}"), 415);
    }
    problem(client.send("POST", path, &[], "{}".as_bytes().as_body()), 415);
    problem(post_as(client, path, "application/json", "[]"), 422);
    problem(post_as(client, path, "application/json", "\"text\""), 422);
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(JSON_MAX));
    problem(post_as(client, path, "application/json", &long), 413);
}

#[test]
fn a_log_in_that_cannot_be_one_is_told_why() {
    let host = host();
    let client = host.client();
    refuses_what_is_no_json(&client, LOG_IN);
    let log_in = |body: Value| client.post(LOG_IN, &body);
    invalid(log_in(json!({})), &["email"]);
    invalid(log_in(json!({ "email": "a@example.org" })), &["password"]);
    invalid(log_in(json!({ "email": 5, "password": "x" })), &["email"]);
    invalid(log_in(json!({ "email": "a@example.org", "password": ["x"] })), &["password"]);
    invalid(log_in(json!({ "email": "nobody", "password": "" })), &["email", "password"]);
    invalid(log_in(json!({ "email": "a@example.org", "password": "x".repeat(129) })), &["password"]);
    invalid(log_in(json!({ "email": format!("{}@example.org", "a".repeat(250)), "password": "x" })), &["email"]);
    assert_eq!(client.cookies(), "");
}

#[test]
fn a_submission_names_every_field_that_is_wrong_and_leaves_nothing() {
    let host = host();
    let client = sign_in(&host, Role::Employee);
    refuses_what_is_no_json(&client, TICKETS);
    let with = |field: &str, value: Value| {
        let mut wish = wish("a subject");
        wish[field] = value;
        client.post(TICKETS, &wish)
    };
    invalid(client.post(TICKETS, &json!({})), &["subject", "description", "category"]);
    invalid(with("subject", json!(" ")), &["subject"]);
    invalid(with("subject", json!("x".repeat(256))), &["subject"]);
    invalid(with("subject", json!(["x"])), &["subject"]);
    invalid(with("subject", json!("a\u{0}b")), &["subject"]);
    invalid(with("description", json!("x".repeat(20_001))), &["description"]);
    invalid(with("category", json!("Boats")), &["category"]);
    invalid(with("sub_category", json!("Check In")), &["sub_category"]);
    invalid(with("scheduled_date", json!("2026-02-30")), &["scheduled_date"]);
    invalid(with("device_type", json!("Boat")), &["device_type"]);
    for reserved in ["id", "number", "status", "priority", "department", "requester"] {
        invalid(with(reserved, json!("High")), &[reserved]);
    }
    let budget = json!({
        "subject": "s", "description": "d", "category": "New Budget Proposal", "fiscal_year": "soon",
        "requested_budget": "1.234", "cost_items": "[{\"amount\": 1}]", "performance_start_date": "tomorrow",
    });
    let fields = ["fiscal_year", "requested_budget", "cost_items", "performance_start_date"];
    invalid(client.post(TICKETS, &budget), &fields);
    let form = client.post_form(TICKETS, &[("subject", "a form"), ("category", "Boats")], &[]);
    invalid(form, &["description", "category"]);
    assert_eq!(client.get(TICKETS).expect(200).json()["total"], 0);
    assert_eq!(sign_in(&host, Role::Coordinator).get(INBOX).expect(200).json()["total"], 0, "nobody was told");
}

#[test]
fn an_approval_that_is_wrong_changes_nothing() {
    let host = host();
    let (employee, coordinator) = (sign_in(&host, Role::Employee), sign_in(&host, Role::Coordinator));
    let number = submit(&employee, "waits");
    let path = format!("{TICKETS}{number}/approve");
    refuses_what_is_no_json(&coordinator, &path);
    let approve_with = |body: Value| coordinator.post(&path, &body);
    invalid(approve_with(json!({})), &["priority", "department"]);
    invalid(approve_with(json!({ "priority": "Urgent", "department": "IT Department" })), &["priority"]);
    invalid(approve_with(json!({ "priority": "High", "department": "Sea" })), &["department"]);
    invalid(approve_with(json!({ "priority": 1, "department": "Sea" })), &["priority"]);
    let wordy = json!({ "priority": "High", "department": "it", "approval_notes": "x".repeat(10_000) });
    invalid(approve_with(wordy), &["approval_notes"]);
    let stale = [("content-type", "application/json"), ("if-match", "\"9\"")];
    let approval = json!({ "priority": "High", "department": "it" }).to_string();
    problem(coordinator.send("POST", &path, &stale, approval.as_str().as_body()), 409);
    problem(approve(&coordinator, "TX20200101000001"), 404);
    let ticket = employee.get(&format!("{TICKETS}{number}")).expect(200).json();
    assert_eq!((&ticket["status"], &ticket["version"], &ticket["priority"]), (&json!("New"), &json!(1), &Value::Null));
    assert_eq!(ticket["events"].as_array().unwrap().len(), 1);
    approve(&coordinator, &number).expect(200);
}

#[test]
fn a_page_that_cannot_be_is_refused_field_by_field() {
    let host = host();
    let client = sign_in(&host, Role::Employee);
    let long = "x".repeat(101);
    let tickets: [(&str, &[&str]); 13] = [
        ("page=0", &["page"]),
        ("page=-1", &["page"]),
        ("page=two", &["page"]),
        ("page=10001", &["page"]),
        ("page=99999999999999999999", &["page"]),
        ("per_page=0", &["per_page"]),
        ("per_page=101", &["per_page"]),
        ("status=Done", &["status"]),
        ("priority=Urgent", &["priority"]),
        ("category=Boats", &["category"]),
        ("department=Sea", &["department"]),
        ("search=a%00b", &["search"]),
        ("page=0&per_page=x&status=Done&priority=1&search=fine", &["page", "per_page", "status", "priority"]),
    ];
    for (query, fields) in tickets {
        invalid(client.get(&format!("{TICKETS}?{query}")), fields);
    }
    invalid(client.get(&format!("{TICKETS}?search={long}")), &["search"]);
    let inbox: [(&str, &[&str]); 5] = [
        ("page=0", &["page"]),
        ("page=x", &["page"]),
        ("read=maybe", &["read"]),
        ("ticket=a%00b", &["ticket"]),
        ("read=2&page=0", &["read", "page"]),
    ];
    for (query, fields) in inbox {
        invalid(client.get(&format!("{INBOX}?{query}")), fields);
    }
    invalid(client.get(&format!("{INBOX}?type={long}")), &["type"]);
    for harmless in ["", "status=", "page=10000", "search=%25_'%22;--", "unknown=1"] {
        assert_eq!(client.get(&format!("{TICKETS}?{harmless}")).expect(200).json()["total"], 0, "{harmless}");
    }
}

/// What does not exist and what is somebody else's get the same answer.
#[test]
fn what_is_not_there_and_what_is_not_ones_own_is_404_alike() {
    let host = host();
    let (employee, colleague) = (sign_in(&host, Role::Employee), sign_in(&host, Role::Colleague));
    let coordinator = sign_in(&host, Role::Coordinator);
    let fields = [("subject", "mine"), ("description", "d"), ("category", "Others")];
    let file = Upload { name: "note.txt", media_type: "text/plain", content: b"mine" };
    let ticket = employee.post_form(TICKETS, &fields, &[file]).expect(201).json();
    let (number, own) = (text(&ticket["number"]), text(&ticket["attachments"][0]["url"]));
    let other = submit(&employee, "another");
    let file_id = own.rsplit('/').next().unwrap();

    let nowhere = "0193f3a0-0000-7000-8000-000000000000";
    let missing = text(&problem(colleague.get(&format!("{TICKETS}TX20200101000001")), 404)["detail"]);
    let foreign = text(&problem(colleague.get(&format!("{TICKETS}{number}")), 404)["detail"]);
    assert_eq!(missing, foreign);
    for path in [format!("{number}/attachments"), format!("{number}/attachments/{file_id}")] {
        problem(colleague.get(&format!("{TICKETS}{path}")), 404);
    }
    for path in ["TX1", "1", "TX20200101000001", "TX2020010100000x", "%FF", "%00", "..", "TX20200101000001/attachments"]
    {
        problem(employee.get(&format!("{TICKETS}{path}")), 404);
    }
    for id in [nowhere, "1", "%FF", file_id] {
        problem(employee.get(&format!("{TICKETS}{other}/attachments/{id}")), 404);
    }
    employee.get(&own).expect(200);

    until("the coordinator is told", || !entries(&coordinator, &number).is_empty());
    let entry = text(&entries(&coordinator, &number)[0]["id"]);
    for id in [nowhere, "1", "%FF", entry.as_str()] {
        problem(employee.post(&format!("{INBOX}{id}/read"), &json!({})), 404);
    }
    assert_eq!(entries(&coordinator, &number)[0]["is_read"], false, "somebody else cannot mark it");

    for path in
        ["/nothing", "/api/v1/", "/api/v1/nothing", "/api/v1/auth/nothing", "/api/v1/notifications/nothing/else"]
    {
        problem(employee.get(path), 404);
    }
    for (method, path) in [("DELETE", TICKETS), ("PUT", INBOX), ("GET", LOG_IN), ("POST", "/api/v1/auth/me")] {
        let answer = employee.send(method, path, &[], SendBody::none());
        assert!(!answer.header("allow").is_empty(), "{method} {path} says what is allowed");
        problem(answer, 405);
    }
}

#[test]
fn who_may_not_do_it_is_told_so_before_the_input_is_read() {
    let host = host();
    let agent = sign_in(&host, Role::Agent);
    let employee = sign_in(&host, Role::Employee);
    let number = submit(&employee, "mine");
    problem(post_as(&agent, TICKETS, "text/plain", "{"), 403);
    problem(post_as(&employee, &format!("{TICKETS}{number}/approve"), "text/plain", "{"), 403);
    problem(post_as(&host.client(), TICKETS, "text/plain", "{"), 401);
    assert_eq!(agent.get(TICKETS).expect(200).json()["total"], 0, "an agent sees no ticket of others");
}

super::on_postgres! {
    a_log_in_that_cannot_be_one_is_told_why,
    a_submission_names_every_field_that_is_wrong_and_leaves_nothing,
    an_approval_that_is_wrong_changes_nothing,
    a_page_that_cannot_be_is_refused_field_by_field,
    what_is_not_there_and_what_is_not_ones_own_is_404_alike,
    who_may_not_do_it_is_told_so_before_the_input_is_read,
}
