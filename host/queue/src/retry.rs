//! When a message is tried again, and when never. Pure: time and randomness come in as arguments.

use std::time::Duration;

use manifest::Consumer;

use crate::backend::{Cause, Settlement};
use crate::outcome::{Outcome, Verdict};

/// What becomes of a message after its `attempt`th try ended with `outcome`.
pub(crate) fn settlement(consumer: &Consumer, attempt: u32, outcome: Outcome, now_us: i64, jitter: u32) -> Settlement {
    match outcome.verdict {
        Verdict::Ack => Settlement::Done,
        Verdict::Return(after) => Settlement::Return { due_us: later(now_us, after) },
        Verdict::Retry(asked) if attempt < consumer.max_attempts => {
            let wait = backoff(consumer, attempt, jitter);
            Settlement::Retry { due_us: later(now_us, asked.map_or(wait, |asked| asked.max(wait))) }
        }
        Verdict::Retry(_) | Verdict::Dead => {
            Settlement::Dead(Cause { reason: outcome.reason, status: outcome.status, response: outcome.response })
        }
    }
}

/// Time between the `attempt`th try and the next: `backoff`, doubled each time up to `backoff_max`, and of that
/// something between half and all, so that messages that failed together do not come back together.
fn backoff(consumer: &Consumer, attempt: u32, jitter: u32) -> Duration {
    let doubled =
        2_u32.checked_pow(attempt.saturating_sub(1)).map_or(Duration::MAX, |f| consumer.backoff.saturating_mul(f));
    let half = doubled.min(consumer.backoff_max) / 2;
    half + half.mul_f64(f64::from(jitter) / f64::from(u32::MAX))
}

fn later(now_us: i64, wait: Duration) -> i64 {
    now_us.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX))
}

/// Thirty-two random bits for [`settlement`].
pub(crate) fn jitter() -> u32 {
    uuid::Uuid::new_v4().as_fields().0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consumer() -> Consumer {
        Consumer {
            queue: "q".into(),
            topics: Vec::new(),
            path: "/messages".into(),
            concurrency: 4,
            max_attempts: 8,
            backoff: Duration::from_secs(1),
            backoff_max: Duration::from_mins(5),
            deadline: Duration::from_mins(1),
        }
    }

    #[test]
    fn the_wait_doubles_up_to_its_cap_and_jitter_takes_at_most_half() {
        let longest_s = |attempt| backoff(&consumer(), attempt, u32::MAX).as_secs();
        assert_eq!([1, 2, 3, 4, 5].map(longest_s), [1, 2, 4, 8, 16]);
        assert_eq!([20, 33, u32::MAX].map(longest_s), [300; 3]);
        assert_eq!(backoff(&consumer(), 3, 0), Duration::from_secs(2));
    }

    #[test]
    fn a_component_can_ask_for_more_time_but_not_for_less() {
        let due = |asked| {
            let outcome = Outcome { verdict: Verdict::Retry(asked), ..Outcome::ack() };
            match settlement(&consumer(), 4, outcome, 0, u32::MAX) {
                Settlement::Retry { due_us } => due_us,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(due(None), 8_000_000);
        assert_eq!(due(Some(Duration::from_secs(100))), 100_000_000);
        assert_eq!(due(Some(Duration::ZERO)), 8_000_000);
    }

    #[test]
    fn the_last_attempt_ends_as_a_dead_letter() {
        let end = settlement(&consumer(), 8, Outcome::fault("trap"), 0, 0);
        assert!(matches!(end, Settlement::Dead(cause) if cause.reason == "trap"));
    }
}
