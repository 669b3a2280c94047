//! Counting failures and locking: for an account, and for an address that tries many accounts.

use super::{DAY_US, MINUTE_US, SECOND_US};

/// When failures lead to a lock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    /// The failure that locks.
    pub(crate) lock_at: u32,
    /// How long, in microseconds.
    pub(crate) lock_us: i64,
}

/// The tenth failure locks an account for a quarter of an hour: a guesser gets a thousand tries a day at most.
pub(crate) const ACCOUNT: Policy = Policy { lock_at: 10, lock_us: 15 * MINUTE_US };

/// An address may stand for a whole office, so it takes more failures to lock it out; spraying one password over many
/// accounts meets this limit.
pub(crate) const ADDRESS: Policy = Policy { lock_at: 50, lock_us: 15 * MINUTE_US };

/// From this failure on the answer says how many are left.
pub(crate) const WARN_AT: u32 = 5;

/// Failures are forgotten a day after the last one.
pub(crate) const FORGET_US: i64 = DAY_US;

/// Failures in a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) failed: u32,
    pub(crate) last_failed_at: Option<i64>,
    pub(crate) locked_until: Option<i64>,
}

impl Counter {
    /// Seconds until the lock opens, rounded up so that an obedient caller succeeds; `None` if it is open.
    pub(crate) fn locked_for(&self, now: i64) -> Option<u64> {
        let left = self.locked_until?.saturating_sub(now);
        if left <= 0 { None } else { u64::try_from(left.saturating_add(SECOND_US - 1) / SECOND_US).ok() }
    }

    /// The counter after one more failure. A lock that opened since the last one, or a long quiet time, starts from
    /// none. The end of a lock stays known until a success, which is then told to the person.
    #[must_use]
    pub(crate) fn failed_once(self, policy: Policy, now: i64) -> Self {
        let opened = self.locked_until.is_some_and(|until| until <= now && self.last_failed_at < Some(until));
        let forgotten = self.last_failed_at.is_some_and(|at| now.saturating_sub(at) >= FORGET_US);
        let failed = if opened || forgotten { 1 } else { self.failed.saturating_add(1) };
        let locks = failed >= policy.lock_at;
        let locked_until = if locks { Some(now.saturating_add(policy.lock_us)) } else { self.locked_until };
        Self { failed, last_failed_at: Some(now), locked_until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(times: u32, now: i64) -> Counter {
        (0..times).fold(Counter::default(), |counter, _| counter.failed_once(ACCOUNT, now))
    }

    #[test]
    fn the_tenth_failure_locks_for_fifteen_minutes() {
        assert_eq!(failed(9, 0).locked_for(0), None);
        assert_eq!(failed(10, 0).locked_for(0), Some(900));
        assert_eq!(failed(10, 0).locked_for(15 * MINUTE_US - 1), Some(1));
        assert_eq!(failed(10, 0).locked_for(15 * MINUTE_US), None);
    }

    #[test]
    fn a_failure_after_the_lock_opened_is_the_first_one_again() {
        let counter = failed(10, 0).failed_once(ACCOUNT, 15 * MINUTE_US);
        assert_eq!((counter.failed, counter.locked_for(15 * MINUTE_US)), (1, None));
        let counter = (0..8).fold(counter, |counter, _| counter.failed_once(ACCOUNT, 15 * MINUTE_US));
        assert_eq!((counter.failed, counter.locked_until), (9, Some(15 * MINUTE_US)), "the old lock stays known");
        let counter = counter.failed_once(ACCOUNT, 15 * MINUTE_US);
        assert_eq!(counter.locked_for(15 * MINUTE_US), Some(900));
    }

    #[test]
    fn failures_are_forgotten_after_a_quiet_day_and_not_before() {
        assert_eq!(failed(9, 0).failed_once(ACCOUNT, FORGET_US - 1).failed, 10);
        assert_eq!(failed(9, 0).failed_once(ACCOUNT, FORGET_US).failed, 1);
    }
}
