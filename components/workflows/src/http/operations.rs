//! For the host: readiness.

use axum::http::StatusCode;
use sdk::Problem;

/// `GET /readyz`: 204 once the database answers with the present schema.
pub(super) async fn ready() -> Result<StatusCode, Problem> {
    tasks::store::ready().await?;
    Ok(StatusCode::NO_CONTENT)
}
