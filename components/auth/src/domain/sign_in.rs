//! Whether somebody who shows an address and a password is let in.

use super::DAY_US;
use super::guard::{ACCOUNT, ADDRESS, Counter, WARN_AT};
use super::user::{Approval, User};

/// How long it stays known who signed in, or tried to.
pub(crate) const KEPT_US: i64 = 180 * DAY_US;

/// What is known about an attempt. A person whom nobody knows has a counter too, so that answers to unknown and known
/// addresses cannot be told apart.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) user: Option<&'a User>,
    pub(crate) password_matches: bool,
    pub(crate) account: Counter,
    pub(crate) address: Counter,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such person, a wrong password, or a person who was switched off; with what is left before the lock once it
    /// comes near.
    Credentials { left: Option<u32> },
    /// The account is locked for so many seconds.
    Locked { seconds: u64 },
    /// The caller's address is locked for so many seconds.
    Limited { seconds: u64 },
    /// Nobody approved this person yet.
    Pending,
    /// Somebody refused to approve this person.
    Rejected,
    /// So many codes were sent that the next has to wait for so many seconds.
    Codes { seconds: u64 },
}

/// How far somebody who showed the right password is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// A session begins.
    Session,
    /// The person asked for one-time codes: one is sent, and has to come back.
    Code,
}

impl Admission {
    /// The word for it in `login_events`.
    pub(crate) const fn outcome(self) -> &'static str {
        match self {
            Self::Session => "ok",
            Self::Code => "otp_required",
        }
    }
}

impl Refusal {
    /// The word for it in `login_events`.
    pub(crate) const fn outcome(self) -> &'static str {
        match self {
            Self::Credentials { .. } => "bad_password",
            Self::Locked { .. } => "locked",
            Self::Limited { .. } | Self::Codes { .. } => "rate_limited",
            Self::Pending => "pending",
            Self::Rejected => "rejected",
        }
    }
}

/// What follows: the outcome, and the counters to be kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) outcome: Result<Admission, Refusal>,
    pub(crate) account: Counter,
    pub(crate) address: Counter,
}

/// Whether a lock refuses the attempt before its password is even looked at.
pub(crate) fn locked(account: &Counter, address: &Counter, now: i64) -> Option<Refusal> {
    let limited = address.locked_for(now).map(|seconds| Refusal::Limited { seconds });
    limited.or_else(|| account.locked_for(now).map(|seconds| Refusal::Locked { seconds }))
}

/// Decides an attempt. While a lock holds even the right password is refused and nothing is counted, so that of many
/// parallel guesses no more than the limit learn anything.
pub(crate) fn decide(attempt: &Attempt<'_>, now: i64) -> Decision {
    let Attempt { user, password_matches, account, address } = attempt;
    let keep = |outcome| Decision { outcome, account: *account, address: *address };
    if let Some(refusal) = locked(account, address, now) {
        return keep(Err(refusal));
    }
    let Some(user) = user.filter(|user| *password_matches && user.is_active) else {
        let account = account.failed_once(ACCOUNT, now);
        let address = address.failed_once(ADDRESS, now);
        let left = ACCOUNT.lock_at.saturating_sub(account.failed);
        let refusal = match account.locked_for(now) {
            Some(seconds) => Refusal::Locked { seconds },
            None => Refusal::Credentials { left: (account.failed >= WARN_AT).then_some(left) },
        };
        return Decision { outcome: Err(refusal), account, address };
    };
    let admission = if user.otp_enabled { Admission::Code } else { Admission::Session };
    let outcome = standing(user).map(|()| admission);
    // The password was right, so failures before it were slips. Those of the address stay: others share it.
    Decision { outcome, account: Counter::default(), address: *address }
}

/// What a person is told by mail of attempts on their account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// So many failures; after so many more it is locked. Told once, at the first of those that come near.
    Failures { failed: u32, left: u32 },
    /// It is locked for so many seconds.
    Locked { seconds: u64 },
    /// It was locked, and this was the first right password since.
    Unlocked,
}

/// What an attempt is worth telling, from the account's counter before it.
pub(crate) fn notice(before: &Counter, decision: &Decision, now: i64) -> Option<Notice> {
    let after = &decision.account;
    if decision.outcome.is_ok() {
        return before.locked_until.map(|_| Notice::Unlocked);
    }
    if after.locked_until != before.locked_until {
        return after.locked_for(now).map(|seconds| Notice::Locked { seconds });
    }
    let left = ACCOUNT.lock_at.saturating_sub(after.failed);
    (after.failed == WARN_AT && before.failed != WARN_AT).then_some(Notice::Failures { failed: after.failed, left })
}

/// Whether a person who proved who they are may have a session.
pub(crate) fn standing(user: &User) -> Result<(), Refusal> {
    match user.approval {
        Approval::Pending => Err(Refusal::Pending),
        Approval::Rejected => Err(Refusal::Rejected),
        Approval::Approved => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::MINUTE_US;
    use super::super::user::example;
    use super::*;

    fn attempt(user: Option<&User>, password_matches: bool) -> Attempt<'_> {
        Attempt { user, password_matches, account: Counter::default(), address: Counter::default() }
    }

    #[test]
    fn the_right_password_lets_in_and_forgets_slips() {
        let user = example();
        let slips = Counter { failed: 9, last_failed_at: Some(0), locked_until: None };
        let decision = decide(&Attempt { account: slips, ..attempt(Some(&user), true) }, 1);
        assert_eq!((decision.outcome, decision.account), (Ok(Admission::Session), Counter::default()));
    }

    #[test]
    fn ten_wrong_passwords_give_nine_refusals_that_warn_from_the_fifth_and_then_a_lock() {
        let user = example();
        let mut account = Counter::default();
        let mut outcomes = Vec::new();
        for _ in 0..10 {
            let decision = decide(&Attempt { account, ..attempt(Some(&user), false) }, 0);
            account = decision.account;
            outcomes.push(decision.outcome.unwrap_err());
        }
        let quiet = Refusal::Credentials { left: None };
        let warning = |left| Refusal::Credentials { left: Some(left) };
        let mut expected = vec![quiet; 4];
        expected.extend([5, 4, 3, 2, 1].map(warning));
        expected.push(Refusal::Locked { seconds: 900 });
        assert_eq!(outcomes, expected);
    }

    #[test]
    fn the_fifth_failure_the_lock_and_the_way_out_are_told_once() {
        let user = example();
        let mut account = Counter::default();
        let mut told = Vec::new();
        let end = 15 * MINUTE_US;
        let moments = [0; 12].into_iter().chain([end; 2]);
        for (number, now) in moments.enumerate() {
            let decision = decide(&Attempt { account, ..attempt(Some(&user), number >= 12) }, now);
            told.extend(notice(&account, &decision, now).map(|notice| (number + 1, notice)));
            account = decision.account;
        }
        let expected = [
            (5, Notice::Failures { failed: 5, left: 5 }),
            (10, Notice::Locked { seconds: 900 }),
            (13, Notice::Unlocked),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn while_locked_the_right_password_is_refused_and_afterwards_it_is_not() {
        let user = example();
        let account = Counter { failed: 10, last_failed_at: Some(0), locked_until: Some(15 * MINUTE_US) };
        let locked = decide(&Attempt { account, ..attempt(Some(&user), true) }, MINUTE_US);
        assert_eq!((locked.outcome, locked.account), (Err(Refusal::Locked { seconds: 840 }), account));
        let later = decide(&Attempt { account, ..attempt(Some(&user), true) }, 15 * MINUTE_US);
        assert_eq!((later.outcome, later.account), (Ok(Admission::Session), Counter::default()));
    }

    #[test]
    fn unknown_and_inactive_people_are_answered_like_a_wrong_password() {
        let inactive = User { is_active: false, approval: Approval::Pending, ..example() };
        let wrong = decide(&attempt(Some(&example()), false), 0);
        assert_eq!(decide(&attempt(None, false), 0), wrong);
        assert_eq!(decide(&attempt(Some(&inactive), true), 0), wrong);
    }

    #[test]
    fn those_not_approved_and_those_with_codes_learn_of_it_only_after_the_right_password() {
        let pending = User { approval: Approval::Pending, ..example() };
        let cases = [
            (User { otp_enabled: true, ..pending.clone() }, Err(Refusal::Pending)),
            (pending, Err(Refusal::Pending)),
            (User { approval: Approval::Rejected, ..example() }, Err(Refusal::Rejected)),
            (User { otp_enabled: true, ..example() }, Ok(Admission::Code)),
        ];
        for (user, outcome) in cases {
            assert_eq!(decide(&attempt(Some(&user), true), 0).outcome, outcome);
            assert_eq!(decide(&attempt(Some(&user), false), 0).outcome, Err(Refusal::Credentials { left: None }));
        }
    }

    #[test]
    fn an_address_that_fails_on_many_accounts_is_limited_everywhere() {
        let mut address = Counter::default();
        for _ in 0..ADDRESS.lock_at {
            address = decide(&Attempt { address, ..attempt(None, false) }, 0).address;
        }
        let user = example();
        let decision = decide(&Attempt { address, ..attempt(Some(&user), true) }, 0);
        assert_eq!(decision.outcome, Err(Refusal::Limited { seconds: 900 }));
    }
}
