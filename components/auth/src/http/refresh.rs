//! `POST /api/v1/auth/token/refresh`: the refresh cookie is exchanged for new tokens, once.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, HeaderValue};
use http::request::Parts;
use sdk::clock::{self, Timestamp};
use sdk::http::{Json, cookie};
use sdk::principal::same_origin;
use sdk::sql::{self, Transaction};
use sdk::{Problem, log};
use serde_json::json;

use super::cookies::{self, REFRESH_COOKIE, Tokens};
use super::session::{Family, hash, issue};
use super::{caller, refuse};
use crate::domain::session::{ACCESS_S, RefreshToken, Verdict, decide};
use crate::domain::sign_in::Refusal;
use crate::keys::Keys;
use crate::store::guard::{self, Subject};
use crate::store::journal::{self, Audit, Caller};
use crate::store::{sessions, users};

/// Rotates the session. Of two requests with the same token exactly one gets the next one; the other is taken for a
/// thief's, and the session ends for both.
pub(super) async fn refresh(keys: Keys, parts: Parts) -> Result<Response, Problem> {
    let secret = cookie(&parts.headers, REFRESH_COOKIE).filter(|secret| !secret.is_empty());
    let Some(secret) = secret else { return Err(Problem::unauthorized("You are not signed in.")) };
    same_origin(&parts)?;
    let (hash, caller) = (hash(secret), caller(&parts.headers));
    let secure = cookies::secure().await?;
    match sql::retry(|| exchange(keys, &hash, &caller)).await? {
        Ok(tokens) => {
            let cookies = cookies::set(&tokens, secure).map_err(Problem::internal)?;
            let headers = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            Ok((headers, cookies, Json(json!({ "expires_in": ACCESS_S }))).into_response())
        }
        Err(Verdict::Locked { seconds }) => Err(refuse(Refusal::Locked { seconds })),
        Err(_) => {
            let cookies = cookies::clear(secure).map_err(Problem::internal)?;
            Ok((cookies, Problem::unauthorized("The session is over. Sign in again.")).into_response())
        }
    }
}

/// The next tokens, or why there are none.
async fn exchange(keys: Keys, hash: &[u8], caller: &Caller) -> Result<Result<Tokens, Verdict>, Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let Some(token) = sessions::find(&tx, hash).await? else {
        tx.rollback().await?;
        return Ok(Err(Verdict::Ended));
    };
    let user = users::by_id(&tx, token.user_id).await?;
    let account = guard::load(&tx, &Subject::User(token.user_id)).await?;
    let verdict = decide(&token, user.as_ref(), &account, now.0);
    let outcome = if let (Verdict::Rotate, Some(user)) = (verdict, user) {
        let family = Family { id: token.family_id, started_at: token.family_started_at };
        let (tokens, next) = issue(&tx, keys, (&user, family), caller, now).await?;
        sessions::rotate(&tx, token.id, next).await?;
        Ok(tokens)
    } else {
        end(&tx, &token, verdict, caller, now).await?;
        Err(verdict)
    };
    tx.commit().await?;
    Ok(outcome)
}

/// Ends the family if the verdict says so. A reused token is worth a line in the audit log.
async fn end(
    tx: &Transaction,
    token: &RefreshToken,
    verdict: Verdict,
    caller: &Caller,
    now: Timestamp,
) -> Result<(), Problem> {
    let reason = match verdict {
        Verdict::Locked { .. } => return Ok(()),
        Verdict::Reused => "reuse",
        Verdict::Ended | Verdict::Rotate => "ended",
    };
    let ended = sessions::revoke(tx, token.family_id, reason, now).await?;
    if verdict == Verdict::Reused && ended > 0 {
        let target = ("user", token.user_id.to_string());
        let changes = json!({ "family_id": token.family_id, "revoked": ended });
        let entry = Audit { actor: None, action: "session.reuse_detected", target, changes };
        journal::audit(tx, &entry, caller, now).await?;
        log::warn("a refresh token was used twice", &json!({ "user.id": token.user_id }));
    }
    Ok(())
}
