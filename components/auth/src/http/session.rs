//! Making tokens: a signed access token, and a random refresh token of which only the hash is kept; and the answer
//! that hands them out.

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::CACHE_CONTROL;
use sdk::Problem;
use sdk::clock::Timestamp;
use sdk::http::Json;
use sdk::principal::{Claims, ISSUER, Role};
use sdk::sql::Transaction;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::cookies::{self, Tokens};
use super::view::Profile;
use crate::domain::session::{ACCESS_S, RefreshToken, expiry, seconds_until};
use crate::domain::user::User;
use crate::keys::Keys;
use crate::store::journal::Caller;
use crate::store::sessions;

/// The family that the next token belongs to: the one it continues, or a new one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    pub(super) id: Uuid,
    pub(super) started_at: i64,
}

/// SHA-256 of a text. A refresh token has 256 random bits, so that nothing slower is needed.
pub(super) fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}

/// Makes and stores the tokens of a person; returns them with the new refresh token's key.
pub(super) async fn issue(
    tx: &Transaction,
    keys: Keys,
    (user, family): (&User, Family),
    caller: &Caller,
    now: Timestamp,
) -> Result<(Tokens, Uuid), Problem> {
    let secret = URL_SAFE_NO_PAD.encode(sdk::id::random::<32>()?);
    let stored = RefreshToken {
        id: sdk::id::new(),
        family_id: family.id,
        family_started_at: family.started_at,
        user_id: user.id,
        epoch: user.token_epoch,
        expires_at: expiry(family.started_at, now.0),
        is_rotated: false,
        is_revoked: false,
    };
    sessions::add(tx, &stored, &hash(&secret), caller, now).await?;
    let access = keys.sign(&claims(user, sdk::id::new(), now))?;
    let refresh_s = seconds_until(stored.expires_at, now.0);
    Ok((Tokens { access, access_s: ACCESS_S, refresh: secret, refresh_s }, stored.id))
}

/// The answer to somebody who came in: their profile, and the tokens as cookies.
pub(super) async fn welcome(tokens: &Tokens, user: User) -> Result<Response, Problem> {
    let cookies = cookies::set(tokens, cookies::secure().await?).map_err(Problem::internal)?;
    let body = json!({ "success": true, "user": Profile::from(user), "expires_in": ACCESS_S });
    Ok(([(CACHE_CONTROL, "no-store")], cookies, Json(body)).into_response())
}

fn claims(user: &User, token_id: Uuid, now: Timestamp) -> Claims {
    let role = |system: &String, role: &String| Role { system: system.clone(), role: role.clone() };
    Claims {
        iss: ISSUER.to_owned(),
        sub: user.id.to_string(),
        iat: now.seconds(),
        exp: now.seconds().saturating_add(ACCESS_S),
        jti: token_id.to_string(),
        email: user.email.clone(),
        name: user.full_name(),
        user_type: user.kind.as_str().to_owned(),
        roles: user.roles.iter().map(|held| role(&held.system, &held.role)).collect(),
        epoch: user.token_epoch,
    }
}
