//! Who is asking, as the database knows them now: a token may be ten minutes old.

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sdk::http::cookie;
use sdk::principal::ACCESS_COOKIE;
use sdk::sql::{self, Isolation, Transaction};
use sdk::{Principal, Problem};

use crate::domain::access::{Scope, may_approve, scope};
use crate::domain::user::User;
use crate::keys::Keys;
use crate::store::users;

/// A person with a session that still stands. As an extractor it refuses (401) without one, also if the person was
/// switched off or their sessions were ended since the token was made.
#[derive(Debug, Clone)]
pub(super) struct SignedIn(pub(super) User);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if !parts.headers.contains_key(AUTHORIZATION) && cookie(&parts.headers, ACCESS_COOKIE).is_none() {
            return Err(Problem::unauthorized("You are not signed in."));
        }
        Keys::from_request_parts(parts, state).await?;
        let principal = Principal::from_request_parts(parts, state).await?;
        let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
        let user = users::by_id(&tx, principal.id).await?;
        tx.rollback().await?;
        standing(user, principal.epoch).map(Self)
    }
}

fn standing(user: Option<User>, epoch: i64) -> Result<User, Problem> {
    let user = user.filter(|user| user.is_active && user.token_epoch == epoch);
    user.ok_or_else(|| Problem::unauthorized("The session is over. Sign in again."))
}

impl SignedIn {
    /// The person once more, within the transaction that decides.
    pub(super) async fn again(&self, tx: &Transaction) -> Result<User, Problem> {
        standing(users::by_id(tx, self.0.id).await?, self.0.token_epoch)
    }

    /// What the person administers.
    pub(super) fn scope(&self) -> Result<Scope, Problem> {
        scope_of(&self.0)
    }

    /// Passes for superusers.
    pub(super) fn require_superuser(&self) -> Result<(), Problem> {
        if self.0.is_superuser { Ok(()) } else { Err(Problem::forbidden("Only superusers may do this.")) }
    }
}

/// What somebody administers; 403 for those who administer nothing.
pub(super) fn scope_of(user: &User) -> Result<Scope, Problem> {
    scope(user).ok_or_else(|| Problem::forbidden("Only administrators may do this."))
}

/// Passes for those who let people in.
pub(super) fn require_approver(user: &User) -> Result<(), Problem> {
    if may_approve(user) {
        Ok(())
    } else {
        Err(Problem::forbidden("Only administrators of the help desk may do this."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::user::{RoleHeld, example};

    #[test]
    fn a_session_ends_with_its_epoch_and_with_its_person() {
        assert!(standing(Some(example()), 0).is_ok());
        assert_eq!(standing(Some(example()), 1).unwrap_err().status(), 401);
        let inactive = User { is_active: false, ..example() };
        assert_eq!(standing(Some(inactive), 0).unwrap_err().status(), 401);
        assert_eq!(standing(None, 0).unwrap_err().status(), 401);
    }

    #[test]
    fn those_without_the_right_are_refused() {
        let with = |role: &str, system: &str| {
            let held = RoleHeld { system: system.to_owned(), role: role.to_owned() };
            User { roles: vec![held], ..example() }
        };
        for user in [example(), with("Agent", "tts"), with("Ticket Coordinator", "hdts")] {
            assert_eq!(scope_of(&user).unwrap_err().status(), 403);
            assert_eq!(require_approver(&user).unwrap_err().status(), 403);
            assert_eq!(SignedIn(user).require_superuser().unwrap_err().status(), 403);
        }
        assert_eq!(require_approver(&with("Admin", "tts")).unwrap_err().status(), 403);
        assert!(require_approver(&with("Admin", "hdts")).is_ok());
        assert_eq!(SignedIn(with("Admin", "hdts")).require_superuser().unwrap_err().status(), 403);
    }
}
