//! A new password: changed with the old one (`POST /api/v1/auth/me/password`), or set by a link from a mail
//! (`POST password/forgot`, `GET password/reset/{token}`, `POST password/reset`).

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::CACHE_CONTROL;
use sdk::clock::{self, Timestamp};
use sdk::http::{Json, Path};
use sdk::problem::Invalid;
use sdk::sql::{self, Isolation, Transaction};
use sdk::{Problem, log, password, variables};
use serde::Deserialize;
use serde_json::json;
use spin_sdk::wasip3::clocks::monotonic_clock::wait_for;

use super::caller;
use super::change::{By, announce, audit, invalid_field};
use super::confirm::confirm;
use super::cookies::Tokens;
use super::limits::{count, too_many};
use super::post::{Post, after_answer, later};
use super::session::{Family, hash, issue, welcome};
use super::signed_in::SignedIn;
use crate::domain::guard::Counter;
use crate::domain::password::{Names, weakness};
use crate::domain::user::{Approval, User, is_email, normal_email};
use crate::domain::{letter, limit};
use crate::keys::Keys;
use crate::store::guard::{self, Subject};
use crate::store::journal::Caller;
use crate::store::{accounts, resets, users};

/// Characters of a link's token: 48 random bytes.
const TOKEN_LEN: usize = 64;

/// Nanoseconds after which an answer is on its way even where the machine is busy, so that it cannot be measured
/// whether there was anything to do after it.
const ANSWERED_NS: u64 = 50_000_000;

#[derive(Deserialize)]
pub(super) struct Change {
    #[serde(alias = "current")]
    current_password: String,
    #[serde(alias = "new")]
    new_password: String,
    #[serde(alias = "confirm")]
    new_password_confirm: String,
}

#[derive(Deserialize)]
pub(super) struct Forgot {
    email: String,
}

#[derive(Deserialize)]
pub(super) struct Reset {
    token: String,
    password: String,
    password_confirm: String,
}

/// `POST me/password`: all other sessions end, this one goes on with new tokens.
pub(super) async fn change(
    me: SignedIn,
    keys: Keys,
    headers: HeaderMap,
    Json(input): Json<Change>,
) -> Result<Response, Problem> {
    let mut wrong = Invalid::new();
    if let Some(weakness) = weakness(&input.new_password, Names::from(&me.0)) {
        wrong.add("new_password", weakness);
    } else if input.new_password == input.current_password {
        wrong.add("new_password", "is the present one");
    }
    wrong.check(input.new_password == input.new_password_confirm, "new_password_confirm", "is not the same");
    wrong.finish()?;
    confirm(&me, ("current_password", &input.current_password), &headers).await?;
    let new = password::hash(&input.new_password).await?;
    let caller = caller(&headers);
    let (tokens, user) = sql::retry(|| exchange(keys, &me, &new, &caller)).await?;
    after_answer(vec![Post::new(&user, letter::password_changed())]);
    welcome(&tokens, user).await
}

async fn exchange(keys: Keys, me: &SignedIn, new: &str, caller: &Caller) -> Result<(Tokens, User), Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let user = me.again(&tx).await?;
    accounts::set_password(&tx, user.id, new, now).await?;
    accounts::end_sessions(&tx, user.id, now).await?;
    let user = announce(&tx, user.id, now).await?;
    audit(&tx, By { actor: Some(&user), caller }, ("password.changed", user.id), json!({}), now).await?;
    let family = Family { id: sdk::id::new(), started_at: now.0 };
    let (tokens, _) = issue(&tx, keys, (&user, family), caller, now).await?;
    tx.commit().await?;
    Ok((tokens, user))
}

/// `POST password/forgot`: the same answer, after the same work, for every address; the rest happens after it.
pub(super) async fn forgot(headers: HeaderMap, Json(input): Json<Forgot>) -> Result<Response, Problem> {
    let email = normal_email(&input.email);
    if !is_email(&email) {
        return Err(invalid_field("email", "is no e-mail address"));
    }
    let caller = caller(&headers);
    sql::retry(|| async {
        let tx = sql::begin().await?;
        let now = clock::now();
        let address = caller.address.as_deref().unwrap_or_default();
        count(&tx, limit::FORGOT_ADDRESS, address, now).await?.map_err(too_many)?;
        count(&tx, limit::FORGOT_EMAIL, &email, now).await?.map_err(too_many)?;
        Ok::<_, Problem>(tx.commit().await?)
    })
    .await?;
    later(async move {
        wait_for(ANSWERED_NS).await;
        if let Err(problem) = send_link(&email, &caller).await {
            log::error("a link for a new password was not sent", &json!({ "reason": format!("{problem:?}") }));
        }
    });
    let message = "If somebody has this address, a mail with a link is on its way.";
    Ok(([(CACHE_CONTROL, "no-store")], Json(json!({ "message": message }))).into_response())
}

/// Whether somebody may come back by a link.
fn may_reset(user: &User) -> bool {
    user.is_active && user.approval != Approval::Rejected
}

async fn send_link(email: &str, caller: &Caller) -> Result<(), Problem> {
    let public_url = variables::get("public_url").await?;
    let token = URL_SAFE_NO_PAD.encode(sdk::id::random::<48>()?);
    let token_hash = hash(&token);
    let user = sql::retry(|| async {
        let tx = sql::begin().await?;
        let now = clock::now();
        let user = users::by_email(&tx, email).await?.map(|found| found.user).filter(may_reset);
        if let Some(user) = &user {
            resets::start(&tx, user.id, &token_hash, caller.address.clone(), now).await?;
            let by = By { actor: None, caller };
            audit(&tx, by, ("password.reset_requested", user.id), json!({}), now).await?;
        }
        tx.commit().await?;
        Ok::<_, Problem>(user)
    });
    if let Some(user) = user.await? {
        Post::new(&user, letter::reset(&public_url, &token)).send().await;
    }
    Ok(())
}

/// Whom a link belongs to, if it still leads somewhere.
async fn owner(tx: &Transaction, token: &str, now: Timestamp) -> Result<Option<User>, Problem> {
    if token.len() != TOKEN_LEN {
        return Ok(None);
    }
    let Some(id) = resets::owner(tx, &hash(token), now).await? else { return Ok(None) };
    Ok(users::by_id(tx, id).await?.filter(may_reset))
}

/// `GET password/reset/{token}`: whether a page should offer to set a password at all.
pub(super) async fn check(Path(token): Path<String>) -> Result<Response, Problem> {
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    let owner = owner(&tx, &token, clock::now()).await?;
    tx.rollback().await?;
    if owner.is_none() {
        return Err(Problem::not_found("This link is not valid any more."));
    }
    Ok(([(CACHE_CONTROL, "no-store")], Json(json!({ "valid": true }))).into_response())
}

/// `POST password/reset`: sets the password, and ends every session, lock, code and other link of the person. They
/// sign in afterwards like everybody.
pub(super) async fn reset(headers: HeaderMap, Json(input): Json<Reset>) -> Result<Response, Problem> {
    let over = || invalid_field("token", "is not valid any more");
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    let user = owner(&tx, &input.token, clock::now()).await?;
    tx.rollback().await?;
    let user = user.ok_or_else(over)?;
    let mut wrong = Invalid::new();
    if let Some(weakness) = weakness(&input.password, Names::from(&user)) {
        wrong.add("password", weakness);
    }
    wrong.check(input.password == input.password_confirm, "password_confirm", "is not the same");
    wrong.finish()?;
    let new = password::hash(&input.password).await?;
    let caller = caller(&headers);
    let user = sql::retry(|| async {
        let tx = sql::begin().await?;
        let now = clock::now();
        // Of two that use the link at the same moment, one does.
        let user = owner(&tx, &input.token, now).await?.ok_or_else(over)?;
        accounts::set_password(&tx, user.id, &new, now).await?;
        accounts::end_sessions(&tx, user.id, now).await?;
        guard::save(&tx, &Subject::User(user.id), Counter::default(), now).await?;
        let user = announce(&tx, user.id, now).await?;
        audit(&tx, By { actor: None, caller: &caller }, ("password.reset", user.id), json!({}), now).await?;
        tx.commit().await?;
        Ok::<_, Problem>(user)
    });
    after_answer(vec![Post::new(&user.await?, letter::password_changed())]);
    Ok(([(CACHE_CONTROL, "no-store")], Json(json!({ "success": true }))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::user::example;

    #[test]
    fn those_who_were_switched_off_or_rejected_get_no_link() {
        assert!(may_reset(&example()) && may_reset(&User { approval: Approval::Pending, ..example() }));
        assert!(!may_reset(&User { is_active: false, ..example() }));
        assert!(!may_reset(&User { approval: Approval::Rejected, ..example() }));
    }

    #[test]
    fn a_token_of_a_link_has_64_characters_that_need_no_escape() {
        let token = URL_SAFE_NO_PAD.encode([0xfb; 48]);
        assert_eq!(token.len(), TOKEN_LEN);
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    }
}
