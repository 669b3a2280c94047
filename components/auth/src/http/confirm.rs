//! The password once more, before something that a stolen session must not be enough for.

use http::HeaderMap;
use sdk::sql;
use sdk::{Problem, clock, password};

use super::attempt::{Claimed, letter_about};
use super::change::invalid_field;
use super::post::{Post, after_answer};
use super::signed_in::SignedIn;
use super::{caller, refuse};
use crate::domain::guard::Counter;
use crate::domain::password::BYTES_MAX;
use crate::domain::sign_in::{Attempt, Refusal, decide};

/// Passes with the right password. A wrong one is refused at `field` (422) and counts like one at sign-in, so that
/// whoever has a session cannot guess on; a locked account is refused (423).
pub(super) async fn confirm(
    me: &SignedIn,
    (field, text): (&'static str, &str),
    headers: &HeaderMap,
) -> Result<(), Problem> {
    if text.is_empty() {
        return Err(invalid_field(field, "is missing"));
    }
    if text.len() > BYTES_MAX {
        return Err(invalid_field(field, "is longer than 128 bytes"));
    }
    let (claimed, refusal) = Claimed::by_session(&me.0, caller(headers)).await?;
    if let Some(refusal) = refusal {
        return Err(refuse(refusal));
    }
    let matches = password::verify(text, claimed.password_hash.as_deref()).await?;
    let (refusal, post) = sql::retry(|| settle(me, &claimed, matches)).await?;
    after_answer(Vec::from_iter(post));
    match refusal {
        None => Ok(()),
        Some(Refusal::Credentials { .. }) => Err(invalid_field(field, "is wrong")),
        Some(refusal) => Err(refuse(refusal)),
    }
}

/// Decides on the counter as it is now.
async fn settle(me: &SignedIn, claimed: &Claimed, matches: bool) -> Result<(Option<Refusal>, Option<Post>), Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let user = me.again(&tx).await?;
    let before = claimed.counters(&tx).await?;
    let attempt =
        Attempt { user: Some(&user), password_matches: matches, account: before.account, address: Counter::default() };
    let decision = decide(&attempt, now.0);
    claimed.keep(&tx, before, &decision, now).await?;
    let refusal = decision.outcome.err();
    if let Some(refusal) = refusal {
        claimed.log(&tx, refusal.outcome(), now).await?;
    }
    tx.commit().await?;
    Ok((refusal, letter_about(Some(&user), &before.account, &decision, now)))
}
