//! Who is refused without a session, and what is not.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures::executor::block_on;
use tower::ServiceExt;

use super::*;

const ID: &str = "0193f3a0-0000-7000-8000-000000000000";

fn status(method: &str, path: &str, cookie: Option<&str>) -> StatusCode {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    block_on(router().oneshot(request.body(Body::from("{}")).unwrap())).unwrap().status()
}

#[test]
fn nobody_reaches_an_account_without_signing_in() {
    let routes = [
        ("GET", "me"),
        ("PATCH", "me"),
        ("POST", "me/password"),
        ("POST", "2fa/enable"),
        ("POST", "2fa/request"),
        ("POST", "2fa/disable"),
        ("GET", "users"),
        ("GET", "users/batch?ids=x"),
        ("GET", "users/{id}"),
        ("PATCH", "users/{id}"),
        ("POST", "users/{id}/approve"),
        ("POST", "users/{id}/reject"),
        ("POST", "users/{id}/unlock"),
        ("GET", "roles"),
        ("GET", "assignments"),
        ("POST", "assignments"),
        ("PATCH", "assignments/{id}"),
        ("DELETE", "assignments/{id}"),
        ("GET", "audit"),
    ];
    for (method, path) in routes {
        let path = format!("/api/v1/auth/{}", path.replace("{id}", ID));
        assert_eq!(status(method, &path, None), StatusCode::UNAUTHORIZED, "{method} {path}");
        let foreign = status(method, &path, Some("other=1; refresh_token=x"));
        assert_eq!(foreign, StatusCode::UNAUTHORIZED, "{method} {path}");
    }
}

#[test]
fn what_is_public_looks_at_its_input_at_once() {
    for path in ["register", "password/forgot", "password/reset"] {
        let path = format!("/api/v1/auth/{path}");
        assert_eq!(status("POST", &path, None), StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
}

#[test]
fn each_refusal_has_its_status_and_says_when_to_come_back() {
    let cases = [
        (Refusal::Credentials { left: None }, 401),
        (Refusal::Locked { seconds: 61 }, 423),
        (Refusal::Limited { seconds: 61 }, 429),
        (Refusal::Codes { seconds: 61 }, 429),
        (Refusal::Pending, 403),
        (Refusal::Rejected, 403),
    ];
    for (refusal, status) in cases {
        let problem = refuse(refusal);
        assert_eq!(problem.status(), status, "{refusal:?}");
        let waits = matches!(status, 423 | 429);
        assert_eq!(problem.document(None)["retry_after_s"] == 61, waits, "{refusal:?}");
    }
}
