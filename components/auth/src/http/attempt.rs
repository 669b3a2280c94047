//! An attempt to prove who one is by password: what is looked up for it, and what is kept and told of it.

use sdk::Problem;
use sdk::clock::{self, Timestamp};
use sdk::sql::{self, Isolation, Transaction};
use serde_json::json;
use uuid::Uuid;

use super::post::Post;
use super::session::hash;
use crate::domain::guard::Counter;
use crate::domain::letter;
use crate::domain::sign_in::{Decision, Notice, Refusal, locked, notice};
use crate::domain::user::User;
use crate::store::guard::{self, Subject};
use crate::store::journal::{self, Audit, Caller, LoginEvent};
use crate::store::users::{self, Credentials};

/// Who tries: what is looked up before the password is hashed, outside the deciding transaction.
pub(super) struct Claimed {
    email: String,
    pub(super) user_id: Option<Uuid>,
    pub(super) password_hash: Option<String>,
    account: Subject,
    /// Absent where failures of the caller's address are not counted.
    address: Option<Subject>,
    pub(super) caller: Caller,
}

/// The counters of an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counters {
    pub(super) account: Counter,
    pub(super) address: Counter,
}

impl Claimed {
    /// Finds the person with an e-mail address, and the lock that refuses the attempt without a look at the password.
    pub(super) async fn by_email(email: String, caller: Caller) -> Result<(Self, Option<Refusal>), Problem> {
        let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
        let found = users::by_email(&tx, &email).await?;
        let address = caller.address.as_deref().map(|address| Subject::Address(hash(address)));
        Self::new(tx, email, found, (address, caller)).await
    }

    /// The same for somebody who has a session and shows the password once more.
    pub(super) async fn by_session(user: &User, caller: Caller) -> Result<(Self, Option<Refusal>), Problem> {
        let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
        let found = users::credentials(&tx, user.id).await?;
        Self::new(tx, user.email.clone(), found, (None, caller)).await
    }

    async fn new(
        tx: Transaction,
        email: String,
        found: Option<Credentials>,
        (address, caller): (Option<Subject>, Caller),
    ) -> Result<(Self, Option<Refusal>), Problem> {
        let (user_id, password_hash) = found.map_or((None, None), |found| (Some(found.user.id), found.password_hash));
        let account = user_id.map_or_else(|| Subject::Email(hash(&email)), Subject::User);
        let claimed = Self { email, user_id, password_hash, account, address, caller };
        let counters = claimed.counters(&tx).await?;
        tx.rollback().await?;
        let refusal = locked(&counters.account, &counters.address, clock::now().0);
        Ok((claimed, refusal))
    }

    /// The counters as they are now.
    pub(super) async fn counters(&self, tx: &Transaction) -> Result<Counters, Problem> {
        let account = guard::load(tx, &self.account).await?;
        let address = match &self.address {
            Some(address) => guard::load(tx, address).await?,
            None => Counter::default(),
        };
        Ok(Counters { account, address })
    }

    /// Keeps the counters that a decision changed, and writes down a lock.
    pub(super) async fn keep(
        &self,
        tx: &Transaction,
        before: Counters,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<(), Problem> {
        if decision.account != before.account {
            guard::save(tx, &self.account, decision.account, now).await?;
        }
        if let Some(subject) = self.address.as_ref().filter(|_| decision.address != before.address) {
            guard::save(tx, subject, decision.address, now).await?;
        }
        let locks = decision.account.locked_until.filter(|until| before.account.locked_until != Some(*until));
        if let (Some(until), Some(id)) = (locks, self.user_id) {
            let changes = json!({ "locked_until": Timestamp(until).rfc3339() });
            let entry = Audit { actor: None, action: "account.locked", target: ("user", id.to_string()), changes };
            journal::audit(tx, &entry, &self.caller, now).await?;
        }
        Ok(())
    }

    /// Writes the attempt down, with an outcome that is a word of the schema.
    pub(super) async fn log(&self, tx: &Transaction, outcome: &str, now: Timestamp) -> Result<(), Problem> {
        let event = LoginEvent { user_id: self.user_id, email: &self.email, outcome };
        Ok(journal::login(tx, &event, &self.caller, now).await?)
    }
}

/// The letter that an attempt is worth, to a person who is there and active.
pub(super) fn letter_about(user: Option<&User>, before: &Counter, decision: &Decision, now: Timestamp) -> Option<Post> {
    let user = user.filter(|user| user.is_active)?;
    let letter = match notice(before, decision, now.0)? {
        Notice::Failures { failed, left } => letter::failures(failed, left),
        Notice::Locked { seconds } => letter::locked(seconds.div_ceil(60)),
        Notice::Unlocked => letter::unlocked(false),
    };
    Some(Post::new(user, letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sign_in::{Attempt, decide};
    use crate::domain::user::example;

    #[test]
    fn strangers_and_people_who_were_switched_off_get_no_letters() {
        let before = Counter { failed: 9, last_failed_at: Some(0), locked_until: None };
        let inactive = User { is_active: false, ..example() };
        for user in [None, Some(&inactive), Some(&example())] {
            let attempt = Attempt { user, password_matches: false, account: before, address: Counter::default() };
            let letter = letter_about(user, &before, &decide(&attempt, 0), Timestamp(0));
            assert_eq!(letter.is_some(), user.is_some_and(|user| user.is_active));
        }
    }
}
