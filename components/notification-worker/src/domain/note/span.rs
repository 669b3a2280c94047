//! Lengths of time as people say them.

const MINUTE_US: i64 = 60_000_000;

/// The two largest units of a length of time in microseconds, rounded down: `2 days 3 hours`.
pub(super) fn words(micros: i64) -> String {
    let minutes = micros.max(0) / MINUTE_US;
    let units = [(minutes / 1_440, "day"), (minutes / 60 % 24, "hour"), (minutes % 60, "minute")];
    let said = units.into_iter().skip_while(|(count, _)| *count == 0).take(2).filter(|(count, _)| *count > 0);
    let said: Vec<_> =
        said.map(|(count, unit)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" })).collect();
    if said.is_empty() { "less than a minute".to_owned() } else { said.join(" ") }
}

/// A sentence about a target to come, or nothing where there is none.
pub(super) fn until(due_at: Option<i64>, now: i64) -> String {
    due_at.map(|due_at| format!(" Time left until the target: {}.", words(due_at - now))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_its_two_largest_units() {
        let cases = [
            (-1, "less than a minute"),
            (59, "less than a minute"),
            (60, "1 minute"),
            (5_760, "1 hour 36 minutes"),
            (7_200, "2 hours"),
            (86_400 + 3_599, "1 day"),
            (2 * 86_400 + 3 * 3_600 + 59, "2 days 3 hours"),
        ];
        for (seconds, text) in cases {
            assert_eq!(words(seconds * 1_000_000), text);
        }
    }
}
