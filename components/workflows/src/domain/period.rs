//! The days that a report is about.

use super::{FieldError, Wrong};

const DAY_US: i64 = 86_400_000_000;

/// From the beginning of one day to the end of another, both in UTC and included; an absent end is open. Moments are
/// microseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Period {
    /// The first moment.
    pub(crate) from: Option<i64>,
    /// The first moment after it.
    pub(crate) until: Option<i64>,
}

impl Period {
    /// The period between two days, `yyyy-mm-dd`; a blank one is absent.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub(crate) fn read(start_date: Option<&str>, end_date: Option<&str>) -> Result<Self, Vec<FieldError>> {
        let mut wrong = Wrong::default();
        let mut day = |text: Option<&str>, field: &str| {
            let text = text.map(str::trim).filter(|text| !text.is_empty())?;
            let day = days_since_1970(text);
            wrong.check(day.is_some(), field, "must be a day as yyyy-mm-dd");
            day
        };
        let (start, end) = (day(start_date, "start_date"), day(end_date, "end_date"));
        let in_order = start.zip(end).is_none_or(|(start, end)| start <= end);
        wrong.check(in_order, "end_date", "must not be before start_date");
        let moment = |days: i64| days.saturating_mul(DAY_US);
        wrong.finish(Self { from: start.map(moment), until: end.map(|end| moment(end + 1)) })
    }
}

/// Days from 1970-01-01 to a day from the year 1970 on.
fn days_since_1970(text: &str) -> Option<i64> {
    let shaped = text.len() == 10
        && text.bytes().zip(0..).all(|(byte, at)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !shaped || year < 1970 || !(1..=12).contains(&month) || !(1..=month_len(year, month)).contains(&day) {
        return None;
    }
    let leap_days = |year: i64| year / 4 - year / 100 + year / 400;
    let before_year = (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969);
    let before_month: i64 = (1..month).map(|month| month_len(year, month)).sum();
    Some(before_year + before_month + day - 1)
}

fn month_len(year: i64, month: i64) -> i64 {
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1972-02-29", 789),
            ("2000-03-01", 11_017),
            ("2026-11-22", 20_779),
            ("2100-03-01", 47_541),
        ] {
            assert_eq!(days_since_1970(text), Some(days), "{text}");
        }
    }

    #[test]
    fn both_days_are_included_and_blank_ones_are_open() {
        let day = Period::read(Some("1970-01-02"), Some("1970-01-02")).unwrap();
        assert_eq!((day.from, day.until), (Some(DAY_US), Some(2 * DAY_US)));
        assert_eq!(Period::read(None, Some(" ")), Ok(Period::default()));
    }

    #[test]
    fn the_wrong_day_is_named() {
        for wrong in
            ["2026-02-29", "2026-13-01", "2026-1-1", "01-01-2026", "tomorrow", "2026-01-00", "+026-01-01", "1969-12-31"]
        {
            let errors = Period::read(Some(wrong), Some("2026-01-01")).unwrap_err();
            assert_eq!(errors.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["start_date"], "{wrong}");
        }
        let errors = Period::read(Some("2026-01-02"), Some("2026-01-01")).unwrap_err();
        assert_eq!((errors.len(), errors[0].field.as_str()), (1, "end_date"));
    }
}
