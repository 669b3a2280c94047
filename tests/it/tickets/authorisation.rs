//! Who may ask what: each row of the table of routes, asked by each caller.

use serde_json::json;
use tests::client::{Client, Upload};
use tests::event_stream::EventStream;
use tests::host::Host;
use tests::people::{Person, Role, person, sign_in};
use tests::powers::until;
use ureq::{AsSendBody, SendBody};

use super::routes::{Body, CALLERS, Caller, PRIVATE, ROUTES, Row};
use super::{TICKETS, approve, entries, host, text, wish};

const FIELDS: [(&str, &str); 3] = [("subject", "with a file"), ("description", "d"), ("category", "Others")];

fn note() -> Upload<'static> {
    Upload { name: "note.txt", media_type: "text/plain", content: b"something to keep" }
}

/// Everybody signed in, and the employee's log-in.
struct Stage<'a> {
    host: &'a Host,
    callers: Vec<(Caller, Client)>,
    log_in: Person,
}

impl<'a> Stage<'a> {
    fn new(host: &'a Host) -> Self {
        let client = |caller| match caller {
            Caller::Anonymous => host.client(),
            Caller::Owner => sign_in(host, Role::Employee),
            Caller::Colleague => sign_in(host, Role::Colleague),
            Caller::Coordinator => sign_in(host, Role::Coordinator),
            Caller::TrackingAdmin => sign_in(host, Role::TrackingAdmin),
            Caller::Agent => sign_in(host, Role::Agent),
            Caller::Superuser => sign_in(host, Role::Superuser),
        };
        let callers = CALLERS.map(|caller| (caller, client(caller))).into_iter().collect();
        Self { host, callers, log_in: person(host, Role::Employee) }
    }

    fn client(&self, wanted: Caller) -> &Client {
        &self.callers.iter().find(|(caller, _)| *caller == wanted).expect("everybody is there").1
    }

    /// The path with things of the owner in the place of its parameters. Nothing is asked of them before this request,
    /// so that no answer depends on the order of rows and callers.
    fn fill(&self, path: &str) -> String {
        if !path.contains('{') {
            return path.to_owned();
        }
        let owner = self.client(Caller::Owner);
        let ticket = owner.post_form(TICKETS, &FIELDS, &[note()]).expect(201).json();
        let number = text(&ticket["number"]);
        if path.contains("{number}") {
            return path.replace("{number}", &number).replace("{id}", ticket["attachments"][0]["id"].as_str().unwrap());
        }
        approve(self.client(Caller::Coordinator), &number).expect(200);
        until("the owner is told", || !entries(owner, &number).is_empty());
        path.replace("{id}", entries(owner, &number)[0]["id"].as_str().unwrap())
    }

    /// The status that this caller gets.
    fn ask(&self, (method, path, body, _): &Row, caller: Caller) -> u16 {
        let path = self.fill(path);
        // What an answer does to the session stays with this request.
        let client = self.client(caller).copy();
        let json = |document: serde_json::Value| {
            let text = document.to_string();
            client.send(method, &path, &[("content-type", "application/json")], text.as_str().as_body()).status
        };
        match body {
            Body::Empty => client.send(method, &path, &[], SendBody::none()).status,
            Body::LogIn => json(json!({ "email": self.log_in.email, "password": self.log_in.password })),
            Body::Wish => json(wish("asked for")),
            Body::Approval => json(json!({ "priority": "Low", "department": "Asset Department" })),
            Body::File => client.post_form(&path, &FIELDS, &[note()]).status,
            Body::Stream => EventStream::open(&client, &path, None).status,
        }
    }
}

#[test]
fn each_caller_gets_at_each_route_what_the_table_says() {
    let host = host();
    let stage = Stage::new(&host);
    let mut differences = Vec::new();
    for row in &ROUTES {
        for (caller, expected) in CALLERS.into_iter().zip(row.3) {
            let status = stage.ask(row, caller);
            if status != expected {
                differences.push(format!("{} {} as {caller:?}: {status} instead of {expected}", row.0, row.1));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(!stage.host.log().contains("request failed"), "no answer was an error of ours");
}

#[test]
fn what_components_have_for_the_host_is_not_there_from_outside() {
    let host = host();
    let superuser = sign_in(&host, Role::Superuser);
    let prefixes =
        ["", "/", "/.", "/api/v1/auth", "/api/v1/tickets", "/api/v1/notifications", "/api/v1/notification-worker"];
    let dodges = ["/api/v1/auth/..%2f..%2f..", "/api/v1/tickets/../../..", "/api/v1/tickets//", "/API/V1/TICKETS"];
    for client in [&superuser, &host.client()] {
        for (_, path) in PRIVATE {
            for prefix in prefixes.iter().chain(&dodges) {
                let path = format!("{prefix}{path}");
                for method in ["GET", "POST"] {
                    let answer = client.send(method, &path, &[("x-wharf-caller", "auth")], SendBody::none());
                    // Two of the paths have the form of a ticket's, which is none.
                    let of_ticket = ["/api/v1/tickets/readyz", "/api/v1/tickets/messages"].contains(&path.as_str());
                    let refused = answer.status == 404 || of_ticket && [401, 405].contains(&answer.status);
                    assert!(refused, "{method} {path}: {} {}", answer.status, answer.text());
                }
            }
            for name in ["auth", "tickets", "notifications", "notification-worker"] {
                let address = format!("{name}.spin.internal");
                let answer = client.send("POST", path, &[("host", &address)], SendBody::none());
                assert_ne!(answer.status / 100, 2, "{path} at {address}: {}", answer.text());
                assert!([400, 404, 421].contains(&answer.status), "{path} at {address}: {}", answer.status);
            }
        }
    }
    assert_eq!(superuser.get(TICKETS).expect(200).json()["total"], 0);
}
