use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures::executor::block_on;
use tower::ServiceExt;

use super::*;

const ID: &str = "0193f3a0-0000-7000-8000-000000000000";

/// Every route of the API, as a browser asks for it.
fn routes() -> Vec<(&'static str, String)> {
    let fixed = [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/roles"),
        ("GET", "/audit"),
        ("GET", "/tasks"),
        ("GET", "/tasks/mine"),
        ("GET", "/tasks/owned"),
        ("GET", "/tasks/unassigned"),
        ("POST", "/tasks/assign"),
        ("GET", "/tasks/by-ticket/TX20261122000001"),
        ("GET", "/tasks/by-ticket/TX20261122000001/progress"),
        ("GET", "/tasks/items/ID"),
        ("POST", "/tasks/items/ID/start"),
        ("POST", "/tasks/items/ID/escalate"),
        ("POST", "/tasks/items/ID/transfer"),
        ("POST", "/tasks/ID/transition"),
        ("GET", "/tasks/ID/log"),
        ("GET", "/tasks/ID/progress"),
        ("GET", "/reports/tickets/dashboard"),
        ("GET", "/reports/tickets/sla"),
        ("GET", "/reports/tasks/status"),
        ("GET", "/reports/tasks/users"),
        ("GET", "/reports/tasks/transfers"),
        ("GET", "/ID"),
        ("PATCH", "/ID"),
        ("GET", "/ID/graph"),
        ("PUT", "/ID/graph"),
        ("GET", "/ID/validation"),
        ("POST", "/ID/publish"),
        ("POST", "/ID/pause"),
        ("POST", "/ID/resume"),
        ("POST", "/ID/archive"),
    ];
    fixed.into_iter().map(|(method, path)| (method, format!("/api/v1/workflows{}", path.replace("ID", ID)))).collect()
}

#[test]
fn nobody_reaches_a_workflow_or_a_task_without_signing_in() {
    for (method, path) in routes() {
        let request = Request::builder().method(method).uri(&path).body(Body::empty()).unwrap();
        let response = block_on(router().oneshot(request)).unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
    }
}

#[test]
fn text_that_no_database_takes_stops_at_the_door() {
    assert_eq!(said("notes", None).unwrap(), "");
    let problem = said("notes", Some("a\0".to_owned())).unwrap_err();
    assert_eq!((problem.status(), problem.errors()[0].field.as_str()), (422, "notes"));
    assert_eq!(number(" TX20261122000001 "), Some("TX20261122000001"));
    for wrong in ["", "TX\0", "a'b", "ü", &"T".repeat(NUMBER_MAX + 1)] {
        assert_eq!(number(wrong), None, "{wrong:?}");
    }
}

#[test]
fn a_wrong_field_is_told_by_its_name() {
    let error = FieldError { field: "graph.steps[0].key".to_owned(), message: "must not be empty".to_owned() };
    let problem = invalid(vec![error]);
    assert_eq!((problem.status(), problem.errors()[0].field.as_str()), (422, "graph.steps[0].key"));
}
