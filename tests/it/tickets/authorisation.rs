//! Who may ask what: each row of the tables, asked by each caller. `routes.rs` holds the tables against the sources.

mod auth;
mod comments;
mod notifications;
pub(super) mod row;
mod tickets;
mod workflows;
mod world;

use tests::people::{Role, sign_in};
use ureq::SendBody;

use row::{CALLERS, Row};
use world::World;

use super::routes::PRIVATE;
use super::{TICKETS, host};

/// All rows.
pub(super) fn tables() -> impl Iterator<Item = &'static Row> {
    auth::ROWS.iter().chain(&tickets::ROWS).chain(&workflows::ROWS).chain(&comments::ROWS).chain(&notifications::ROWS)
}

/// One host for each table, so that they can be asked side by side.
fn holds(rows: &[Row]) {
    let host = host();
    let world = World::new(&host);
    let mut differences = Vec::new();
    for row in rows {
        for (caller, expected) in CALLERS.into_iter().zip(row.statuses) {
            let status = world.ask(row, caller);
            if status != expected {
                differences.push(format!("{} {} as {caller:?}: {status} instead of {expected}", row.method, row.path));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(!host.log().contains("request failed"), "no answer was an error of ours");
}

#[test]
fn people_and_roles_are_for_those_whom_the_table_names() {
    holds(&auth::ROWS);
}

#[test]
fn tickets_are_for_those_whom_the_table_names() {
    holds(&tickets::ROWS);
}

#[test]
fn workflows_and_tasks_are_for_those_whom_the_table_names() {
    holds(&workflows::ROWS);
}

#[test]
fn comments_are_for_those_whom_the_table_names() {
    holds(&comments::ROWS);
}

#[test]
fn an_inbox_is_for_its_owner_alone() {
    holds(&notifications::ROWS);
}

#[test]
fn what_components_have_for_the_host_is_not_there_from_outside() {
    let host = host();
    let superuser = sign_in(&host, Role::Superuser);
    let rooms = ["auth", "tickets", "workflows", "workflow-worker", "comments", "notifications", "notification-worker"];
    let prefixes = ["", "/", "/."].map(str::to_owned).into_iter().chain(rooms.map(|room| format!("/api/v1/{room}")));
    let dodges = ["/api/v1/auth/..%2f..%2f..", "/api/v1/tickets/../../..", "/api/v1/tickets//", "/API/V1/TICKETS"];
    let prefixes: Vec<_> = prefixes.chain(dodges.map(str::to_owned)).collect();
    for client in [&superuser, &host.client()] {
        for (_, path) in PRIVATE {
            for prefix in &prefixes {
                let path = format!("{prefix}{path}");
                for method in ["GET", "POST"] {
                    let answer = client.send(method, &path, &[("x-wharf-caller", "auth")], SendBody::none());
                    // Some of the paths have the form of a ticket's, a workflow's, an entry's or a comment's, which is none.
                    let words = path.trim_start_matches("/api/v1/").split('/').count();
                    let of_a_thing = path.starts_with("/api/v1/") && !path.contains('.') && words == 2;
                    let refused = answer.status == 404 || of_a_thing && [400, 401, 405, 422].contains(&answer.status);
                    assert!(refused, "{method} {path}: {} {}", answer.status, answer.text());
                }
            }
            for name in rooms {
                let address = format!("{name}.spin.internal");
                let answer = client.send("POST", path, &[("host", &address)], SendBody::none());
                assert_ne!(answer.status / 100, 2, "{path} at {address}: {}", answer.text());
                assert!([400, 404, 405, 421].contains(&answer.status), "{path} at {address}: {}", answer.status);
            }
        }
    }
    assert_eq!(superuser.get(TICKETS).expect(200).json()["total"], 0);
}

super::on_postgres! {
    people_and_roles_are_for_those_whom_the_table_names,
    tickets_are_for_those_whom_the_table_names,
    workflows_and_tasks_are_for_those_whom_the_table_names,
    comments_are_for_those_whom_the_table_names,
    an_inbox_is_for_its_owner_alone,
}
