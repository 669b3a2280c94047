//! Limits of requests that cost something: mails, hashes, rows. Counted in windows of time.

use super::{MINUTE_US, SECOND_US};

/// How often something may be asked for in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    /// The word for it in the schema.
    pub(crate) scope: &'static str,
    hits_max: u32,
    window_us: i64,
}

const HOUR_US: i64 = 60 * MINUTE_US;

/// Challenges of one person: with three tries each, whoever knows the password guesses a code within an hour with a
/// chance of 3 in 100,000.
pub(crate) const CODES: Limit = Limit { scope: "code", hits_max: 10, window_us: HOUR_US };

/// Forgotten passwords of one e-mail address, whether or not anybody has it.
pub(crate) const FORGOT_EMAIL: Limit = Limit { scope: "forgot_email", hits_max: 5, window_us: HOUR_US };

/// Forgotten passwords from one address, which may stand for an office.
pub(crate) const FORGOT_ADDRESS: Limit = Limit { scope: "forgot_ip", hits_max: 50, window_us: HOUR_US };

/// Registrations from one address, refused ones too: they tell whose e-mail address is known.
pub(crate) const REGISTER_ADDRESS: Limit = Limit { scope: "register_ip", hits_max: 30, window_us: HOUR_US };

/// Longest window; older rows say nothing.
pub(crate) const WINDOW_MAX_US: i64 = HOUR_US;

/// What was counted so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) started_at: i64,
    pub(crate) hits: u32,
}

impl Limit {
    /// The window with one more request in it, or the seconds until there is room.
    pub(crate) fn take(&self, window: Option<Window>, now: i64) -> Result<Window, u64> {
        let open = window.filter(|window| now < window.started_at.saturating_add(self.window_us));
        let Some(window) = open else { return Ok(Window { started_at: now, hits: 1 }) };
        if window.hits < self.hits_max {
            return Ok(Window { hits: window.hits + 1, ..window });
        }
        // A clock that was set back must not make the wait longer than the window.
        let left = window.started_at.saturating_add(self.window_us).saturating_sub(now).min(self.window_us);
        Err(u64::try_from(left.saturating_add(SECOND_US - 1) / SECOND_US).unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_takes_its_number_and_the_next_begins_when_it_is_over() {
        let mut window = None;
        for hit in 1..=FORGOT_EMAIL.hits_max {
            window = Some(FORGOT_EMAIL.take(window, 7).unwrap());
            assert_eq!(window, Some(Window { started_at: 7, hits: hit }));
        }
        assert_eq!(FORGOT_EMAIL.take(window, 7 + SECOND_US), Err(3599));
        assert_eq!(FORGOT_EMAIL.take(window, 6), Err(3600));
        let next = 7 + HOUR_US;
        assert_eq!(FORGOT_EMAIL.take(window, next), Ok(Window { started_at: next, hits: 1 }));
    }
}
