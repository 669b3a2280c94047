//! One-time codes at sign-in: `POST /api/v1/auth/login/otp` and `POST /api/v1/auth/login/otp/resend`.
//!
//! The browser shows a challenge, 256 random bits of which only the hash is kept. It is no token and opens nothing but
//! these two routes.

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, StatusCode};
use sdk::Problem;
use sdk::clock::{self, Timestamp};
use sdk::http::Json;
use sdk::problem::Invalid;
use sdk::sql::{self, Transaction};
use serde::Deserialize;
use serde_json::json;

use super::change::{By, audit};
use super::cookies::Tokens;
use super::limits::{count, too_many};
use super::post::{Post, after_answer};
use super::session::{Family, hash, issue, welcome};
use super::{caller, refuse};
use crate::domain::challenge::{CODE_S, Challenge, NotSent, Purpose, Verdict, code, is_code};
use crate::domain::sign_in::{Refusal, standing};
use crate::domain::user::User;
use crate::domain::{letter, limit};
use crate::keys::Keys;
use crate::store::challenges::{self, Hashes, Stored};
use crate::store::guard::{self, Subject};
use crate::store::journal::{self, Caller, LoginEvent};
use crate::store::users;

/// What the browser got and what the person read in the mail.
#[derive(Deserialize)]
pub(super) struct Answer {
    challenge: String,
    otp_code: String,
}

/// What the browser got.
#[derive(Deserialize)]
pub(super) struct Again {
    challenge: String,
}

/// Why a code lets nobody in.
enum Failure {
    Wrong { left: u32 },
    Dead,
    Refused(Refusal),
}

/// The answer to the right password of somebody who asked for codes.
pub(super) fn asked(secret: &str) -> Response {
    let body = json!({ "success": false, "otp_required": true, "challenge": secret, "expires_in": CODE_S });
    ([(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Makes a code that ends the person's earlier ones, with what the browser has to show and the letter; the seconds to
/// wait if there were too many.
pub(super) async fn start(
    tx: &Transaction,
    keys: Keys,
    (user, purpose): (&User, Purpose),
    now: Timestamp,
) -> Result<Result<(String, Post), u64>, Problem> {
    if let Err(seconds) = count(tx, limit::CODES, &user.id.to_string(), now).await? {
        return Ok(Err(seconds));
    }
    let secret = URL_SAFE_NO_PAD.encode(sdk::id::random::<32>()?);
    let challenge = Challenge::new(sdk::id::new(), user.id, now.0);
    let code = code(sdk::id::random()?);
    let (secret_hash, code_hash) = (hash(&secret), keys.seal(challenge.id, &code));
    let hashes = Hashes { secret: (purpose == Purpose::LogIn).then_some(&*secret_hash), code: &code_hash };
    challenges::start(tx, &challenge, purpose, &hashes).await?;
    Ok(Ok((secret, Post::new(user, letter::code(&code)))))
}

/// Passes for what has the form of a code; it is not counted if it has not.
pub(super) fn check_code(text: &str) -> Result<&str, Problem> {
    let mut invalid = Invalid::new();
    invalid.check(is_code(text.trim()), "otp_code", "must be six digits");
    invalid.finish().map(|()| text.trim())
}

/// Decides about a code and keeps the count. The end of the last try is written down.
pub(super) async fn try_code(
    tx: &Transaction,
    keys: Keys,
    (stored, code): (&Stored, &str),
    caller: &Caller,
    now: Timestamp,
) -> Result<Verdict, Problem> {
    let matches = keys.seal(stored.challenge.id, code) == stored.code_hash;
    let (challenge, verdict) = stored.challenge.answered(matches, now.0);
    if challenge != stored.challenge {
        challenges::settle(tx, &challenge, now).await?;
    }
    if verdict == (Verdict::Wrong { left: 0 }) {
        let by = By { actor: None, caller };
        audit(tx, by, ("otp.exhausted", challenge.user_id), json!({}), now).await?;
    }
    Ok(verdict)
}

/// `POST login/otp`: the second half of a sign-in.
pub(super) async fn answer(keys: Keys, headers: HeaderMap, Json(input): Json<Answer>) -> Result<Response, Problem> {
    let code = check_code(&input.otp_code)?;
    let (secret_hash, caller) = (hash(&input.challenge), caller(&headers));
    match sql::retry(|| settle(keys, (&secret_hash, code), &caller)).await? {
        Ok((tokens, user)) => welcome(&tokens, user).await,
        Err(Failure::Refused(refusal)) => Err(refuse(refusal)),
        Err(Failure::Wrong { left: 1.. }) => Err(wrong()),
        Err(Failure::Wrong { left: 0 } | Failure::Dead) => Err(dead()),
    }
}

fn wrong() -> Problem {
    Problem::unauthorized("The code is wrong. Try again.").member("code", "otp_invalid")
}

/// Unknown, used, expired and exhausted challenges are answered alike.
fn dead() -> Problem {
    Problem::unauthorized("The code is no longer valid. Sign in again.").member("code", "otp_expired")
}

async fn settle(
    keys: Keys,
    (secret_hash, code): (&[u8], &str),
    caller: &Caller,
) -> Result<Result<(Tokens, User), Failure>, Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let found = challenges::of_secret(&tx, secret_hash).await?;
    let user = match &found {
        Some(stored) => users::by_id(&tx, stored.challenge.user_id).await?.filter(|user| user.is_active),
        None => None,
    };
    let (Some(stored), Some(user)) = (found, user) else { return Ok(Err(Failure::Dead)) };
    // Guesses at the password meanwhile locked the account: the code waits, too.
    if let Some(seconds) = guard::load(&tx, &Subject::User(user.id)).await?.locked_for(now.0) {
        return Ok(Err(Failure::Refused(Refusal::Locked { seconds })));
    }
    let verdict = try_code(&tx, keys, (&stored, code), caller, now).await?;
    let outcome = match (verdict, standing(&user)) {
        (Verdict::Wrong { left }, _) => Err(Failure::Wrong { left }),
        (Verdict::Dead, _) => Err(Failure::Dead),
        (Verdict::Right, Err(refusal)) => Err(Failure::Refused(refusal)),
        (Verdict::Right, Ok(())) => {
            users::signed_in(&tx, user.id, now).await?;
            let family = Family { id: sdk::id::new(), started_at: now.0 };
            Ok(issue(&tx, keys, (&user, family), caller, now).await?.0)
        }
    };
    let word = match &outcome {
        Ok(_) => "ok",
        Err(Failure::Refused(refusal)) => refusal.outcome(),
        Err(_) => "otp_bad",
    };
    let event = LoginEvent { user_id: Some(user.id), email: &user.email, outcome: word };
    journal::login(&tx, &event, caller, now).await?;
    tx.commit().await?;
    Ok(outcome.map(|tokens| (tokens, user)))
}

/// `POST login/otp/resend`: another code in the place of the last one.
pub(super) async fn resend(keys: Keys, Json(input): Json<Again>) -> Result<Response, Problem> {
    let secret_hash = hash(&input.challenge);
    match sql::retry(|| renew(keys, &secret_hash)).await? {
        Ok(post) => {
            after_answer(vec![post]);
            let body = Json(json!({ "expires_in": CODE_S }));
            Ok((StatusCode::ACCEPTED, [(CACHE_CONTROL, "no-store")], body).into_response())
        }
        Err(NotSent::Wait { seconds }) => Err(too_many(seconds)),
        Err(NotSent::Dead) => Err(dead()),
    }
}

async fn renew(keys: Keys, secret_hash: &[u8]) -> Result<Result<Post, NotSent>, Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let found = challenges::of_secret(&tx, secret_hash).await?;
    let user = match &found {
        Some(stored) => users::by_id(&tx, stored.challenge.user_id).await?.filter(|user| user.is_active),
        None => None,
    };
    let (Some(stored), Some(user)) = (found, user) else { return Ok(Err(NotSent::Dead)) };
    let challenge = match stored.challenge.sent_again(now.0) {
        Ok(challenge) => challenge,
        Err(not_sent) => return Ok(Err(not_sent)),
    };
    let code = code(sdk::id::random()?);
    challenges::replace(&tx, &challenge, &keys.seal(challenge.id, &code)).await?;
    tx.commit().await?;
    Ok(Ok(Post::new(&user, letter::code(&code))))
}
