//! The key set that tokens are checked with: fetched from the component that mints them and kept in the instance,
//! or installed by that component itself.

use std::sync::{Mutex, PoisonError};

use super::token::{KeySet, Refused, verify};
use super::{Claims, Principal};
use crate::clock;
use crate::problem::Problem;

/// Where the key set is published; needs `http://auth.spin.internal` among the component's allowed outbound hosts.
const KEYS_URL: &str = "http://auth.spin.internal/api/v1/auth/.well-known/jwks.json";

/// A key set of a few keys has some hundred bytes.
const KEYS_BYTES_MAX: usize = 16 * 1024;

/// Seconds a fetched key set is used, so that a withdrawn key is gone after five minutes.
const KEYS_LIFE_S: i64 = 300;

/// Seconds between two fetches because of an unknown key, so that forged tokens cannot make every request fetch.
const REFETCH_PAUSE_S: i64 = 10;

struct Kept {
    keys: KeySet,
    fetched_at: i64,
    forever: bool,
}

static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

/// Makes this instance check tokens with these keys and fetch none: for the component that mints them.
pub fn trust(keys: KeySet) {
    keep(Kept { keys, fetched_at: 0, forever: true });
}

fn keep(kept: Kept) {
    *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
}

/// What the kept keys say; `None` if there are none, or others may know better.
fn check_with_kept(token: &str, now: i64) -> Option<Result<Claims, Refused>> {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.as_ref()?;
    let age = now.saturating_sub(kept.fetched_at);
    if !kept.forever && !(0..KEYS_LIFE_S).contains(&age) {
        return None;
    }
    match verify(token, &kept.keys, now) {
        Err(Refused::UnknownKey) if !kept.forever && age >= REFETCH_PAUSE_S => None,
        outcome => Some(outcome),
    }
}

pub(super) async fn check(token: &str, now: i64) -> Result<Principal, Problem> {
    let outcome = if let Some(outcome) = check_with_kept(token, now) {
        outcome
    } else {
        let document = crate::http::fetch(KEYS_URL, KEYS_BYTES_MAX).await?;
        let keys: KeySet = serde_json::from_slice(&document)?;
        let outcome = verify(token, &keys, now);
        keep(Kept { keys, fetched_at: clock::now().seconds(), forever: false });
        outcome
    };
    let refuse = |refused: Refused| Problem::unauthorized(refused.to_string());
    outcome.and_then(Principal::try_from).map_err(refuse)
}
