//! The ticket system, asked as its users ask it.

mod authorisation;
mod bad_files;
mod bad_input;
mod detours;
mod redelivery;
mod routes;
mod sessions;
mod slice;
mod tokens;
mod walkthrough;

use std::cell::Cell;
use std::path::Path;

use serde_json::{Value, json};
use tests::client::{Answer, Client};
use tests::host::{Builder, Host};
use tests::people::everybody;
use tests::powers::until;

const TICKETS: &str = "/api/v1/tickets/";
const INBOX: &str = "/api/v1/notifications/";

/// Where a host keeps its data.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// In files.
    Files,
    /// In databases on PostgreSQL.
    Postgres,
    /// In files, with its messages on RabbitMQ.
    Broker,
    /// Everything on servers: databases, messages, and the host's own records.
    Servers,
}

thread_local! {
    /// Of hosts that this thread starts.
    static GROUND: Cell<Ground> = const { Cell::new(Ground::Files) };
}

/// As long as it lives, [`GROUND`] is another one.
struct On;

impl On {
    fn set(ground: Ground) -> Self {
        GROUND.set(ground);
        Self
    }
}

impl Drop for On {
    fn drop(&mut self) {
        GROUND.set(Ground::Files);
    }
}

/// The ticket system with its demonstration's people, who are known to every room: whoever is told of something is told
/// of it when it happens.
fn host() -> Host {
    let builder = Builder::of_ticket_system().with("--demo=people");
    let host = match GROUND.get() {
        Ground::Files => builder.start(),
        Ground::Postgres => builder.on_postgres().start(),
        Ground::Broker => builder.on_rabbitmq().start(),
        Ground::Servers => builder.on_postgres().with_records_on_postgres().on_rabbitmq().start(),
    };
    let people = everybody(&host).len();
    until("everybody is known", || {
        let queues = host.admin().get("/queues").expect(200).json();
        let handled = |room: &Value| usize::try_from(room["handled_total"].as_u64().unwrap()).unwrap();
        let rooms = queues["queues"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|queue| ROOMS.iter().any(|room| queue["queue"] == *room));
        rooms.map(handled).all(|handled| handled >= people)
    });
    host
}

/// Queues of those who keep a list of people.
const ROOMS: [&str; 3] = ["comments", "notification-worker", "workflow-worker"];

/// Runs these tests of a module a second time, on PostgreSQL.
macro_rules! on_postgres {
    ($($name:ident),* $(,)?) => {
        mod on_postgres {
            $(#[test]
            fn $name() {
                let _set = crate::tickets::On::set(crate::tickets::Ground::Postgres);
                super::$name();
            })*
        }
    };
}
use on_postgres;

/// Again, in files but for the messages.
macro_rules! on_broker {
    ($($name:ident),* $(,)?) => {
        mod on_broker {
            $(#[test]
            fn $name() {
                let _set = crate::tickets::On::set(crate::tickets::Ground::Broker);
                super::$name();
            })*
        }
    };
}
use on_broker;

/// And on PostgreSQL and RabbitMQ.
macro_rules! on_servers {
    ($($name:ident),* $(,)?) => {
        mod on_servers {
            $(#[test]
            fn $name() {
                let _set = crate::tickets::On::set(crate::tickets::Ground::Servers);
                super::$name();
            })*
        }
    };
}
use on_servers;

/// What is asked for in a ticket, complete.
fn wish(subject: &str) -> Value {
    json!({ "subject": subject, "description": "It does not start.", "category": "IT Support" })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Submits a ticket without files; its number.
fn submit(client: &Client, subject: &str) -> String {
    text(&client.post(TICKETS, &wish(subject)).expect(201).json()["number"])
}

fn approve(client: &Client, number: &str) -> Answer {
    let approval = json!({ "priority": "High", "department": "IT Department" });
    client.post(&format!("{TICKETS}{number}/approve"), &approval)
}

/// Entries in somebody's inbox about a ticket.
fn entries(client: &Client, number: &str) -> Vec<Value> {
    let page = client.get(&format!("{INBOX}?ticket={number}")).expect(200).json();
    page["items"].as_array().unwrap_or_else(|| panic!("no page: {page}")).clone()
}

/// Mails about a ticket.
fn mails(host: &Host, number: &str) -> Vec<String> {
    let folder = std::fs::read_dir(host.state().join("mail")).unwrap();
    let paths = folder.map(|entry| entry.unwrap().path());
    let letters = paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
    letters.map(|path| std::fs::read_to_string(path).unwrap()).filter(|mail| mail.contains(number)).collect()
}

/// The queue of the messages to people, as the operator sees it.
fn queue(host: &Host) -> Value {
    let queues = host.admin().get("/queues").expect(200).json();
    let mut queues = queues["queues"].as_array().unwrap_or_else(|| panic!("no queues: {queues}")).iter();
    queues.find(|queue| queue["queue"] == "notification-worker").expect("the worker's queue").clone()
}

/// Waits until every message sent so far was handled: one more, sent after them, has arrived, and none is left.
fn settle(host: &Host, employee: &Client, coordinator: &Client) {
    let last = submit(employee, "the last one");
    until("the last ticket is known to the coordinator", || !entries(coordinator, &last).is_empty());
    until("the queue is empty", || queue(host)["depth"] == 0);
}

/// Files below a folder of the host's state.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

/// Fails the test unless the answer is a problem document of this status; the document.
#[track_caller]
fn problem(answer: Answer, status: u16) -> Value {
    let answer = answer.expect(status);
    let document = answer.json();
    let slug = match status {
        400 => "bad-request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not-found",
        405 => "method-not-allowed",
        409 => "conflict",
        413 => "body-too-large",
        415 => "unsupported-media-type",
        422 => "invalid",
        423 => "locked",
        429 => "rate-limited",
        other => panic!("{other} is no answer to a caller's mistake"),
    };
    assert_eq!(answer.header("content-type"), "application/problem+json", "{document}");
    assert_eq!(document["type"], format!("/problems/{slug}"), "{document}");
    assert_eq!(document["status"], status, "{document}");
    assert_eq!(document["instance"], answer.header("x-request-id"), "{document}");
    assert!(!text(&document["title"]).is_empty());
    document
}

/// Fails the test unless the answer is 422 and names these fields, in any order.
#[track_caller]
fn invalid(answer: Answer, fields: &[&str]) {
    let document = problem(answer, 422);
    let errors = document["errors"].as_array().unwrap_or_else(|| panic!("no fields: {document}"));
    let mut named: Vec<_> = errors.iter().map(|error| text(&error["field"])).collect();
    let mut expected: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
    named.sort();
    expected.sort();
    assert_eq!(named, expected, "{document}");
    assert!(errors.iter().all(|error| !text(&error["message"]).is_empty()), "{document}");
}
