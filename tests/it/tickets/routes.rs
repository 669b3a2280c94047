//! Every public route with what each caller gets there, and the routes that the sources have.

use std::collections::BTreeSet;
use std::path::Path;

use tests::paths;

/// What a request to a route takes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// Nothing.
    Empty,
    /// The employee's log-in.
    LogIn,
    /// A new ticket.
    Wish,
    /// A coordinator's approval.
    Approval,
    /// A form with a file.
    File,
    /// Nothing; the answer is a stream without an end.
    Stream,
}

/// Who asks, in the order of a row's statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Anonymous,
    Owner,
    Colleague,
    Coordinator,
    TrackingAdmin,
    Agent,
    Superuser,
}

pub(super) const CALLERS: [Caller; 7] = [
    Caller::Anonymous,
    Caller::Owner,
    Caller::Colleague,
    Caller::Coordinator,
    Caller::TrackingAdmin,
    Caller::Agent,
    Caller::Superuser,
];

/// A route: method, path as the sources write it, body, and the status for each of [`CALLERS`]. `{number}` is a ticket
/// of the owner, new for every request; `{id}` is a file of it, or an entry in the owner's inbox.
pub(super) type Row = (&'static str, &'static str, Body, [u16; 7]);

/// Those who are signed in, all alike.
const fn signed_in(status: u16) -> [u16; 7] {
    [401, status, status, status, status, status, status]
}

/// The ticket is theirs, or they see all; for the others there is none.
const SEES: [u16; 7] = [401, 200, 404, 200, 200, 404, 200];

#[rustfmt::skip]
pub(super) const ROUTES: [Row; 22] = [
    //                                                                             nobody own  coll coord tts agent super
    ("POST", "/api/v1/auth/login", Body::LogIn,                                     [200; 7]),
    ("POST", "/api/v1/auth/token/refresh", Body::Empty,                             signed_in(200)),
    ("POST", "/api/v1/auth/logout", Body::Empty,                                    [204; 7]),
    ("GET",  "/api/v1/auth/me", Body::Empty,                                        signed_in(200)),
    ("GET",  "/api/v1/auth/.well-known/jwks.json", Body::Empty,                     [200; 7]),
    ("GET",  "/api/v1/tickets", Body::Empty,                                        signed_in(200)),
    ("POST", "/api/v1/tickets", Body::Wish,                                         [401, 201, 201, 201, 201, 403, 201]),
    ("GET",  "/api/v1/tickets/", Body::Empty,                                       signed_in(200)),
    ("POST", "/api/v1/tickets/", Body::File,                                        [401, 201, 201, 201, 201, 403, 201]),
    ("GET",  "/api/v1/tickets/catalogue", Body::Empty,                              signed_in(200)),
    ("GET",  "/api/v1/tickets/{number}", Body::Empty,                               SEES),
    ("POST", "/api/v1/tickets/{number}/approve", Body::Approval,                    [401, 403, 403, 200, 403, 403, 200]),
    ("GET",  "/api/v1/tickets/{number}/attachments", Body::Empty,                   SEES),
    ("POST", "/api/v1/tickets/{number}/attachments", Body::File,                    [401, 201, 404, 201, 403, 404, 201]),
    ("GET",  "/api/v1/tickets/{number}/attachments/{id}", Body::Empty,              SEES),
    ("GET",  "/api/v1/notifications", Body::Empty,                                  signed_in(200)),
    ("GET",  "/api/v1/notifications/", Body::Empty,                                 signed_in(200)),
    ("GET",  "/api/v1/notifications/unread-count", Body::Empty,                     signed_in(200)),
    ("POST", "/api/v1/notifications/{id}/read", Body::Empty,                        [401, 200, 404, 404, 404, 404, 404]),
    ("POST", "/api/v1/notifications/read-all", Body::Empty,                         signed_in(200)),
    ("GET",  "/api/v1/notifications/stream", Body::Stream,                          signed_in(200)),
    // Every other method of a known path, by one example.
    ("DELETE", "/api/v1/tickets/catalogue", Body::Empty,                            [405; 7]),
];

/// What components have for the host and for each other.
pub(super) const PRIVATE: [(&str, &str); 4] =
    [("GET", "/readyz"), ("POST", "/internal/demo"), ("POST", "/internal/sweep"), ("POST", "/messages")];

/// Methods and paths of all routes that the components' sources have.
fn of_the_sources() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let components = std::fs::read_dir(paths::root().join("components")).unwrap();
    for component in components.map(|entry| entry.unwrap()) {
        // The kit and the messages are libraries; the routes in the kit's tests are nobody's.
        if component.path().is_dir() && component.file_name() != "sdk" && component.file_name() != "events" {
            collect(&component.path().join("src"), &mut found);
        }
    }
    found
}

fn collect(folder: &Path, found: &mut BTreeSet<(String, String)>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.extend(of_text(&std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The routes that a text adds to an axum router, across line breaks.
fn of_text(text: &str) -> Vec<(String, String)> {
    const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
    let mut found = Vec::new();
    for rest in text.split(".route(").skip(1) {
        let path = rest.split('"').nth(1).expect("a route has a path").to_owned();
        // Up to the end of the call; what follows it belongs to the next one or to another function.
        let mut depth = 1_u32;
        let end = rest.find(|c| {
            depth = if c == '(' { depth + 1 } else { depth - u32::from(c == ')') };
            depth == 0
        });
        let call: String = rest[..end.expect("a call ends")].split_whitespace().collect();
        let handlers = call.split_once("\",").expect("a route has handlers").1;
        let methods: Vec<_> = METHODS
            .iter()
            .filter(|method| handlers.starts_with(&format!("{method}(")) || handlers.contains(&format!(").{method}(")))
            .map(|method| (method.to_uppercase(), path.clone()))
            .collect();
        assert!(!methods.is_empty(), "no method is read from {call}");
        found.extend(methods);
    }
    found
}

#[test]
fn every_route_of_the_sources_is_in_the_table_and_none_besides() {
    let sources = of_the_sources();
    let public = ROUTES.iter().filter(|row| row.3 != [405; 7]).map(|(method, path, ..)| (*method, *path));
    let table: BTreeSet<_> = public.chain(PRIVATE).map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    let missing: Vec<_> = sources.difference(&table).collect();
    assert!(missing.is_empty(), "routes without a row in tests/it/tickets/routes.rs: {missing:?}");
    let gone: Vec<_> = table.difference(&sources).collect();
    assert!(gone.is_empty(), "rows without a route: {gone:?}");
    for (_, path) in PRIVATE {
        assert!(!path.starts_with("/api/"), "{path} would be reachable");
    }
}

#[test]
fn routes_are_read_from_any_layout_of_the_sources() {
    let text = ".route(\n  \"/a\",\n get(x)\n.post(y(1)),\n)\n.route(\"/b\", axum::routing::any(z))";
    let one = ".route(\"/a/{id}\", delete(x)) }\nfn get(x) {}";
    assert_eq!(of_text(one), [("DELETE".to_owned(), "/a/{id}".to_owned())]);
    let read = std::panic::catch_unwind(|| of_text(text));
    assert!(read.is_err(), "a way of routing that is not understood is told, not passed over");
    let known: Vec<_> =
        of_text(text.split(".route(\"/b\"").next().unwrap()).into_iter().map(|(method, _)| method).collect();
    assert_eq!(known, ["GET", "POST"]);
}
