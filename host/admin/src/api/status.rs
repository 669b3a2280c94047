//! What is live and what is on its way, now or when it changes.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::IntoResponse;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Answer, Shared, request};

/// Longest wait for a change; proxies and clients cut a silent connection after a minute.
const WAIT_MAX_S: u64 = 30;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    /// The sequence that the caller has.
    after: Option<u64>,
    /// How long to wait for another one.
    #[serde(default)]
    wait_s: u64,
}

/// `Status`; with `after` and `wait_s` (at most 30) as soon as its sequence is another one, or when the time is over.
pub(super) async fn status(State(shared): State<Shared>, uri: Uri) -> Answer {
    let Query { after, wait_s } = request::query(&uri)?;
    let control = shared.operator.control;
    let mut changes = control.changes();
    let deadline = Instant::now() + Duration::from_secs(wait_s.min(WAIT_MAX_S));
    loop {
        changes.borrow_and_update();
        let status = control.status();
        if after != Some(status.sequence) {
            return Ok(Json(status).into_response());
        }
        let changed = shared.shutdown.run_until_cancelled(tokio::time::timeout_at(deadline, changes.changed())).await;
        // The time is over, or the host stops: what there is.
        if !matches!(changed, Some(Ok(Ok(())))) {
            return Ok(Json(control.status()).into_response());
        }
    }
}
