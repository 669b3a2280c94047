//! What may happen on the way besides the way itself: nobody there, no workflow, second thoughts, time that passes,
//! two hands at once, messages of tomorrow.

use rusqlite::Connection;
use serde_json::{Value, json};
use tests::client::{Answer, Client};
use tests::host::Host;
use tests::operator::Operator;
use tests::people::{Person, Role, everybody, sign_in};
use tests::powers::until;
use ureq::SendBody;

use super::{TICKETS, entries, host, problem, text};

const WORKFLOWS: &str = "/api/v1/workflows/";
const PEOPLE: &str = "/api/v1/auth/";

/// A kind of ticket: category, sub-category, department.
type Kind = (&'static str, &'static str, &'static str);

/// Three steps: Triage by an administrator, Resolve by an asset manager, Finalize by an administrator.
const CHECK_IN: Kind = ("Asset Check In", "Check In", "Asset Department");
/// One step, by an agent.
const ACCESS: Kind = ("IT Support", "Access Request", "IT Department");
/// For this nobody drew a workflow.
const ODD: Kind = ("New Budget Proposal", "Reimbursement Claim (Liabilities)", "IT Department");

/// The people of these tests.
struct Cast {
    host: Host,
    employee: Client,
    coordinator: Client,
    superuser: Client,
    people: Vec<Person>,
}

impl Cast {
    fn new() -> Self {
        let host = host();
        let [employee, coordinator, superuser] =
            [Role::Employee, Role::Coordinator, Role::Superuser].map(|role| sign_in(&host, role));
        let cast = Self { people: everybody(&host), host, employee, coordinator, superuser };
        until("the workflows know everybody", || {
            let roles = cast.superuser.get(&format!("{WORKFLOWS}roles")).expect(200).json();
            let names = ["Admin", "Agent", "Asset Manager", "Ticket Coordinator"];
            let staffed = |name: &str| {
                let roles = roles["items"].as_array().unwrap().iter();
                roles.filter(|role| role["name"] == name).any(|role| role["members"].as_array().unwrap().len() > 1)
            };
            names.iter().all(|name| staffed(name))
        });
        cast
    }

    /// Somebody by their name, signed in.
    fn named(&self, name: &str) -> Client {
        let address = format!("{}@", name.to_lowercase().replace(' ', "."));
        let person = self.people.iter().find(|person| person.email.starts_with(&address));
        let person = person.unwrap_or_else(|| panic!("nobody is called {name}"));
        let client = self.host.client();
        let log_in = json!({ "email": person.email, "password": person.password });
        client.post(&format!("{PEOPLE}login"), &log_in).expect(200);
        client
    }

    fn submit(&self, (category, sub_category, _): Kind) -> String {
        let wish = json!({
            "subject": "a detour", "description": "d", "category": category, "sub_category": sub_category,
        });
        text(&self.employee.post(TICKETS, &wish).expect(201).json()["number"])
    }

    fn approve(&self, number: &str, (.., department): Kind) {
        let approval = json!({ "priority": "Critical", "department": department });
        self.coordinator.post(&format!("{TICKETS}{number}/approve"), &approval).expect(200);
    }

    /// A ticket of this kind whose task is assigned: its number, and the task as an administrator sees it.
    fn assigned(&self, kind: Kind) -> (String, Value) {
        let number = self.submit(kind);
        self.approve(&number, kind);
        until("there is a task", || self.task(&number).status == 200);
        let view = self.task(&number).json();
        (number, view)
    }

    fn task(&self, number: &str) -> Answer {
        self.superuser.get(&format!("{WORKFLOWS}tasks/by-ticket/{number}"))
    }

    fn status(&self, number: &str) -> String {
        text(&self.employee.get(&format!("{TICKETS}{number}")).expect(200).json()["status"])
    }

    /// Whoever holds the task acts on it.
    fn act(&self, view: &Value, action: &str) -> Answer {
        let holder = self.named(view["item"]["assignee"]["name"].as_str().unwrap());
        act(&holder, view, action)
    }

    /// Switches somebody's roles in the tracking system off or on.
    fn employ(&self, role: &str, is_active: bool) {
        let path = format!("{PEOPLE}assignments?system=tts&role={role}&per_page=100");
        let rows = self.superuser.get(&path).expect(200).json();
        let rows = rows["items"].as_array().unwrap();
        assert!(!rows.is_empty(), "nobody was ever {role}");
        for row in rows {
            let path = format!("{PEOPLE}assignments/{}", text(&row["id"]));
            patch(&self.superuser, &path, &json!({ "is_active": is_active })).expect(200);
        }
        until("the workflows know", || {
            let roles = self.superuser.get(&format!("{WORKFLOWS}roles")).expect(200).json();
            let roles = roles["items"].as_array().unwrap().iter();
            let mut members = roles.filter(|it| it["name"] == role.replace("%20", " ")).map(|it| &it["members"]);
            let count = members.next().and_then(Value::as_array).map_or(0, Vec::len);
            count == if is_active { rows.len() } else { 0 }
        });
    }
}

fn patch(client: &Client, path: &str, body: &Value) -> Answer {
    let text = body.to_string();
    client.send("PATCH", path, &[("content-type", "application/json")], ureq::AsSendBody::as_body(&mut text.as_str()))
}

/// The action by its name, or the end of the task where it has none.
fn act(client: &Client, view: &Value, action: &str) -> Answer {
    let actions = view["available_actions"].as_array().unwrap();
    let known = actions.iter().find(|it| it["name"] == action);
    let transition = known.map_or(Value::Null, |it| it["transition_id"].clone());
    let path = format!("{WORKFLOWS}tasks/{}/transition", text(&view["task"]["id"]));
    client.post(&path, &json!({ "transition_id": transition, "notes": "noted" }))
}

#[test]
fn a_ticket_without_a_workflow_waits_for_an_administrator() {
    let cast = Cast::new();
    let number = cast.submit(ODD);
    cast.approve(&number, ODD);
    let waiting = || {
        let page = cast.superuser.get(&format!("{WORKFLOWS}tasks/unassigned?search={number}")).expect(200).json();
        page["items"].as_array().unwrap().clone()
    };
    until("it waits", || !waiting().is_empty());
    assert_eq!(waiting()[0]["reason"], "no_workflow");
    let admin = cast.named("Tomas Verhage");
    until("an administrator is told", || !entries(&admin, &number).is_empty());
    assert_eq!(cast.status(&number), "Open");

    let workflows = admin.get(WORKFLOWS).expect(200).json();
    let workflows = workflows["items"].as_array().unwrap();
    let choice = |name: &str| {
        let found = workflows.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{workflows:?}"));
        json!({ "ticket_number": number, "workflow_id": found["id"] })
    };
    let published = workflows.iter().find(|it| it["status"] == "published" && it["category"] == "Asset Check In");
    let choice = choice(published.expect("one is published")["name"].as_str().unwrap());
    let path = format!("{WORKFLOWS}tasks/assign");
    problem(cast.named("Oskar Lindqvest").post(&path, &choice), 403);
    let view = admin.post(&path, &choice).expect(201).json();
    assert_eq!((&view["task"]["state"], &view["item"]["state"]), (&json!("pending"), &json!("new")));
    assert!(view["task"]["owner"].is_object(), "{view}");
    problem(admin.post(&path, &choice), 409);
    assert!(waiting().is_empty());
}

#[test]
fn nobody_for_the_next_step_leaves_everything_as_it_was() {
    let cast = Cast::new();
    let (number, view) = cast.assigned(CHECK_IN);
    cast.employ("Asset%20Manager", false);
    let log = || {
        let path = format!("{WORKFLOWS}tasks/{}/log", text(&view["task"]["id"]));
        cast.superuser.get(&path).expect(200).json()
    };
    let before = (log(), cast.task(&number).json()["task"].clone(), cast.status(&number));
    let refusal = cast.act(&view, "Submit").expect(503);
    assert_eq!(refusal.header("content-type"), "application/problem+json");
    assert!(refusal.text().contains("Asset Manager"), "it names the role: {}", refusal.text());
    assert_eq!((log(), cast.task(&number).json()["task"].clone(), cast.status(&number)), before);
    cast.employ("Asset%20Manager", true);
    cast.act(&view, "Submit").expect(200);
}

#[test]
fn a_withdrawn_ticket_takes_its_task_with_it() {
    let cast = Cast::new();
    let (number, view) = cast.assigned(CHECK_IN);
    let holder = cast.named(view["item"]["assignee"]["name"].as_str().unwrap());
    let start = format!("{WORKFLOWS}tasks/items/{}/start", text(&view["item"]["id"]));
    holder.post(&start, &json!({})).expect(200);
    problem(holder.post(&start, &json!({})), 409);
    until("the ticket is in progress", || cast.status(&number) == "In Progress");

    let path = format!("{TICKETS}{number}/withdraw");
    super::invalid(cast.employee.post(&path, &json!({ "reason": " " })), &["reason"]);
    problem(cast.coordinator.post(&path, &json!({ "reason": "not mine" })), 403);
    cast.employee.post(&path, &json!({ "reason": "found it" })).expect(200);
    let again = problem(cast.employee.post(&path, &json!({ "reason": "found it" })), 409);
    assert_eq!((&again["current_status"], &again["allowed"]), (&json!("Withdrawn"), &json!([])));

    until("the task is cancelled", || cast.task(&number).json()["task"]["state"] == "cancelled");
    assert_eq!(cast.task(&number).json()["item"]["state"], "cancelled");
    problem(act(&holder, &view, "Submit"), 409);
    until("who worked on it is told", || entries(&holder, &number).len() > 1);
}

#[test]
fn of_two_hands_at_once_one_moves_the_task() {
    let cast = Cast::new();
    let (number, view) = cast.assigned(CHECK_IN);
    let holder = cast.named(view["item"]["assignee"]["name"].as_str().unwrap());
    let hands: Vec<_> = (0..4).map(|_| (holder.copy(), view.clone())).collect();
    let mut answers: Vec<u16> = std::thread::scope(|scope| {
        let moving: Vec<_> =
            hands.iter().map(|(hand, view)| scope.spawn(|| act(hand, view, "Submit").status)).collect();
        moving.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    answers.sort_unstable();
    assert_eq!(answers[0], 200, "{answers:?}");
    assert!(answers[1..].iter().all(|status| [403, 409].contains(status)), "{answers:?}");
    let log = cast.superuser.get(&format!("{WORKFLOWS}tasks/{}/log", text(&view["task"]["id"]))).expect(200).json();
    assert_eq!(log["items"].as_array().unwrap().len(), 2, "{number}: {log}");
}

#[test]
fn a_resolved_ticket_is_reopened_or_closes_by_itself() {
    let cast = Cast::new();
    let resolve = |number: &str| {
        let view = cast.task(number).json();
        cast.act(&view, "the end").expect(200);
        until("it is resolved", || cast.status(number) == "Resolved");
    };
    let (reopened, first) = cast.assigned(ACCESS);
    let (left, _) = cast.assigned(ACCESS);
    resolve(&reopened);
    resolve(&left);
    let path = format!("{TICKETS}{reopened}/reopen");
    cast.employee.post(&path, &json!({ "reason": "it is broken again" })).expect(200);
    until("there is a new task", || cast.task(&reopened).json()["task"]["id"] != first["task"]["id"]);
    assert_eq!(cast.status(&reopened), "Open");

    // 72 hours and the next full hour.
    cast.host.advance_clock(73 * 3600);
    let employee = sign_in(&cast.host, Role::Employee);
    let status = |number: &str| employee.get(&format!("{TICKETS}{number}")).expect(200).json()["status"].clone();
    until("it is closed", || status(&left) == "Closed");
    assert_eq!(status(&reopened), "Open", "only what is resolved closes");
    let late = employee.post(&format!("{TICKETS}{left}/reopen"), &json!({ "reason": "too late" }));
    problem(late, 409);
}

/// The message is put where a later version of a service would have put it.
#[test]
fn a_message_that_nobody_understands_is_dead_and_the_next_is_handled() {
    let cast = Cast::new();
    let database = Connection::open(cast.host.state().join("sql/ticket.db")).unwrap();
    let insert = "insert into wharf_outbox (id, component, topic, subject, content_type, body, group_key, priority, \
                  delay_ms, created_us) values (?1, 'tickets', ?2, 'x', 'application/json', ?3, null, 4, 0, 0)";
    let version = br#"{"version":99}"#.to_vec();
    database.execute(insert, ("tomorrow", "ticket.approved", version)).unwrap();
    database.execute(insert, ("unheard", "ticket.unheard_of", b"{}".to_vec())).unwrap();
    drop(database);

    let (number, _) = cast.assigned(ACCESS);
    let operator = Operator::of(&cast.host.state());
    let dead = |queue: &str| operator.run(&["queue", "peek", queue]).expect(0).out;
    for queue in ["workflow-worker", "notification-worker", "comments"] {
        until("both are dead", || dead(queue).contains("tomorrow") && dead(queue).contains("unheard"));
    }
    assert!(dead("workflow-worker").contains("99"), "the reason names the version: {}", dead("workflow-worker"));
    until("the next was handled", || !entries(&cast.employee, &number).is_empty());
}

#[test]
fn a_code_is_asked_for_where_somebody_wants_it_so() {
    let host = host();
    let who = tests::people::person(&host, Role::WithCodes);
    let log_in = json!({ "email": who.email, "password": who.password });
    let client = host.client();
    let challenge = |client: &Client| {
        let answer = client.post(&format!("{PEOPLE}login"), &log_in).expect(200);
        assert!(answer.headers.get("set-cookie").is_none(), "nobody is signed in yet");
        assert_eq!(answer.json()["otp_required"], true, "{}", answer.text());
        text(&answer.json()["challenge"])
    };
    let first = challenge(&client);
    let bearer =
        client.send("GET", &format!("{PEOPLE}me"), &[("authorization", &format!("Bearer {first}"))], SendBody::none());
    problem(bearer, 401);
    let try_code = |challenge: &str, code: &str| {
        client.post(&format!("{PEOPLE}login/otp"), &json!({ "challenge": challenge, "otp_code": code }))
    };
    let right = code(&host, &who.email, 1);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..3 {
        problem(try_code(&first, wrong), 401);
    }
    problem(try_code(&first, &right), 401);

    let second = challenge(&client);
    let newest = code(&host, &who.email, 2);
    try_code(&second, &newest).expect(200);
    client.get(&format!("{PEOPLE}me")).expect(200);
    problem(try_code(&second, &newest), 401);
    assert!(!host.log().contains(&newest), "the code is in no log");
}

/// The code in the mail to somebody that is the `nth` of its kind; mails go out after the answer.
fn code(host: &Host, address: &str, nth: usize) -> String {
    let letters = || {
        let folder = std::fs::read_dir(host.state().join("mail")).unwrap().map(|entry| entry.unwrap().path());
        let mails = folder.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
        let mut mails: Vec<_> = mails.map(|path| (path.metadata().unwrap().modified().unwrap(), path)).collect();
        mails.sort();
        let texts = mails.into_iter().map(|(_, path)| std::fs::read_to_string(path).unwrap());
        texts.filter(|text| text.contains(address)).filter_map(|text| six_digits(&text)).collect::<Vec<_>>()
    };
    until("the mail is there", || host.admin().get("/livez").status == 200 && letters().len() >= nth);
    letters().swap_remove(nth - 1)
}

fn six_digits(mail: &str) -> Option<String> {
    let body = mail.split_once("\r\n\r\n").or_else(|| mail.split_once("\n\n"))?.1;
    body.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6).map(str::to_owned)
}
