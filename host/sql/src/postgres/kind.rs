//! The server's types, as far as values of the interface go in and come out of them.

use sqlx::TypeInfo as _;
use sqlx::postgres::{PgTypeInfo, PgTypeKind};

/// Seconds from 1970-01-01 to 2000-01-01, where the server's clock begins.
const EPOCH_S: i64 = 946_684_800;

/// [`EPOCH_S`] in microseconds.
pub(crate) const EPOCH_US: i64 = EPOCH_S * 1_000_000;

/// Domains are looked through, at most so many deep.
const DOMAINS_MAX: u32 = 8;

/// What a parameter or column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    /// All that is sent as plain text: text, varchar, char, name, citext, enumerations.
    Text,
    Bytes,
    /// With and without time zone; both are counted in UTC.
    Timestamp,
    Date,
    Uuid,
    Json,
    Jsonb,
    /// No value of the interface stands for it.
    Unknown,
}

impl Kind {
    pub(crate) fn of(info: &PgTypeInfo) -> Self {
        Self::through(info, DOMAINS_MAX)
    }

    fn through(info: &PgTypeInfo, domains: u32) -> Self {
        match info.kind() {
            PgTypeKind::Enum(_) => return Self::Text,
            PgTypeKind::Domain(base) if domains > 0 => return Self::through(base, domains - 1),
            _ => {}
        }
        match info.oid().map(|oid| oid.0) {
            Some(16) => Self::Boolean,
            Some(21) => Self::Int2,
            Some(23) => Self::Int4,
            Some(20) => Self::Int8,
            Some(700) => Self::Float4,
            Some(701) => Self::Float8,
            Some(1700) => Self::Numeric,
            Some(19 | 25 | 705 | 1042 | 1043) => Self::Text,
            Some(17) => Self::Bytes,
            Some(1114 | 1184) => Self::Timestamp,
            Some(1082) => Self::Date,
            Some(2950) => Self::Uuid,
            Some(114) => Self::Json,
            Some(3802) => Self::Jsonb,
            _ if info.name().eq_ignore_ascii_case("citext") => Self::Text,
            _ => Self::Unknown,
        }
    }
}

/// The name a table's declaration uses, without length and precision.
pub(crate) fn declared(info: &PgTypeInfo) -> String {
    match info.oid().map(|oid| oid.0) {
        Some(16) => "boolean".to_owned(),
        Some(21) => "smallint".to_owned(),
        Some(23) => "integer".to_owned(),
        Some(20) => "bigint".to_owned(),
        Some(700) => "real".to_owned(),
        Some(701) => "double precision".to_owned(),
        _ => info.name().to_ascii_lowercase(),
    }
}

/// Days from 2000-01-01 to a date written `YYYY-MM-DD`.
///
/// Source: "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
pub(crate) fn days(date: &str) -> Option<i32> {
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    let (year, month, day): (i32, i32, i32) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let days = days_from_civil(year, month, day);
    // What comes back is something else for a day that no month has.
    (civil_from_days(days) == (year, month, day)).then(|| days - i32::try_from(EPOCH_S / 86_400).unwrap_or(0))
}

/// The date so many days after 2000-01-01, as `YYYY-MM-DD`.
pub(crate) fn date(days: i32) -> String {
    let days = days.saturating_add(i32::try_from(EPOCH_S / 86_400).unwrap_or(0));
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Days from 1970-01-01.
fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i32) -> (i32, i32, i32) {
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::{date, days};

    #[test]
    fn dates_are_counted_from_the_year_2000() {
        for (text, number) in [("2000-01-01", 0), ("2000-03-01", 60), ("1999-12-31", -1), ("2024-02-29", 8825)] {
            assert_eq!(days(text), Some(number), "{text}");
            assert_eq!(date(number), text);
        }
        for text in ["2023-02-29", "2024-13-01", "2024-1-1", "24-01-01", "", "2024-01-01T"] {
            assert_eq!(days(text), None, "{text}");
        }
    }
}
