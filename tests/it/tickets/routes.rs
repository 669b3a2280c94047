//! The routes that the sources have, and those that are nobody's from outside.

use std::collections::BTreeSet;
use std::path::Path;

use tests::paths;

use super::authorisation::row::{CALLERS, Row};
use super::authorisation::tables;

/// What components have for the host and for each other.
pub(super) const PRIVATE: [(&str, &str); 8] = [
    ("GET", "/readyz"),
    ("POST", "/internal/demo"),
    ("POST", "/internal/sweep"),
    ("POST", "/internal/auto-close"),
    ("POST", "/internal/sla-scan"),
    ("POST", "/internal/purge"),
    ("POST", "/internal/mail"),
    ("POST", "/messages"),
];

/// Methods and paths of all routes that the components' sources have.
fn of_the_sources() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    let components = std::fs::read_dir(paths::root().join("components")).unwrap();
    for component in components.map(|entry| entry.unwrap()) {
        // Libraries have no routes, and those in the kit's tests are nobody's; pages are for everybody and read nothing.
        let has_none =
            ["sdk", "events", "tasks", "scenario", "web"].map(|name| component.file_name() == name).contains(&true);
        if component.path().is_dir() && !has_none {
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
    let public =
        tables().filter(|row| row.statuses != [405; CALLERS.len()]).map(|Row { method, path, .. }| (*method, *path));
    let table: BTreeSet<_> = public.chain(PRIVATE).map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    let missing: Vec<_> = sources.difference(&table).collect();
    assert!(missing.is_empty(), "routes without a row in tests/it/tickets/authorisation: {missing:?}");
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
