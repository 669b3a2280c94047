//! Wall-clock time as the host gives it (tests move it). Owns its text form; knows nothing of time zones but UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;

const DAY: i64 = 86_400 * SECOND;

/// A moment: microseconds since 1970-01-01T00:00:00Z, as the database keeps it. JSON form: a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// The present moment. Years past 294,000 saturate.
pub fn now() -> Timestamp {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    Timestamp(i64::try_from(micros).unwrap_or(i64::MAX))
}

impl Timestamp {
    /// Whole seconds since the epoch, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// This moment moved by `seconds` (negative: earlier), saturating.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }

    /// RFC 3339 in UTC with milliseconds, for example `2026-03-09T14:05:00.250Z`.
    pub fn rfc3339(self) -> String {
        let (year, month, day) = self.date();
        let micros = self.0.rem_euclid(DAY);
        let (seconds, millis) = (micros / SECOND, micros % SECOND / 1_000);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        if !(0..=9999).contains(&year) {
            return format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z");
        }
        // Into a form, since lists are full of moments and to format one costs a component a microsecond.
        let mut form = *b"0000-00-00T00:00:00.000Z";
        let places = [(0..4, year), (5..7, month), (8..10, day), (11..13, hour), (14..16, minute), (17..19, second)];
        for (place, number) in places.into_iter().chain([(20..23, millis)]) {
            fill(form.get_mut(place).unwrap_or_default(), number);
        }
        String::from_utf8(form.to_vec()).unwrap_or_default()
    }

    /// Year, month (1 to 12) and day (1 to 31) in UTC, in the Gregorian calendar.
    pub fn date(self) -> (i64, i64, i64) {
        // Days are counted in eras of 400 years that begin on the first of March, so that leap days end a year.
        let days = self.0.div_euclid(DAY) + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }
}

/// Writes a number that is not negative with leading zeros.
fn fill(place: &mut [u8], number: i64) {
    let mut rest = u32::try_from(number).unwrap_or(0);
    for digit in place.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leap_days_centuries_and_moments_before_the_epoch_are_written_right() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400 * SECOND, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400 * SECOND, "2100-03-01T00:00:00.000Z"),
            (1_773_065_100 * SECOND + 250_999, "2026-03-09T14:05:00.250Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799 * SECOND, "9999-12-31T23:59:59.000Z"),
            (253_402_300_800 * SECOND, "10000-01-01T00:00:00.000Z"),
        ];
        for (micros, text) in cases {
            assert_eq!(Timestamp(micros).rfc3339(), text);
        }
    }
}
