//! `POST /internal/purge`: the daily removal of what says nothing any more. A private route: the host calls it.

use http::StatusCode;
use sdk::{Problem, clock, log};
use serde_json::Value;

use crate::store::purge;

/// Removes it, and tells the log how much it was.
pub(super) async fn purge() -> Result<StatusCode, Problem> {
    let removed = purge::run(clock::now()).await?;
    let fields = removed.into_iter().map(|(table, rows)| (format!("{table}.rows"), Value::from(rows)));
    log::info("old rows were removed", &Value::Object(fields.collect()));
    Ok(StatusCode::NO_CONTENT)
}
