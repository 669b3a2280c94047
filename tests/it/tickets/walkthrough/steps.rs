//! What the people do, one step after the other. Each begins with [`Journey::step`]; within it the power may go.

use serde_json::{Value, json};
use tests::client::{Upload, form};

use super::super::{INBOX, TICKETS, text};
use super::journey::Journey;
use super::journey::Who::{self, Clara, Luca, Marit, Noor, Oskar, Yara};

pub(super) const WORKFLOWS: &str = "/api/v1/workflows/";
pub(super) const COMMENTS: &str = "/api/v1/comments/";
const PEOPLE: &str = "/api/v1/auth/";

pub(super) const SUBJECT: &str = "Laptop comes back";

/// The steps of [`all`].
pub(super) const COUNT: usize = 30;

/// Seconds that the first three assignments may take: 0.2, 0.6 and 0.2 of eight hours.
const TRIAGE_S: i64 = 5_760;
const RESOLVE_S: i64 = 17_280;
const WHOLE_S: i64 = 28_800;

/// All of it.
pub(super) fn all(journey: &mut Journey) {
    leaves_one_administrator(journey);
    submits(journey);
    coordinators_are_told(journey);
    approves(journey);
    work_is_assigned(journey);
    starts(journey);
    talk(journey);
    hands_on(journey);
    time_passes(journey);
    escalates_and_transfers(journey);
    goes_back_and_forth(journey);
    finishes(journey);
    closes_and_rates(journey);
    journey.finish_cut();
    assert_eq!(journey.steps(), COUNT, "every step may be cut");
}

// === the stage ===

/// The other two who administer the tracking system drop out: one loses the role, the other the account.
fn leaves_one_administrator(journey: &mut Journey) {
    journey.step();
    let find = |journey: &mut Journey, name: &str| {
        let found = journey.read(Marit, &format!("{PEOPLE}users?search={name}"));
        found["items"][0].clone()
    };
    let tomas = text(&find(journey, "Verhage")["id"]);
    let assignments = journey.read(Marit, &format!("{PEOPLE}assignments?system=tts&role=Admin&per_page=100"));
    let of_tomas = assignments["items"].as_array().unwrap().iter().find(|row| row["user"]["id"] == tomas);
    let path = format!("{PEOPLE}assignments/{}", text(&of_tomas.expect("he is one")["id"]));
    let off = json!({ "is_active": false });
    journey.act(Marit, ("PATCH", &path, &off), 200, |_| false);

    journey.step();
    let path = format!("{PEOPLE}users/{}", text(&find(journey, "Quintal")["id"]));
    journey.act(Marit, ("PATCH", &path, &off), 200, |_| false);

    journey.step();
    journey.until("one administrator is left for the workflows", |journey| {
        let roles = journey.read(Marit, &format!("{WORKFLOWS}roles"));
        let admins = roles["items"].as_array().unwrap().iter();
        let admins = admins.filter(|role| role["system"] == "tts" && role["name"] == "Admin").collect::<Vec<_>>();
        let members = admins.first().and_then(|role| role["members"].as_array()).map_or(0, Vec::len);
        let managers = roles["items"].as_array().unwrap().iter().filter(|role| role["name"] == "Asset Manager");
        members == 1 && managers.filter_map(|role| role["members"].as_array()).map(Vec::len).sum::<usize>() == 2
    });
}

// === the ticket ===

fn submits(journey: &mut Journey) {
    journey.step();
    let catalogue = journey.read(Noor, &format!("{TICKETS}catalogue"));
    assert!(catalogue["categories"].as_array().unwrap().iter().any(|it| it["name"] == "Asset Check In"));
    let fields = [
        ("subject", SUBJECT),
        ("category", "Asset Check In"),
        ("sub_category", "Check In"),
        ("description", "I have a new one."),
        ("asset_name", "Laptop 14"),
        ("serial_number", "SN-0042"),
    ];
    let pdf = Upload { name: "handover.pdf", media_type: "application/pdf", content: b"%PDF-1.7\nhandover\n%%EOF\n" };
    let has_it = |journey: &mut Journey| journey.read(Noor, TICKETS)["total"] != 0;
    journey.submit(Noor, TICKETS, &form(&fields, &[pdf]), has_it);
    let list = journey.read(Noor, TICKETS);
    assert_eq!(list["total"], 1, "{list}");
    journey.number = text(&list["items"][0]["number"]);
    let ticket = ticket(journey, Noor);
    assert_eq!((&ticket["status"], ticket["attachments"].as_array().unwrap().len()), (&json!("New"), 1));

    journey.step();
    let path = format!("{TICKETS}{}", journey.number);
    assert_eq!(journey.get(Luca, &path).status, 404, "somebody else's ticket");
    assert_eq!(journey.get(Oskar, &path).status, 404, "not theirs yet");
}

pub(super) fn ticket(journey: &mut Journey, who: Who) -> Value {
    let path = format!("{TICKETS}{}", journey.number);
    journey.read(who, &path)
}

/// Entries about the ticket in somebody's inbox, of one type.
pub(super) fn told(journey: &mut Journey, who: Who, kind: &str) -> Vec<Value> {
    let path = format!("{INBOX}?ticket={}&type={kind}", journey.number);
    let page = journey.read(who, &path);
    page["items"].as_array().unwrap_or_else(|| panic!("no page: {page}")).clone()
}

fn until_told(journey: &mut Journey, who: Who, kind: &str, times: usize) {
    journey.until(&format!("{who:?} has {times} {kind}"), |journey| told(journey, who, kind).len() >= times);
}

fn coordinators_are_told(journey: &mut Journey) {
    journey.step();
    until_told(journey, Clara, "system", 1);
    let new = journey.read(Clara, &format!("{TICKETS}?status=New"));
    assert!(new["items"].as_array().unwrap().iter().any(|line| line["number"] == *journey.number));
}

fn approves(journey: &mut Journey) {
    journey.step();
    let path = format!("{TICKETS}{}/approve", journey.number);
    let approval = json!({ "priority": "High", "department": "Asset Department", "approval_notes": "go" });
    let is_open = |journey: &mut Journey| ticket(journey, Clara)["status"] != "New";
    journey.act(Clara, ("POST", &path, &approval), 200, is_open);
    let again = journey.refused(Clara, "POST", &path, &approval).expect(409).json();
    assert!(again["current_status"].is_string() && again["allowed"].is_array(), "{again}");
}

// === the work ===

/// The task as somebody sees it who may.
pub(super) fn task(journey: &mut Journey, who: Who) -> Value {
    let path = format!("{WORKFLOWS}tasks/by-ticket/{}", journey.number);
    journey.read(who, &path)
}

fn has_task(journey: &mut Journey, who: Who) -> bool {
    let path = format!("{WORKFLOWS}tasks/by-ticket/{}", journey.number);
    journey.get(who, &path).status == 200
}

/// Seconds between two moments of a document.
fn seconds(from: &Value, until: &Value) -> i64 {
    let moment = |value: &Value| text(value).parse::<jiff::Timestamp>().unwrap();
    moment(until).as_second() - moment(from).as_second()
}

fn work_is_assigned(journey: &mut Journey) {
    journey.step();
    journey.until("there is a task", |journey| has_task(journey, Marit));
    let view = task(journey, Marit);
    let (task, item) = (&view["task"], &view["item"]);
    assert_eq!((&task["state"], &task["version"]), (&json!("pending"), &json!(1)), "{view}");
    assert_eq!(task["current_step"]["name"], "Triage");
    assert_eq!(task["owner"]["name"], "Clara Fontane");
    assert_eq!(seconds(&task["started_at"], &task["due_at"]), WHOLE_S);
    assert_eq!((&item["state"], &item["origin"]), (&json!("new"), &json!("System")));
    assert_eq!(item["assignee"]["name"], "Marit Solheim");
    assert_eq!(seconds(&item["assigned_at"], &item["due_at"]), TRIAGE_S);
    assert_eq!((&view["can_act"], &view["available_actions"][0]["name"]), (&json!(true), &json!("Submit")));

    journey.step();
    until_told(journey, Marit, "task_assignment", 1);
    until_told(journey, Clara, "task_assignment", 1);
    let unread = journey.read(Marit, &format!("{INBOX}unread-count"));
    assert!(unread["count"].as_u64().unwrap() >= 1, "{unread}");
    assert_eq!(journey.get(Oskar, &format!("{WORKFLOWS}tasks/by-ticket/{}", journey.number)).status, 404);
}

fn item_id(journey: &mut Journey, who: Who) -> String {
    text(&task(journey, who)["item"]["id"])
}

fn starts(journey: &mut Journey) {
    journey.step();
    let path = format!("{WORKFLOWS}tasks/items/{}/start", item_id(journey, Marit));
    let started = |journey: &mut Journey| task(journey, Marit)["item"]["state"] == "in_progress";
    journey.act(Marit, ("POST", &path, &json!({})), 200, started);
    journey.step();
    journey.until("the ticket is in progress", |journey| ticket(journey, Noor)["status"] == "In Progress");
    until_told(journey, Noor, "task_status_update", 2);
}

fn comments(journey: &mut Journey, who: Who) -> Value {
    let path = format!("{COMMENTS}?ticket={}", journey.number);
    journey.read(who, &path)
}

fn says(journey: &mut Journey, who: Who, content: &str, is_internal: bool) {
    let comment = json!({ "ticket": journey.number, "content": content, "is_internal": is_internal });
    let said = |journey: &mut Journey| comments(journey, who).to_string().contains(content);
    journey.act(who, ("POST", COMMENTS, &comment), 201, said);
}

fn talk(journey: &mut Journey) {
    journey.step();
    says(journey, Marit, "Please bring the charger @noor.haddan", false);
    until_told(journey, Noor, "mention", 1);
    let first = text(&comments(journey, Noor)["items"][0]["id"]);

    journey.step();
    let reply = json!({ "content": "It is in the bag." });
    let path = format!("{COMMENTS}{first}/replies");
    let replied =
        |journey: &mut Journey| !comments(journey, Noor)["items"][0]["replies"].as_array().unwrap().is_empty();
    journey.act(Noor, ("POST", &path, &reply), 201, replied);
    let answer = text(&comments(journey, Noor)["items"][0]["replies"][0]["id"]);
    journey.refused(Noor, "POST", &format!("{COMMENTS}{answer}/replies"), &reply).expect(422);
    until_told(journey, Marit, "comment_added", 1);

    journey.step();
    says(journey, Clara, "The serial number is not on the list.", true);
    let seen = comments(journey, Noor);
    assert_eq!(seen["total"], 1, "an internal comment is nothing to the requester: {seen}");
    assert_eq!(comments(journey, Marit)["total"], 2);
    let internal = json!({ "ticket": journey.number, "content": "between us", "is_internal": true });
    journey.refused(Noor, "POST", COMMENTS, &internal).expect(403);
}

fn action(journey: &mut Journey, who: Who, name: &str) -> Value {
    let view = task(journey, who);
    let actions = view["available_actions"].as_array().unwrap_or_else(|| panic!("no actions: {view}"));
    let action = actions.iter().find(|action| action["name"] == name);
    action.unwrap_or_else(|| panic!("no {name} in {view}"))["transition_id"].clone()
}

fn transition(id: &str) -> String {
    format!("{WORKFLOWS}tasks/{id}/transition")
}

/// Moves the task; it has moved when the open item is another one.
fn moves(journey: &mut Journey, who: Who, name: &str, notes: &str) {
    let view = task(journey, who);
    let (id, item) = (text(&view["task"]["id"]), text(&view["item"]["id"]));
    let path = transition(&id);
    let step = json!({ "transition_id": action(journey, who, name), "notes": notes });
    let moved = |journey: &mut Journey| {
        let log = journey.read(who, &format!("{WORKFLOWS}tasks/{id}/log"));
        log["items"].as_array().unwrap().iter().any(|it| it["id"] == item && it["state"] == "resolved")
    };
    journey.act(who, ("POST", &path, &step), 200, moved);
}

fn hands_on(journey: &mut Journey) {
    journey.step();
    let id = text(&task(journey, Marit)["task"]["id"]);
    let path = transition(&id);
    let submit = action(journey, Marit, "Submit");
    let blank = json!({ "transition_id": submit, "notes": " " });
    let refusal = journey.refused(Marit, "POST", &path, &blank).expect(422).json();
    assert_eq!(refusal["errors"][0]["field"], "notes");
    let noted = json!({ "transition_id": submit, "notes": "complete" });
    journey.refused(Oskar, "POST", &path, &noted).expect(403);
    journey.refused(Noor, "POST", &path, &noted).expect(404);
    let end = json!({ "transition_id": null, "notes": "done" });
    let refusal = journey.refused(Marit, "POST", &path, &end).expect(409).json();
    assert_eq!(refusal["allowed"][0]["name"], "Submit", "{refusal}");

    journey.step();
    moves(journey, Marit, "Submit", "complete");
    let again = journey.refused(Marit, "POST", &path, &noted);
    assert!([403, 409].contains(&again.status), "the same once more: {}", again.text());
    let view = task(journey, Oskar);
    assert_eq!(view["task"]["current_step"]["name"], "Resolve");
    assert_eq!(view["item"]["assignee"]["name"], "Oskar Lindqvest");
    assert_eq!(seconds(&view["item"]["assigned_at"], &view["item"]["due_at"]), RESOLVE_S);

    journey.step();
    until_told(journey, Oskar, "task_assignment", 1);
    until_told(journey, Clara, "workflow_step_change", 1);
    let path = format!("{TICKETS}{}", journey.number);
    journey.until("the ticket is open to who works on it", |journey| journey.get(Oskar, &path).status == 200);
}

/// At 80 and 90 per cent of the time and past its end; each is told once.
fn time_passes(journey: &mut Journey) {
    journey.pass(13_850);
    journey.step();
    until_told(journey, Oskar, "sla_warning", 1);
    journey.pass(1_750);
    journey.step();
    until_told(journey, Oskar, "sla_warning", 2);
    until_told(journey, Clara, "sla_warning", 1);
    journey.pass(1_800);
    journey.step();
    until_told(journey, Oskar, "sla_breach", 1);
    until_told(journey, Clara, "sla_breach", 1);
    until_told(journey, Marit, "sla_breach", 1);
    let view = task(journey, Oskar);
    assert!(view["item"]["breached_at"].is_string(), "{view}");
    assert_eq!(view["can_act"], true, "a breach does not end the work");
}

fn escalates_and_transfers(journey: &mut Journey) {
    journey.step();
    let path = format!("{WORKFLOWS}tasks/items/{}/escalate", item_id(journey, Oskar));
    let reason = json!({ "reason": "The serial number is wrong." });
    journey.refused(Oskar, "POST", &path, &json!({ "reason": "" })).expect(422);
    let escalated = |journey: &mut Journey| task(journey, Marit)["item"]["origin"] == "Escalation";
    journey.act(Oskar, ("POST", &path, &reason), 200, escalated);
    journey.refused(Oskar, "POST", &path, &reason).expect(409);
    let view = task(journey, Marit);
    assert_eq!(view["item"]["step"]["name"], "Resolve");

    journey.step();
    until_told(journey, Oskar, "task_escalation_out", 1);
    until_told(journey, Marit, "task_escalation_in", 1);

    journey.step();
    let path = format!("{WORKFLOWS}tasks/items/{}/transfer", item_id(journey, Marit));
    let roles = journey.read(Marit, &format!("{WORKFLOWS}roles"));
    let members = roles["items"].as_array().unwrap().iter().flat_map(|role| role["members"].as_array().unwrap());
    let yara = members.clone().find(|person| person["name"] == "Yara Benitaz").expect("she has a role")["id"].clone();
    let transfer = json!({ "user_id": yara, "notes": "She knows the shelf." });
    journey.refused(Oskar, "POST", &path, &transfer).expect(403);
    let transferred = |journey: &mut Journey| task(journey, Marit)["item"]["origin"] == "Transferred";
    journey.act(Marit, ("POST", &path, &transfer), 200, transferred);

    journey.step();
    until_told(journey, Marit, "task_transfer_out", 0);
    until_told(journey, Yara, "task_transfer_in", 1);
    assert_eq!(task(journey, Yara)["item"]["state"], "new");
}

/// Back to a step where the same person was before, forward again, and on to the end.
fn goes_back_and_forth(journey: &mut Journey) {
    journey.step();
    moves(journey, Yara, "Reject", "the form lacks a signature");
    let view = task(journey, Marit);
    assert_eq!((&view["task"]["current_step"]["name"], &view["item"]["state"]), (&json!("Triage"), &json!("new")));
    assert_eq!(view["item"]["assignee"]["name"], "Marit Solheim");

    journey.step();
    moves(journey, Marit, "Submit", "signed");
    let view = task(journey, Marit);
    assert_eq!(view["item"]["assignee"]["name"], "Yara Benitaz", "it is her turn: {view}");

    journey.step();
    moves(journey, Yara, "Approve", "on the shelf");
    let view = task(journey, Marit);
    assert_eq!(view["task"]["current_step"]["name"], "Finalize");
    assert_eq!(view["item"]["assignee"]["name"], "Marit Solheim");
}

fn finishes(journey: &mut Journey) {
    journey.step();
    let view = task(journey, Marit);
    let id = text(&view["task"]["id"]);
    let path = transition(&id);
    let unknown = json!({ "transition_id": "0198a000-0000-7000-8000-00000000ffff", "notes": "done" });
    journey.refused(Marit, "POST", &path, &unknown).expect(422);
    let rating = format!("{TICKETS}{}/csat", journey.number);
    journey.refused(Noor, "POST", &rating, &json!({ "rating": 5 })).expect(409);
    let end = json!({ "transition_id": null, "notes": "Everything is back." });
    let completed = |journey: &mut Journey| task(journey, Marit)["task"]["state"] == "completed";
    journey.act(Marit, ("POST", &path, &end), 200, completed);

    journey.step();
    journey.until("the ticket is resolved", |journey| ticket(journey, Noor)["status"] == "Resolved");
    until_told(journey, Noor, "ticket_resolved", 1);
    until_told(journey, Clara, "task_completed", 1);
}

fn closes_and_rates(journey: &mut Journey) {
    journey.step();
    let path = format!("{TICKETS}{}/status", journey.number);
    let closed = |journey: &mut Journey| ticket(journey, Noor)["status"] == "Closed";
    journey.act(Noor, ("POST", &path, &json!({ "status": "Closed" })), 200, closed);
    let rating = format!("{TICKETS}{}/csat", journey.number);
    journey.refused(Noor, "POST", &rating, &json!({ "rating": 6 })).expect(422);
    let stars = json!({ "rating": 5, "feedback": "quick" });
    let rated = |journey: &mut Journey| ticket(journey, Noor)["csat_rating"] == 5;
    journey.act(Noor, ("POST", &rating, &stars), 200, rated);
    journey.refused(Noor, "POST", &rating, &stars).expect(409);
}
