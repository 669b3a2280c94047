//! Routes and answers. Everybody reaches their own inbox only: the person always comes from the session. No SQL.

mod demo;
mod inbox;
mod operations;
mod preferences;

use axum::Router;
use axum::routing::{get, post};

/// Every route of the room; the paths are those a browser asks, prefix included.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/api/v1/notifications", get(inbox::list))
        .route("/api/v1/notifications/", get(inbox::list))
        .route("/api/v1/notifications/unread-count", get(inbox::unread_count))
        .route("/api/v1/notifications/read-all", post(inbox::mark_all))
        .route("/api/v1/notifications/stream", get(inbox::stream))
        .route("/api/v1/notifications/types", get(preferences::types))
        .route("/api/v1/notifications/preferences", get(preferences::show).put(preferences::change))
        .route("/api/v1/notifications/{id}", get(inbox::show))
        .route("/api/v1/notifications/{id}/read", post(inbox::mark))
        .route("/internal/demo", post(demo::seed))
        .route("/internal/purge", post(operations::purge))
        .route("/readyz", get(operations::ready))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use futures::executor::block_on;
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn nobody_reaches_an_inbox_without_signing_in() {
        let routes = [
            ("GET", "/api/v1/notifications"),
            ("GET", "/api/v1/notifications/"),
            ("GET", "/api/v1/notifications/unread-count"),
            ("POST", "/api/v1/notifications/read-all"),
            ("GET", "/api/v1/notifications/stream"),
            ("GET", "/api/v1/notifications/types"),
            ("GET", "/api/v1/notifications/preferences"),
            ("PUT", "/api/v1/notifications/preferences"),
            ("GET", "/api/v1/notifications/0193f3a0-0000-7000-8000-000000000000"),
            ("POST", "/api/v1/notifications/0193f3a0-0000-7000-8000-000000000000/read"),
        ];
        for (method, path) in routes {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let response = block_on(router().oneshot(request)).unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}
