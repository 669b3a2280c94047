//! `GET /api/v1/auth/me`: the signed-in person, as they are now.

use axum::response::IntoResponse;
use http::header::{CACHE_CONTROL, HeaderValue};
use sdk::http::Json;
use sdk::sql::{self, Isolation};
use sdk::{Principal, Problem};
use serde_json::json;

use super::view::Profile;
use crate::domain::user::UserType;
use crate::keys::Keys;
use crate::store::users;

/// The profile with its roles. A person who was switched off, or whose sessions were ended, is refused at once, not
/// only when the token expires.
pub(super) async fn me(_keys: Keys, principal: Principal) -> Result<impl IntoResponse, Problem> {
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    let user = users::by_id(&tx, principal.id).await?;
    tx.rollback().await?;
    let user = user.filter(|user| user.is_active && user.token_epoch == principal.epoch);
    let user = user.ok_or_else(|| Problem::unauthorized("The session is over. Sign in again."))?;
    let kind = if user.kind == UserType::Staff { "user" } else { "employee" };
    let body = Json(json!({ "type": kind, "data": Profile::from(user) }));
    Ok(([(CACHE_CONTROL, HeaderValue::from_static("no-store"))], body))
}
