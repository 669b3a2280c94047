//! Who is let in: `POST /api/v1/auth/users/{id}/approve`, `/reject` and `/unlock`.

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use http::HeaderMap;
use sdk::http::{Json, Path};
use sdk::sql;
use sdk::{Problem, clock, variables};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::caller;
use super::change::{By, announce, audit, invalid_field, person};
use super::people::shown;
use super::post::{Post, after_answer};
use super::signed_in::{SignedIn, require_approver, scope_of};
use crate::domain::approval::{Decision, next};
use crate::domain::guard::Counter;
use crate::domain::letter;
use crate::domain::user::Approval;
use crate::store::accounts::{self, Decided};
use crate::store::guard::{self, Subject};
use crate::store::journal::Caller;
use crate::store::people::Listed;

/// Longest reason in characters.
const REASON_CHARS_MAX: usize = 1_000;

#[derive(Deserialize)]
struct Rejection {
    reason: String,
}

impl Rejection {
    fn check(self) -> Result<String, Problem> {
        let reason = self.reason.trim();
        let fits = (1..=REASON_CHARS_MAX).contains(&reason.chars().count()) && !reason.contains('\0');
        if fits { Ok(reason.to_owned()) } else { Err(invalid_field("reason", "must be text of 1 to 1000 characters")) }
    }
}

/// Lets somebody in, also after a rejection.
pub(super) async fn approve(me: SignedIn, Path(id): Path<Uuid>, headers: HeaderMap) -> Result<Response, Problem> {
    require_approver(&me.0)?;
    let public_url = variables::get("public_url").await?;
    let caller = caller(&headers);
    let listed = sql::retry(|| decide(&me, id, (Decision::Approve, None), &caller)).await?;
    after_answer(vec![Post::new(&listed.user, letter::approved(&public_url))]);
    Ok(shown(listed))
}

/// Refuses somebody, with a reason that they are told.
pub(super) async fn reject(me: SignedIn, Path(id): Path<Uuid>, request: Request) -> Result<Response, Problem> {
    require_approver(&me.0)?;
    let caller = caller(request.headers());
    let Json(input) = Json::<Rejection>::from_request(request, &()).await?;
    let reason = input.check()?;
    let listed = sql::retry(|| decide(&me, id, (Decision::Reject, Some(&reason)), &caller)).await?;
    after_answer(vec![Post::new(&listed.user, letter::rejected(&reason))]);
    Ok(shown(listed))
}

async fn decide(
    me: &SignedIn,
    id: Uuid,
    (decision, reason): (Decision, Option<&str>),
    caller: &Caller,
) -> Result<Listed, Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let actor = me.again(&tx).await?;
    require_approver(&actor)?;
    let found = person(&tx, &scope_of(&actor)?, id).await?;
    let from = found.user.approval;
    if !decision.is_possible(from) {
        return Err(Problem::conflict("This was already decided.")
            .member("current_status", from.as_str())
            .member("allowed", next(from)));
    }
    let approval = decision.leads_to();
    accounts::decide(&tx, id, &Decided { approval, by: actor.id, reason }, now).await?;
    if approval == Approval::Rejected {
        accounts::end_sessions(&tx, id, now).await?;
    }
    let user = announce(&tx, id, now).await?;
    let action = if approval == Approval::Approved { "account.approved" } else { "account.rejected" };
    let changes = json!({ "status": { "from": from.as_str(), "to": approval.as_str() }, "reason": reason });
    audit(&tx, By { actor: Some(&actor), caller }, (action, id), changes, now).await?;
    tx.commit().await?;
    Ok(Listed { user, approval_reason: reason.map(str::to_owned), ..found })
}

/// Opens an account that guesses have locked; nothing happens to one that is open.
pub(super) async fn unlock(me: SignedIn, Path(id): Path<Uuid>, headers: HeaderMap) -> Result<Response, Problem> {
    me.scope()?;
    let caller = caller(&headers);
    let (listed, was_locked) = sql::retry(|| open(&me, id, &caller)).await?;
    if was_locked {
        after_answer(vec![Post::new(&listed.user, letter::unlocked(true))]);
    }
    Ok(shown(listed))
}

async fn open(me: &SignedIn, id: Uuid, caller: &Caller) -> Result<(Listed, bool), Problem> {
    let tx = sql::begin().await?;
    let now = clock::now();
    let actor = me.again(&tx).await?;
    let found = person(&tx, &scope_of(&actor)?, id).await?;
    let counter = guard::load(&tx, &Subject::User(id)).await?;
    if counter == Counter::default() {
        return Ok((found, false));
    }
    guard::save(&tx, &Subject::User(id), Counter::default(), now).await?;
    let was_locked = counter.locked_for(now.0).is_some();
    let changes = json!({ "was_locked": was_locked });
    audit(&tx, By { actor: Some(&actor), caller }, ("account.unlocked", id), changes, now).await?;
    tx.commit().await?;
    Ok((Listed { locked_until: None, ..found }, was_locked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_has_a_reason() {
        assert_eq!(Rejection { reason: " not ours ".to_owned() }.check().unwrap(), "not ours");
        for reason in ["", " \n ", &"x".repeat(1_001), "a\0b"] {
            let problem = Rejection { reason: reason.to_owned() }.check().unwrap_err();
            assert_eq!(problem.errors()[0].field, "reason");
        }
    }
}
