//! The worker's doors: messages as the host delivers them, the clock's tick, and its readiness. All are private.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use sdk::bytes::Bytes;
use sdk::http::Json;
use sdk::{Delivery, Problem};
use serde_json::{Value, json};

use crate::{clockwork, events};

/// Every route of the room.
pub(crate) fn router() -> Router {
    Router::new().route("/messages", post(take)).route("/internal/sla-scan", post(scan)).route("/readyz", get(ready))
}

/// 204 acknowledges; see [`events::handle`] for the rest.
async fn take(delivery: Delivery<Bytes>) -> Result<StatusCode, Problem> {
    events::handle(delivery).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /internal/sla-scan` (by cron, every minute): tells of assignments that run out of time, and gives tickets
/// their tasks that waited for somebody. Safe to repeat, and at the same time as itself.
async fn scan() -> Result<Json<Value>, Problem> {
    let scan = clockwork::scan().await?;
    let allocated = clockwork::allocate_waiting("sla-scan").await?;
    Ok(Json(
        json!({ "items": scan.items, "failed": scan.failed, "late_tasks": scan.late_tasks, "allocated": allocated }),
    ))
}

async fn ready() -> Result<StatusCode, Problem> {
    tasks::store::ready().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use futures::executor::block_on;
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn what_is_no_message_is_refused_at_the_door() {
        let request = Request::builder().method("POST").uri("/messages").body(Body::from("{}")).unwrap();
        assert_eq!(block_on(router().oneshot(request)).unwrap().status(), StatusCode::BAD_REQUEST);
    }

    #[test]
    fn a_known_message_of_no_concern_is_acknowledged() {
        let head = [
            ("ce-specversion", "1.0"),
            ("ce-id", "m-1"),
            ("ce-type", "ticket.closed"),
            ("ce-source", "/components/tickets"),
        ];
        let request = head.into_iter().fold(Request::post("/messages"), |it, (name, value)| it.header(name, value));
        let response = block_on(router().oneshot(request.body(Body::from("{}")).unwrap())).unwrap();
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }
}
