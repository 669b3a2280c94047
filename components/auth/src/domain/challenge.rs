//! One-time codes: how long one lives, how often it may be tried and sent again.

use uuid::Uuid;

use super::{MINUTE_US, SECOND_US};

/// How long a code is good for.
pub(crate) const CODE_US: i64 = 5 * MINUTE_US;

/// The same in seconds, as answers say it.
pub(crate) const CODE_S: i64 = CODE_US / SECOND_US;

/// Wrong codes after which a challenge is dead.
const ATTEMPTS_MAX: u32 = 3;

/// How often a code of one challenge is sent again.
const RESENDS_MAX: u32 = 3;

/// Between two mails with codes: as long as a slow mail takes, and no tool to flood somebody's inbox.
const RESEND_AFTER_US: i64 = 30 * SECOND_US;

/// Codes that there are.
const CODES: u64 = 1_000_000;

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The second half of a sign-in.
    LogIn,
    /// To switch the codes off.
    SwitchOff,
}

impl Purpose {
    /// The word for it in the schema.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::LogIn => "login",
            Self::SwitchOff => "disable_2fa",
        }
    }
}

/// A code that was sent. The code itself is kept as a hash elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Challenge {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) sent_at: i64,
    pub(crate) resends: u32,
    /// Wrong codes so far.
    pub(crate) attempts: u32,
    pub(crate) expires_at: i64,
    /// It was used, used up, or replaced.
    pub(crate) is_ended: bool,
}

/// What a code that comes back leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the one; the challenge is used.
    Right,
    /// It is not. So many tries are left.
    Wrong { left: u32 },
    /// Nobody can answer this challenge any more.
    Dead,
}

/// Why a code is not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotSent {
    /// Not yet, or not with this challenge: again in so many seconds.
    Wait { seconds: u64 },
    /// The challenge is over.
    Dead,
}

/// The code that these random bytes choose: six digits, each of them as likely as any other up to 1 in 10^13.
pub(crate) fn code(random: [u8; 8]) -> String {
    format!("{:06}", u64::from_le_bytes(random) % CODES)
}

/// Whether a text has the form of a code.
pub(crate) fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Challenge {
    /// A challenge whose code goes out now.
    pub(crate) fn new(id: Uuid, user_id: Uuid, now: i64) -> Self {
        let expires_at = now.saturating_add(CODE_US);
        Self { id, user_id, sent_at: now, resends: 0, attempts: 0, expires_at, is_ended: false }
    }

    /// Whether a code can still come back.
    pub(crate) fn is_open(&self, now: i64) -> bool {
        !self.is_ended && now < self.expires_at && self.attempts < ATTEMPTS_MAX
    }

    /// Decides about a code, and counts it. The third is looked at like the first.
    #[must_use]
    pub(crate) fn answered(self, matches: bool, now: i64) -> (Self, Verdict) {
        if !self.is_open(now) {
            return (self, Verdict::Dead);
        }
        if matches {
            return (Self { is_ended: true, ..self }, Verdict::Right);
        }
        let attempts = self.attempts.saturating_add(1);
        let left = ATTEMPTS_MAX.saturating_sub(attempts);
        (Self { attempts, is_ended: left == 0, ..self }, Verdict::Wrong { left })
    }

    /// The challenge with a new code in the place of the old one. Wrong tries stay counted.
    pub(crate) fn sent_again(self, now: i64) -> Result<Self, NotSent> {
        if !self.is_open(now) {
            return Err(NotSent::Dead);
        }
        let wait = |until: i64| u64::try_from(until.saturating_sub(now).saturating_add(SECOND_US - 1) / SECOND_US);
        if self.resends >= RESENDS_MAX {
            return Err(NotSent::Wait { seconds: wait(self.expires_at).unwrap_or(1) });
        }
        let next = self.sent_at.saturating_add(RESEND_AFTER_US);
        if now < next {
            return Err(NotSent::Wait { seconds: wait(next).unwrap_or(1) });
        }
        Ok(Self { sent_at: now, resends: self.resends + 1, expires_at: now.saturating_add(CODE_US), ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> Challenge {
        Challenge::new(Uuid::nil(), Uuid::nil(), 0)
    }

    #[test]
    fn a_code_has_six_digits_whatever_the_bytes() {
        assert_eq!(code([0; 8]), "000000");
        assert_eq!(code([7, 0, 0, 0, 0, 0, 0, 0]), "000007");
        assert!(is_code(&code([0xff; 8])));
        for text in ["", "12345", "1234567", "12345x", "１23456", " 12345"] {
            assert!(!is_code(text), "{text}");
        }
    }

    #[test]
    fn two_wrong_codes_leave_the_third_a_real_try_and_three_are_the_end() {
        let (challenge, verdict) = fresh().answered(false, 1);
        assert_eq!(verdict, Verdict::Wrong { left: 2 });
        let (challenge, verdict) = challenge.answered(false, 2);
        assert_eq!(verdict, Verdict::Wrong { left: 1 });
        assert_eq!(challenge.answered(true, 3).1, Verdict::Right);
        let (challenge, verdict) = challenge.answered(false, 3);
        assert_eq!((verdict, challenge.is_ended), (Verdict::Wrong { left: 0 }, true));
        assert_eq!(challenge.answered(true, 4).1, Verdict::Dead);
    }

    #[test]
    fn a_code_is_used_once_and_within_five_minutes() {
        let (used, verdict) = fresh().answered(true, CODE_US - 1);
        assert_eq!(verdict, Verdict::Right);
        assert_eq!(used.answered(true, CODE_US - 1).1, Verdict::Dead);
        assert_eq!(fresh().answered(true, CODE_US).1, Verdict::Dead);
    }

    #[test]
    fn a_code_is_sent_again_three_times_half_a_minute_apart_and_keeps_the_count_of_wrong_ones() {
        assert_eq!(fresh().sent_again(RESEND_AFTER_US - 1), Err(NotSent::Wait { seconds: 1 }));
        let (mut challenge, _) = fresh().answered(false, 0);
        for round in 1..=3 {
            let now = round * RESEND_AFTER_US;
            challenge = challenge.sent_again(now).unwrap();
            assert_eq!((challenge.attempts, challenge.expires_at), (1, now + CODE_US));
        }
        let now = 4 * RESEND_AFTER_US;
        assert_eq!(challenge.sent_again(now), Err(NotSent::Wait { seconds: 270 }));
        assert_eq!(challenge.sent_again(challenge.expires_at), Err(NotSent::Dead));
    }
}
