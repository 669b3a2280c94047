//! Messages as the host delivers them, on a private route.

use axum::http::StatusCode;
use sdk::bytes::Bytes;
use sdk::{Delivery, Problem};

use crate::events;

/// `POST /messages` (private): 204 acknowledges; see [`events::handle`] for the rest.
pub(super) async fn take(delivery: Delivery<Bytes>) -> Result<StatusCode, Problem> {
    events::handle(delivery).await?;
    Ok(StatusCode::NO_CONTENT)
}
