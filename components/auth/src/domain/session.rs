//! How long a session lives, and what a refresh token that comes back means.

use uuid::Uuid;

use super::guard::Counter;
use super::sign_in::standing;
use super::user::User;
use super::{DAY_US, SECOND_US};

/// Seconds an access token is valid: what a stolen one is worth, and how late a change of roles is felt.
pub(crate) const ACCESS_S: i64 = 600;

/// A session that nobody uses ends after a week.
const IDLE_US: i64 = 7 * DAY_US;

/// A session ends a month after its sign-in, however much it is used.
const FAMILY_US: i64 = 30 * DAY_US;

/// A stored refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    pub(crate) id: Uuid,
    /// All tokens of one sign-in.
    pub(crate) family_id: Uuid,
    pub(crate) family_started_at: i64,
    pub(crate) user_id: Uuid,
    /// The person's epoch when the family started.
    pub(crate) epoch: i64,
    pub(crate) expires_at: i64,
    /// It was already exchanged for the next one.
    pub(crate) is_rotated: bool,
    pub(crate) is_revoked: bool,
}

/// What a presented refresh token leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Hand out the next one.
    Rotate,
    /// It was used before: somebody else has a copy. The whole family ends.
    Reused,
    /// The session is over for good; the family ends.
    Ended,
    /// Not now, but the family lives.
    Locked { seconds: u64 },
}

/// When a token handed out now expires.
pub(crate) fn expiry(family_started_at: i64, now: i64) -> i64 {
    now.saturating_add(IDLE_US).min(family_started_at.saturating_add(FAMILY_US))
}

/// Decides about a refresh token. `user` is absent if the person is gone.
pub(crate) fn decide(token: &RefreshToken, user: Option<&User>, account: &Counter, now: i64) -> Verdict {
    if token.is_revoked || token.expires_at <= now {
        return Verdict::Ended;
    }
    if token.is_rotated {
        return Verdict::Reused;
    }
    let Some(user) = user.filter(|user| user.is_active && user.token_epoch == token.epoch) else {
        return Verdict::Ended;
    };
    if let Some(seconds) = account.locked_for(now) {
        return Verdict::Locked { seconds };
    }
    // Codes are asked for at sign-in; a session that already stands goes on.
    if standing(user).is_ok() { Verdict::Rotate } else { Verdict::Ended }
}

/// Whole seconds from now to a later moment, for `Max-Age`.
pub(crate) fn seconds_until(moment: i64, now: i64) -> i64 {
    moment.saturating_sub(now).max(0) / SECOND_US
}

#[cfg(test)]
mod tests {
    use super::super::user::{Approval, example};
    use super::*;

    fn token() -> RefreshToken {
        RefreshToken {
            id: Uuid::nil(),
            family_id: Uuid::nil(),
            family_started_at: 0,
            user_id: Uuid::nil(),
            epoch: 0,
            expires_at: 100,
            is_rotated: false,
            is_revoked: false,
        }
    }

    fn verdict(token: RefreshToken, user: &User, now: i64) -> Verdict {
        decide(&token, Some(user), &Counter::default(), now)
    }

    #[test]
    fn a_fresh_token_of_somebody_in_good_standing_rotates() {
        assert_eq!(verdict(token(), &example(), 99), Verdict::Rotate);
        assert_eq!(verdict(token(), &User { otp_enabled: true, ..example() }, 99), Verdict::Rotate);
    }

    #[test]
    fn a_used_token_betrays_a_copy_unless_its_family_is_over_anyway() {
        assert_eq!(verdict(RefreshToken { is_rotated: true, ..token() }, &example(), 99), Verdict::Reused);
        let over = RefreshToken { is_rotated: true, is_revoked: true, ..token() };
        assert_eq!(verdict(over, &example(), 99), Verdict::Ended);
    }

    #[test]
    fn each_reason_to_end_ends() {
        assert_eq!(verdict(token(), &example(), 100), Verdict::Ended);
        assert_eq!(verdict(RefreshToken { is_revoked: true, ..token() }, &example(), 0), Verdict::Ended);
        assert_eq!(verdict(RefreshToken { epoch: 1, ..token() }, &example(), 0), Verdict::Ended);
        assert_eq!(verdict(token(), &User { is_active: false, ..example() }, 0), Verdict::Ended);
        assert_eq!(verdict(token(), &User { approval: Approval::Rejected, ..example() }, 0), Verdict::Ended);
        assert_eq!(decide(&token(), None, &Counter::default(), 0), Verdict::Ended);
    }

    #[test]
    fn a_locked_account_waits_and_keeps_its_session() {
        let account = Counter { failed: 10, last_failed_at: Some(0), locked_until: Some(3 * SECOND_US) };
        assert_eq!(decide(&token(), Some(&example()), &account, 50), Verdict::Locked { seconds: 3 });
    }

    #[test]
    fn a_session_in_use_lives_a_week_on_and_a_month_at_most() {
        assert_eq!(expiry(0, 0), 7 * DAY_US);
        assert_eq!(expiry(0, 22 * DAY_US), 29 * DAY_US);
        assert_eq!(expiry(0, 28 * DAY_US), 30 * DAY_US);
    }
}
