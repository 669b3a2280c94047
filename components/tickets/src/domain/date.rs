//! Calendar days in UTC (proleptic Gregorian), just enough for ticket numbers and date fields.

const US_PER_DAY: i64 = 86_400_000_000;

/// The UTC day of an instant as year, month, day. `at` in microseconds since 1970.
///
/// # Source
/// The era arithmetic of the Gregorian calendar: 400 years are 146,097 days; years are counted from March, so that
/// the leap day is the last of its year.
pub(super) fn day_of(at: i64) -> (i64, i64, i64) {
    let days = at.div_euclid(US_PER_DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Whether the text is an existing day written `YYYY-MM-DD`.
pub(super) fn is_calendar_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    if year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return false;
    }
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    let (Some(year), Some(month), Some(day)) = (digits(year), digits(month), digits(day)) else { return false };
    (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_fall_on_their_utc_day() {
        assert_eq!(day_of(0), (1970, 1, 1));
        assert_eq!(day_of(-1), (1969, 12, 31));
        assert_eq!(day_of(951_782_400_000_000), (2000, 2, 29));
        assert_eq!(day_of(1_795_305_599_999_999), (2026, 11, 21));
        assert_eq!(day_of(1_795_305_600_000_000), (2026, 11, 22));
    }

    #[test]
    fn only_existing_days_are_dates() {
        for good in ["2026-11-22", "2024-02-29", "2000-02-29"] {
            assert!(is_calendar_date(good), "{good}");
        }
        for bad in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-1-01",
            "2026-01-00",
            "20260101",
            "2026-01-01-",
            "+026-01-01",
        ] {
            assert!(!is_calendar_date(bad), "{bad}");
        }
    }
}
