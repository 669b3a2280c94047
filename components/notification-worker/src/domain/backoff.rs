//! When a waiting mail that the transport did not take is tried again, and when it is given up.

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
/// Seconds after the first failure, the second and so on: over seven hours, which outlasts most outages of a relay.
const PAUSES: [i64; 5] = [30, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];

/// Seconds until the next attempt after so many failed ones; nothing after the last.
pub(crate) fn pause_after(failures: i64) -> Option<i64> {
    let index = usize::try_from(failures.checked_sub(1)?).ok()?;
    PAUSES.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_the_sixth_failure_is_the_last() {
        let pauses: Vec<_> = (1..=6).map(pause_after).collect();
        assert_eq!(pauses, [Some(30), Some(120), Some(600), Some(3_600), Some(21_600), None]);
        assert_eq!((pause_after(0), pause_after(i64::MIN), pause_after(i64::MAX)), (None, None, None));
    }
}
