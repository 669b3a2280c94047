//! For the host and the operator: readiness, and clearing away uploads that no comment took.

use axum::http::StatusCode;
use sdk::http::Json;
use sdk::{Problem, blob, clock};
use serde_json::{Value, json};

use crate::store;

/// Older than any upload can be: a request is over within minutes, so an hour leaves no doubt.
const STALE_AFTER_S: i64 = 3_600;

/// `GET /readyz`: 204 once the database answers and is migrated.
pub(super) async fn ready() -> Result<StatusCode, Problem> {
    store::ready().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /internal/sweep` (private, by cron): removes blobs begun an hour ago that belong to nothing; at most 100 each
/// time. Safe to repeat: the blob goes first, the note of it last.
pub(super) async fn sweep() -> Result<Json<Value>, Problem> {
    let keys = store::stale_intents(clock::now().plus_seconds(-STALE_AFTER_S).0).await?;
    for key in &keys {
        blob::delete(key).await?;
        store::forget(key).await?;
    }
    Ok(Json(json!({ "removed": keys.len() })))
}
