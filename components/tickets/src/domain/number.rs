//! Ticket numbers: `TX`, the UTC day of submission, and a six-digit sequence of that day.

use super::date::day_of;

/// Digits of the sequence; leading zeros fill them.
pub const SEQUENCE_DIGITS: usize = 6;

/// The day part, which is also the key of the counter: eight digits.
pub fn day_key(at: i64) -> String {
    let (year, month, day) = day_of(at);
    format!("{year:04}{month:02}{day:02}")
}

/// What the numbers of a day begin with; the sequence follows.
pub fn number_start(day_key: &str) -> String {
    format!("TX{day_key}")
}

/// The number of the `sequence`-th ticket (1 to 999,999) of the day of `at` (microseconds since 1970).
pub fn number(day_key: &str, sequence: i64) -> String {
    format!("{}{sequence:0SEQUENCE_DIGITS$}", number_start(day_key))
}

/// Whether the text has the shape of a ticket number, so that nothing else reaches the database as one.
pub fn is_number(text: &str) -> bool {
    text.len() == 16 && text.strip_prefix("TX").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_carries_its_day_and_its_place_in_it() {
        let key = day_key(1_795_305_600_000_000);
        assert_eq!(number(&key, 7), "TX20261122000007");
        assert_eq!(number(&key, 999_999), "TX20261122999999");
    }

    #[test]
    fn only_sixteen_characters_of_the_right_kind_are_a_number() {
        assert!(is_number("TX20261122000007"));
        for bad in ["", "TX2026112200007", "tx20261122000007", "TX2026112200000a", "TX202611220000070"] {
            assert!(!is_number(bad), "{bad}");
        }
    }
}
