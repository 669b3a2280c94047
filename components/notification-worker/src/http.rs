//! The worker's door: messages as the host delivers them, on a private route, and its readiness.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use sdk::bytes::Bytes;
use sdk::{Delivery, Problem};

use crate::{events, store};

/// Every route of the room.
pub(crate) fn router() -> Router {
    Router::new().route("/messages", post(take)).route("/readyz", get(ready))
}

/// 204 acknowledges; see [`events::handle`] for the rest.
async fn take(delivery: Delivery<Bytes>) -> Result<StatusCode, Problem> {
    events::handle(delivery).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn ready() -> Result<StatusCode, Problem> {
    if store::ready().await? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::unavailable("no types are stored")) }
}
