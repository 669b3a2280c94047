//! One-time codes on and off: `POST /api/v1/auth/2fa/{enable,request,disable}`.

use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::CACHE_CONTROL;
use sdk::http::Json;
use sdk::sql::{self, Transaction};
use sdk::{Problem, clock};
use serde::Deserialize;
use serde_json::json;

use super::caller;
use super::change::{By, audit, invalid_field};
use super::codes::{check_code, start, try_code};
use super::confirm::confirm;
use super::limits::too_many;
use super::post::{Post, after_answer};
use super::signed_in::SignedIn;
use crate::domain::challenge::{CODE_S, NotSent, Purpose, Verdict};
use crate::domain::letter;
use crate::domain::user::User;
use crate::keys::Keys;
use crate::store::journal::Caller;
use crate::store::{accounts, challenges};

#[derive(Deserialize)]
pub(super) struct Enable {
    password: String,
}

#[derive(Deserialize)]
pub(super) struct Disable {
    password: String,
    otp_code: String,
}

fn switched(on: bool) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(json!({ "otp_enabled": on }))).into_response()
}

fn off() -> Problem {
    Problem::conflict("One-time codes are not switched on.").member("otp_enabled", false)
}

/// Sign-ins ask for a code from now on. The password is asked for, since a forgotten screen must not be enough to lock
/// somebody out.
pub(super) async fn enable(me: SignedIn, headers: HeaderMap, Json(input): Json<Enable>) -> Result<Response, Problem> {
    confirm(&me, ("password", &input.password), &headers).await?;
    let caller = caller(&headers);
    let post = sql::retry(|| async {
        let tx = sql::begin().await?;
        let user = me.again(&tx).await?;
        if user.otp_enabled {
            return Ok::<_, Problem>(None);
        }
        let post = switch(&tx, &user, true, &caller).await?;
        tx.commit().await?;
        Ok(Some(post))
    });
    after_answer(Vec::from_iter(post.await?));
    Ok(switched(true))
}

async fn switch(tx: &Transaction, user: &User, on: bool, caller: &Caller) -> Result<Post, Problem> {
    let now = clock::now();
    accounts::set_codes(tx, user.id, on).await?;
    accounts::touch(tx, user.id, now).await?;
    let action = if on { "otp.enabled" } else { "otp.disabled" };
    audit(tx, By { actor: Some(user), caller }, (action, user.id), json!({}), now).await?;
    Ok(Post::new(user, letter::codes_switched(on)))
}

/// Mails the code that switching off asks for.
pub(super) async fn request(me: SignedIn, keys: Keys) -> Result<Response, Problem> {
    let post = sql::retry(|| async {
        let tx = sql::begin().await?;
        let now = clock::now();
        let user = me.again(&tx).await?;
        if !user.otp_enabled {
            return Err(off());
        }
        let last = challenges::of_switching_off(&tx, user.id).await?;
        let wait = last.map(|last| last.challenge.sent_again(now.0));
        if let Some(Err(NotSent::Wait { seconds })) = wait {
            return Err(too_many(seconds));
        }
        let (_, post) = start(&tx, keys, (&user, Purpose::SwitchOff), now).await?.map_err(too_many)?;
        tx.commit().await?;
        Ok(post)
    });
    after_answer(vec![post.await?]);
    Ok(([(CACHE_CONTROL, "no-store")], Json(json!({ "expires_in": CODE_S }))).into_response())
}

/// Sign-ins no longer ask for a code. Asks for the password and a code, as a sign-in would.
pub(super) async fn disable(
    me: SignedIn,
    keys: Keys,
    headers: HeaderMap,
    Json(input): Json<Disable>,
) -> Result<Response, Problem> {
    let code = check_code(&input.otp_code)?;
    if !me.0.otp_enabled {
        return Err(off());
    }
    confirm(&me, ("password", &input.password), &headers).await?;
    let caller = caller(&headers);
    let (verdict, post) = sql::retry(|| settle(keys, &me, code, &caller)).await?;
    after_answer(Vec::from_iter(post));
    match verdict {
        Verdict::Right => Ok(switched(false)),
        Verdict::Wrong { left: 1.. } => Err(invalid_field("otp_code", "is wrong")),
        Verdict::Wrong { left: 0 } | Verdict::Dead => {
            Err(invalid_field("otp_code", "is no longer valid; ask for another"))
        }
    }
}

async fn settle(keys: Keys, me: &SignedIn, code: &str, caller: &Caller) -> Result<(Verdict, Option<Post>), Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let user = me.again(&tx).await?;
    let Some(stored) = challenges::of_switching_off(&tx, user.id).await? else { return Ok((Verdict::Dead, None)) };
    let verdict = try_code(&tx, keys, (&stored, code), caller, now).await?;
    let post = match verdict {
        Verdict::Right => Some(switch(&tx, &user, false, caller).await?),
        Verdict::Wrong { .. } | Verdict::Dead => None,
    };
    tx.commit().await?;
    Ok((verdict, post))
}
