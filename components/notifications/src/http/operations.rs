//! For the host and the operator: readiness, and clearing away what was read long ago.

use axum::http::StatusCode;
use sdk::http::Json;
use sdk::{Problem, clock};
use serde_json::{Value, json};

use crate::store;

/// Entries are kept this long after they were read.
const KEPT_S: i64 = 90 * 86_400;
/// Entries removed by one statement, so that it is over within milliseconds and nobody waits for it.
const BATCH: i64 = 500;
/// Statements of one run; what is left goes the next night.
const BATCHES_MAX: u32 = 100;

/// `GET /readyz`: 204 once the database answers and has the types.
pub(super) async fn ready() -> Result<StatusCode, Problem> {
    let filled = !store::kinds().await?.is_empty();
    if filled { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::unavailable("no types are stored")) }
}

/// `POST /internal/purge` (private, by cron): removes entries read more than 90 days ago. Unread ones stay. Safe to
/// repeat.
pub(super) async fn purge() -> Result<Json<Value>, Problem> {
    let read_before = clock::now().plus_seconds(-KEPT_S);
    let mut removed = 0;
    for _ in 0..BATCHES_MAX {
        let batch = store::purge(read_before, BATCH).await?;
        removed += batch;
        if batch < BATCH.unsigned_abs() {
            break;
        }
    }
    Ok(Json(json!({ "removed": removed })))
}
