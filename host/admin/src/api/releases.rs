//! What was deployed, and what was done by whom.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::{Answer, Shared, request, within};

/// Both read a few files.
const READ_LIMIT: Duration = Duration::from_secs(30);
/// Lines of the audit log in one answer, and where nobody says how many.
const AUDIT_MAX: usize = 1_000;
const AUDIT_DEFAULT: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    count: Option<usize>,
}

/// A list of `ReleaseView`, the newest first.
pub(super) async fn releases(State(shared): State<Shared>) -> Answer {
    let releases = within(READ_LIMIT, shared.operator.control.releases()).await??;
    Ok(Json(releases).into_response())
}

/// A list of `AuditLine`, oldest first; `count` at most 1,000, 50 by default.
pub(super) async fn audit(State(shared): State<Shared>, uri: Uri) -> Answer {
    let Query { count } = request::query(&uri)?;
    let count = count.unwrap_or(AUDIT_DEFAULT).min(AUDIT_MAX);
    let lines = within(READ_LIMIT, shared.operator.control.audit(count)).await??;
    Ok(Json(lines).into_response())
}
