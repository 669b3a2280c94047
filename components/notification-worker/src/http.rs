//! The worker's doors: messages as the host delivers them, the clock's tick, and its readiness. All are private.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use sdk::bytes::Bytes;
use sdk::http::Json;
use sdk::{Delivery, Problem};
use serde_json::{Value, json};

use crate::{events, post as mails, store};

/// Every route of the room.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/messages", post(take))
        .route("/internal/mail", post(send_waiting))
        .route("/readyz", get(ready))
}

/// 204 acknowledges; see [`events::handle`] for the rest.
async fn take(delivery: Delivery<Bytes>) -> Result<StatusCode, Problem> {
    events::handle(delivery).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /internal/mail` (by cron, every minute): sends the mails whose turn or next attempt has come. Safe to repeat,
/// and at the same time as itself.
async fn send_waiting() -> Result<Json<Value>, Problem> {
    let run = mails::waiting().await?;
    Ok(Json(json!({ "sent": run.sent, "failed": run.failed, "dead": run.dead })))
}

async fn ready() -> Result<StatusCode, Problem> {
    if store::ready().await? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::unavailable("no types are stored")) }
}
