//! Everything that is left of the journey when all messages were handled, in a form that can be compared.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::{INBOX, mails, text};
use super::journey::Who::{Clara, Luca, Marit, Noor, Oskar, Yara};
use super::journey::{EVERYBODY, Journey, Who};
use super::steps::{COMMENTS, WORKFLOWS, task, ticket};

/// What came out.
#[derive(Debug)]
pub(super) struct Outcome {
    ticket: Value,
    log: Vec<String>,
    items: Vec<String>,
    comments: Value,
    told: BTreeMap<Who, Vec<Value>>,
    mailed: BTreeMap<Who, usize>,
    task: Value,
    reports: [Value; 3],
    refused_reports: u16,
    audit: Vec<String>,
    dead: u64,
}

/// Waits until every message was handled, and looks around.
pub(super) fn of(journey: &mut Journey) -> Outcome {
    let admin = journey.host().admin();
    journey.until("every queue is empty", |journey| {
        // Nothing waits to be sent either: what the last deed led to is the last thing that anybody is told.
        let queues = admin.get("/queues").expect(200).json();
        let queues = queues["queues"].as_array().unwrap().iter();
        let waiting: u64 = queues.map(|queue| queue["depth"].as_u64().unwrap()).sum();
        waiting == 0 && !super::steps::told(journey, Noor, "ticket_resolved").is_empty()
    });
    let queues = admin.get("/queues").expect(200).json();
    let dead = queues["queues"].as_array().unwrap().iter().map(|queue| queue["dead"].as_u64().unwrap()).sum();
    let ticket = ticket(journey, Clara);
    let lines = ticket["events"].as_array().unwrap().iter();
    let log = lines.map(|line| format!("{}: {} -> {}", text(&line["kind"]), line["from"], line["to"])).collect();
    let view = task(journey, Marit);
    let id = text(&view["task"]["id"]);
    let report = |journey: &mut Journey, name: &str| journey.read(Marit, &format!("{WORKFLOWS}reports/{name}"));
    Outcome {
        log,
        items: items(journey, &id),
        comments: comments(journey),
        told: EVERYBODY.into_iter().map(|who| (who, entries(journey, who))).collect(),
        mailed: EVERYBODY.into_iter().map(|who| (who, letters(journey, who))).collect(),
        task: view["task"].clone(),
        reports: ["tickets/dashboard", "tasks/users", "tasks/transfers"].map(|name| report(journey, name)),
        refused_reports: journey.get(Noor, &format!("{WORKFLOWS}reports/tickets/dashboard")).status,
        audit: audit(journey, &id),
        ticket,
        dead,
    }
}

/// One line for each assignment: step, person, origin, what became of it.
fn items(journey: &mut Journey, task: &str) -> Vec<String> {
    let log = journey.read(Marit, &format!("{WORKFLOWS}tasks/{task}/log"));
    let items = log["items"].as_array().unwrap().iter();
    let line = |item: &Value| {
        let parts = [&item["step"]["name"], &item["assignee"]["name"], &item["origin"], &item["state"]].map(text);
        format!("{} {}", parts.join(" / "), item["transition"].as_str().unwrap_or("-"))
    };
    items.map(line).collect()
}

fn comments(journey: &mut Journey) -> Value {
    let page = journey.read(Marit, &format!("{COMMENTS}?ticket={}", journey.number));
    let brief = |comment: &Value| json!({ "body": comment["body"], "visibility": comment["visibility"] });
    let comments = page["items"].as_array().unwrap().iter().map(|comment| {
        let replies: Vec<_> = comment["replies"].as_array().into_iter().flatten().map(brief).collect();
        json!({ "comment": brief(comment), "replies": replies })
    });
    comments.collect()
}

impl Outcome {
    /// The keys of somebody's entries about the ticket.
    pub(super) fn entries_of(&self, who: Who) -> BTreeSet<String> {
        self.told[&who].iter().map(|entry| text(&entry["id"])).collect()
    }

    /// How many of them there are of each type.
    fn kinds_of(&self, who: Who) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        self.told[&who].iter().for_each(|entry| *kinds.entry(text(&entry["type"])).or_default() += 1);
        kinds
    }
}

/// Everything in somebody's inbox about the ticket.
fn entries(journey: &mut Journey, who: Who) -> Vec<Value> {
    let mut entries = Vec::new();
    for page in 1.. {
        let path = format!("{INBOX}?ticket={}&page={page}", journey.number);
        let document = journey.read(who, &path);
        entries.extend(document["items"].as_array().unwrap().iter().cloned());
        if document["pages"].as_u64().unwrap() <= page {
            break;
        }
    }
    entries
}

/// Mails to somebody about the ticket.
fn letters(journey: &mut Journey, who: Who) -> usize {
    let address = journey.email(who);
    let to = |mail: &&String| mail.lines().any(|line| line.starts_with("To:") && line.contains(address));
    mails(journey.host(), &journey.number).iter().filter(to).count()
}

fn audit(journey: &mut Journey, task: &str) -> Vec<String> {
    let page = journey.read(Marit, &format!("{WORKFLOWS}audit?target=Task:{task}&per_page=100"));
    let mut actions: Vec<_> = page["items"].as_array().unwrap().iter().map(|line| text(&line["action"])).collect();
    actions.sort();
    actions
}

fn counts(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}

/// Everything once, nothing twice.
pub(super) fn is_as_it_should_be(outcome: &Outcome) {
    the_work_is_recorded(outcome);
    everybody_was_told_once(outcome);
    the_reports_count_it(outcome);
    assert_eq!(outcome.dead, 0, "dead letters");
}

fn the_work_is_recorded(outcome: &Outcome) {
    let items = [
        "Triage / Marit Solheim / System / resolved Submit",
        "Resolve / Oskar Lindqvest / System / escalated -",
        "Resolve / Marit Solheim / Escalation / reassigned -",
        "Resolve / Yara Benitaz / Transferred / resolved Reject",
        "Triage / Marit Solheim / System / resolved Submit",
        "Resolve / Yara Benitaz / System / resolved Approve",
        "Finalize / Marit Solheim / System / resolved -",
    ];
    assert_eq!(outcome.items, items);
    assert_eq!((&outcome.task["state"], &outcome.task["current_step"]), (&json!("completed"), &Value::Null));
    let ticket = &outcome.ticket;
    let now = ["status", "priority", "department", "category"].map(|field| text(&ticket[field]));
    assert_eq!(now, ["Closed", "High", "Asset Department", "Asset Check In"]);
    assert_eq!(ticket["csat_rating"], 5);
    let statuses: Vec<_> = outcome.log.iter().filter(|line| !line.ends_with("null -> null")).collect();
    for part in [
        "\"New\" -> \"Open\"",
        "\"Open\" -> \"In Progress\"",
        "\"In Progress\" -> \"Resolved\"",
        "\"Resolved\" -> \"Closed\"",
    ] {
        assert_eq!(statuses.iter().filter(|line| line.ends_with(part)).count(), 1, "{part} in {:?}", outcome.log);
    }
    let said = json!([
        { "comment": { "body": "The serial number is not on the list.", "visibility": "internal" }, "replies": [] },
        { "comment": { "body": "Please bring the charger @noor.haddan", "visibility": "public" },
          "replies": [{ "body": "It is in the bag.", "visibility": "public" }] },
    ]);
    assert_eq!(outcome.comments, said);
}

fn everybody_was_told_once(outcome: &Outcome) {
    /// Somebody, entries by type, mails.
    type Told = (Who, &'static [(&'static str, usize)], usize);
    let expected: [Told; 6] = [
        (Noor, &[("mention", 1), ("task_status_update", 2), ("ticket_resolved", 1)], 4),
        (Luca, &[], 0),
        (
            Clara,
            &[
                ("comment_added", 2),
                ("sla_breach", 1),
                ("sla_warning", 1),
                ("system", 1),
                ("task_assignment", 1),
                ("task_completed", 1),
                ("workflow_step_change", 4),
            ],
            10,
        ),
        (
            Marit,
            &[
                ("comment_added", 2),
                ("sla_breach", 1),
                ("task_assignment", 3),
                ("task_escalation_in", 1),
                ("task_transfer_out", 1),
            ],
            8,
        ),
        (Oskar, &[("sla_breach", 1), ("sla_warning", 2), ("task_assignment", 1), ("task_escalation_out", 1)], 5),
        (Yara, &[("task_assignment", 1), ("task_transfer_in", 1)], 2),
    ];
    for (who, entries, letters) in expected {
        assert_eq!(outcome.kinds_of(who), counts(entries), "entries of {who:?}");
        assert_eq!(outcome.mailed[&who], letters, "mails to {who:?}");
    }
}

fn the_reports_count_it(outcome: &Outcome) {
    let [dashboard, people, moves] = &outcome.reports;
    assert_eq!((&dashboard["total"], &dashboard["completed"]), (&json!(1), &json!(1)), "{dashboard}");
    assert_eq!((&dashboard["sla"]["met"], &dashboard["sla"]["breached"]), (&json!(1), &json!(0)), "{dashboard}");
    let oskar = people["items"].as_array().unwrap().iter().find(|row| row["user"]["name"] == "Oskar Lindqvest");
    let oskar = oskar.unwrap_or_else(|| panic!("{people}"));
    assert_eq!((&oskar["escalated"], &oskar["breached"]), (&json!(1), &json!(1)), "{people}");
    assert_eq!((&moves["transfers"], &moves["escalations"]), (&json!(1), &json!(1)), "{moves}");
    assert_eq!(outcome.refused_reports, 403);
    for action in ["task.escalate", "task.transfer"] {
        assert_eq!(outcome.audit.iter().filter(|done| *done == action).count(), 1, "{:?}", outcome.audit);
    }
}
