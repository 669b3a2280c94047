//! Who is told what, line by line, and what the words do with people's text.

use std::collections::BTreeMap;

use events::{Person, TaskRef};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::{Circle, Letter, Plan};
use super::*;

/// The people of the table, by the last digit of their key.
const NAMES: [&str; 9] =
    ["requester", "coordinator", "colleague", "agent", "other agent", "owner", "admin", "other admin", "nobody"];

fn person(name: &str) -> Person {
    let digit = NAMES.iter().position(|it| *it == name).unwrap();
    Person { id: format!("0193f3a0-0000-7000-8000-00000000000{digit}"), name: name.to_owned(), email: String::new() }
}

/// Everybody who is told, with the type, in order. Two coordinators and two administrators exist.
fn told(plan: &Plan) -> Vec<(String, &'static str)> {
    let members = BTreeMap::from([
        (Circle::Coordinators, vec![person("coordinator"), person("colleague"), person("owner")]),
        (Circle::TrackingAdmins, vec![person("admin"), person("other admin")]),
    ]);
    let hearers = plan.hearers(&members).unwrap();
    hearers.into_iter().map(|it| (it.person.name, it.note.kind)).collect()
}

#[track_caller]
fn tells(plan: &Plan, expected: &[(&str, &'static str)]) {
    let told = told(plan);
    assert_eq!(told.iter().map(|(name, kind)| (name.as_str(), *kind)).collect::<Vec<_>>(), expected);
}

/// A message with what every message has, and these fields.
fn event<E: DeserializeOwned>(fields: Value) -> E {
    let task = TaskRef {
        task_id: "t".to_owned(),
        ticket_id: "t".to_owned(),
        number: "TX20261122000001".to_owned(),
        subject: HEADLINE.to_owned(),
        requester: person("requester"),
        owner: Some(person("owner")),
    };
    let mut body = json!({
        "version": 1, "ticket_id": "t", "number": task.number, "subject": HEADLINE, "description": "d",
        "category": "c", "priority": "High", "department": "IT Department", "requester": person("requester"),
        "reason": "Why & how", "notes": "Why & how", "detail": "Why & how", "kind": "auto", "level": 80,
        "comment_id": "k", "is_internal": false, "is_reply": false, "excerpt": format!("{}y", "x".repeat(80)),
    });
    let work = json!({
        "task": task, "item_id": "i", "step": "Triage", "role": "Agent", "workflow": "W", "transition": "Submit",
        "from_step": "Triage", "to_step": "Resolve", "from_role": "Agent", "to_role": "Admin",
    });
    let people = json!({
        "assignee": person("agent"), "from": person("agent"), "to": person("other agent"), "author": person("agent"),
        "approver": person("coordinator"), "rejected_by": person("coordinator"), "moved_by": person("agent"),
        "escalated_by": person("agent"), "transferred_by": person("admin"), "completed_by": person("agent"),
    });
    let moments = json!({
        "submitted_at": 1, "approved_at": 2, "rejected_at": 2, "withdrawn_at": 2, "reopened_at": 2, "changed_at": 2,
        "closed_at": 2, "created_at": 2, "assigned_at": 2, "started_at": 2, "moved_at": 2, "escalated_at": 2,
        "transferred_at": 2, "completed_at": 60_000_002, "cancelled_at": 2, "noticed_at": 2,
        "due_at": 5_760_000_002_i64,
    });
    for part in [work, people, moments, fields] {
        for (field, value) in part.as_object().unwrap() {
            body[field] = value.clone();
        }
    }
    serde_json::from_value(body).unwrap()
}

/// What somebody could call their ticket.
const HEADLINE: &str = "<script>alert(\"x\")</script>";

fn status(from: &str, to: &str, by: Option<&Person>) -> TicketStatusChangedV1 {
    event(json!({ "from": from, "to": to, "changed_by": by }))
}

#[test]
fn tickets() {
    tells(&submitted(&event(json!({}))), &[("coordinator", "system"), ("colleague", "system"), ("owner", "system")]);
    let own = submitted(&event(json!({ "requester": person("coordinator") })));
    tells(&own, &[("colleague", "system"), ("owner", "system")]);
    tells(&approved(&event(json!({}))), &[("requester", "task_status_update")]);
    tells(&approved(&event(json!({ "approver": person("requester") }))), &[]);
    tells(&rejected(&event(json!({}))), &[("requester", "task_status_update")]);
    let system = [("coordinator", "system"), ("colleague", "system"), ("owner", "system")];
    tells(&withdrawn(&event(json!({}))), &system);
    let ticket: TicketApprovedV1 = event(json!({}));
    let again = system.map(|(name, _)| (name, "ticket_reopened"));
    tells(&reopened(&event(json!({ "ticket": ticket }))), &again);
    tells(&status_changed(&status("Open", "In Progress", None)), &[("requester", "task_status_update")]);
    tells(&status_changed(&status("In Progress", "Resolved", None)), &[("requester", "ticket_resolved")]);
    tells(&status_changed(&status("Open", "On Hold", Some(&person("requester")))), &[]);
    tells(&closed(&event(json!({}))), &[("requester", "ticket_closed")]);
    let by = |kind: &str, name: &str| closed(&event(json!({ "kind": kind, "closed_by": person(name) })));
    tells(&by("staff", "coordinator"), &[("requester", "ticket_closed")]);
    tells(&by("staff", "requester"), &[]);
    tells(&by("requester", "requester"), &[]);
}

#[test]
fn tasks() {
    tells(&created(&event(json!({}))), &[("owner", "task_assignment")]);
    for (origin, expected) in [("System", 1), ("Admin", 1), ("Transferred", 0), ("Escalation", 0)] {
        let expected = [("agent", "task_assignment"); 1].into_iter().take(expected).collect::<Vec<_>>();
        tells(&assigned(&event(json!({ "origin": origin }))), &expected);
    }
    tells(&started(&event(json!({}))), &[]);
    tells(&step_changed(&event(json!({}))), &[("owner", "workflow_step_change")]);
    tells(&step_changed(&event(json!({ "moved_by": person("owner") }))), &[]);
    tells(&escalated(&event(json!({}))), &[("agent", "task_escalation_out"), ("other agent", "task_escalation_in")]);
    let own = transferred(&event(json!({ "from": person("admin") })));
    tells(&own, &[("admin", "task_transfer_out"), ("other agent", "task_transfer_in")]);
    tells(&completed(&event(json!({}))), &[("owner", "task_completed")]);
    tells(&completed(&event(json!({ "completed_by": person("owner") }))), &[]);
    tells(&cancelled(&event(json!({}))), &[("agent", "task_status_update"), ("owner", "task_status_update")]);
    tells(&cancelled(&event(json!({ "assignee": person("owner") }))), &[("owner", "task_status_update")]);
    tells(&unassignable(&event(json!({ "reason": "no_staff" }))), &[("admin", "system"), ("other admin", "system")]);
}

#[test]
fn target_times() {
    tells(&warned(&event(json!({ "level": 80 }))), &[("agent", "sla_warning")]);
    tells(&warned(&event(json!({ "level": 90 }))), &[("agent", "sla_warning"), ("owner", "sla_warning")]);
    let everybody = ["agent", "owner", "admin", "other admin"].map(|name| (name, "sla_breach"));
    tells(&breached(&event(json!({}))), &everybody);
    let admin = breached(&event(json!({ "assignee": person("admin") })));
    tells(&admin, &["admin", "owner", "other admin"].map(|name| (name, "sla_breach")));
}

#[test]
fn comments() {
    let people = |names: &[&str]| names.iter().map(|name| person(name)).collect::<Vec<_>>();
    let recipients = people(&["requester", "owner", "agent", "admin"]);
    let plan = commented(&event(json!({ "recipients": recipients, "mentioned": people(&["owner", "agent"]) })));
    tells(&plan, &[("owner", "mention"), ("requester", "comment_added"), ("admin", "comment_added")]);
}

/// One plan of every message that anybody is told of.
fn every_plan() -> Vec<Plan> {
    let ticket: TicketApprovedV1 = event(json!({}));
    let due = 1;
    vec![
        submitted(&event(json!({}))),
        approved(&event(json!({}))),
        rejected(&event(json!({}))),
        withdrawn(&event(json!({}))),
        reopened(&event(json!({ "ticket": ticket }))),
        status_changed(&status("Open", "On Hold", None)),
        status_changed(&status("In Progress", "Resolved", None)),
        closed(&event(json!({}))),
        created(&event(json!({}))),
        assigned(&event(json!({ "origin": "System" }))),
        step_changed(&event(json!({}))),
        escalated(&event(json!({}))),
        transferred(&event(json!({}))),
        completed(&event(json!({ "due_at": due }))),
        cancelled(&event(json!({}))),
        unassignable(&event(json!({ "reason": "no_workflow" }))),
        warned(&event(json!({}))),
        breached(&event(json!({ "due_at": due, "noticed_at": 7_200_000_001_i64 }))),
        commented(&event(json!({ "recipients": [person("owner")], "mentioned": [person("requester")] }))),
    ]
}

#[test]
fn no_word_of_a_person_becomes_markup_in_any_mail() {
    for plan in every_plan() {
        let members = BTreeMap::from([
            (Circle::Coordinators, vec![person("coordinator")]),
            (Circle::TrackingAdmins, vec![person("admin")]),
        ]);
        for hearer in plan.hearers(&members).unwrap() {
            let letter = Letter::new(&hearer.note, "<i>Ada</i>", "https://example.org");
            assert!(!letter.html.contains("<script") && !letter.html.contains("<i>"), "{}", letter.html);
            assert!(letter.text.ends_with("https://example.org/ticket/TX20261122000001\n"), "{}", letter.text);
        }
    }
}

/// Everything said, to be read as a whole. The headline is left out.
#[test]
fn wording() {
    let members = BTreeMap::from([
        (Circle::Coordinators, vec![person("coordinator")]),
        (Circle::TrackingAdmins, vec![person("admin")]),
    ]);
    let hearers = every_plan().into_iter().flat_map(|plan| plan.hearers(&members).unwrap());
    let mut said: Vec<_> = hearers
        .map(|it| format!("{}: {} | {}", it.note.kind, it.note.subject, it.note.body))
        .map(|line| line.replace("TX20261122000001", "#").replace(HEADLINE, "H"))
        .collect();
    said.dedup();
    let long = format!("agent: {}", "x".repeat(80));
    let comment = [
        format!("mention: agent mentioned you on ticket # | {long}"),
        format!("comment_added: agent commented on ticket # | {long}"),
    ];
    let expected: Vec<_> = SAID.iter().map(|line| (*line).to_owned()).chain(comment).collect();
    assert_eq!(said, expected);
}

const SAID: [&str; 20] = [
    "system: Ticket # waits for a decision | requester asks: \"H\" (c).",
    "task_status_update: Your ticket # is approved | \"H\" is now Open with priority High. IT Department \
     takes care of it.",
    "task_status_update: Your ticket # is rejected | coordinator rejected \"H\". Reason: Why & how",
    "system: Ticket # is withdrawn | requester withdrew \"H\". Reason: Why & how",
    "ticket_reopened: Ticket # is open again | requester reopened \"H\". Reason: Why & how",
    "task_status_update: Your ticket # is now On Hold | \"H\": Open -> On Hold.",
    "ticket_resolved: Your ticket # is resolved | \"H\" is resolved. Please close it, or reopen it if it is not.",
    "ticket_closed: Your ticket # is closed | \"H\" was closed, since nobody asked for more after it was resolved. \
     You can now say how it went.",
    "task_assignment: You follow ticket # | \"H\" goes through the workflow W, and you follow its task. \
     Time left until the target: 1 hour 36 minutes.",
    "task_assignment: Ticket # is assigned to you | You have been assigned to \"H\" as Agent: step Triage. \
     Time left until the target: 1 hour 36 minutes.",
    "workflow_step_change: Ticket #: Triage -> Resolve | agent moved \"H\" by Submit: Triage -> Resolve.",
    "task_escalation_out: Your step of ticket # is escalated | Step Triage of \"H\" went from Agent to Admin \
     (other agent). Reason: Why & how",
    "task_escalation_in: Ticket # is escalated to you | Step Triage of \"H\" came from Agent (agent) to you as Admin. \
     Reason: Why & how",
    "task_transfer_out: Your step of ticket # is transferred | admin transferred step Triage of \"H\" from you to \
     other agent. Notes: Why & how",
    "task_transfer_in: Ticket # is transferred to you | admin transferred step Triage of \"H\" from agent to you. \
     Notes: Why & how",
    "task_completed: The task of ticket # is completed | agent completed \"H\". It took 1 minute, 1 minute past its \
     target.",
    "task_status_update: The task of ticket # is cancelled | There is no more to do for \"H\". Reason: Why & how",
    "system: Ticket # has no workflow | \"H\" is approved and has no workflow: Why & how",
    "sla_warning: Ticket #: 1 hour 36 minutes left | Step Triage of \"H\" (agent) has used 80 % of its time. \
     Time left until the target: 1 hour 36 minutes.",
    "sla_breach: Ticket # is overdue | Step Triage of \"H\" (agent) is overdue by 2 hours.",
];
