//! `POST /api/v1/auth/logout`: the session ends, here and in the browser.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use sdk::http::cookie;
use sdk::principal::{ACCESS_COOKIE, same_origin};
use sdk::sql;
use sdk::{Problem, clock};

use super::cookies::{self, REFRESH_COOKIE};
use super::session::hash;
use crate::store::sessions;

/// Revokes the family of the refresh cookie and clears both cookies; 204 also for those who are not signed in. Access
/// tokens already handed out stay valid for their ten minutes at most.
pub(super) async fn logout(parts: Parts) -> Result<Response, Problem> {
    let secret = cookie(&parts.headers, REFRESH_COOKIE);
    if secret.is_some() || cookie(&parts.headers, ACCESS_COOKIE).is_some() {
        same_origin(&parts)?;
    }
    if let Some(secret) = secret.filter(|secret| !secret.is_empty()) {
        let hash = hash(secret);
        sql::retry(|| revoke(&hash)).await?;
    }
    let cookies = cookies::clear(cookies::secure().await?).map_err(Problem::internal)?;
    Ok((StatusCode::NO_CONTENT, cookies).into_response())
}

async fn revoke(hash: &[u8]) -> Result<(), Problem> {
    let tx = sql::begin().await?;
    if let Some(token) = sessions::find(&tx, hash).await? {
        sessions::revoke(&tx, token.family_id, "logout", clock::now()).await?;
    }
    Ok(tx.commit().await?)
}
