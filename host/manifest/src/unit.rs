//! Durations and sizes: a whole number and a unit, so that no reader has to guess one.

use std::time::Duration;

use crate::fault::Fault;

/// Unit and milliseconds, ascending.
const DURATIONS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
/// Unit and bytes, ascending.
const SIZES: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// `500ms`, `30s`, `5m`, `2h` or `1d`.
pub(crate) fn duration(text: &str) -> Result<Duration, Fault> {
    quantity(text, "duration", &DURATIONS, "500ms, 30s, 5m, 2h or 1d").map(Duration::from_millis)
}

/// Bytes from `1000B`, `64KiB`, `1MiB` or `1GiB`.
pub(crate) fn size(text: &str) -> Result<u64, Fault> {
    quantity(text, "size", &SIZES, "1000B, 64KiB, 1MiB or 1GiB")
}

/// The shortest exact way to write a duration of whole milliseconds.
pub(crate) fn duration_text(duration: Duration) -> String {
    quantity_text(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX), &DURATIONS)
}

/// The shortest exact way to write a number of bytes.
pub(crate) fn size_text(bytes: u64) -> String {
    quantity_text(bytes, &SIZES)
}

fn quantity(text: &str, kind: &str, units: &[(&str, u64)], examples: &str) -> Result<u64, Fault> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let advice = format!("write a whole number and a unit, for example {examples}");
    if number.is_empty() {
        return Err(Fault::new(format!("`{text}` is not a {kind}"), advice));
    }
    if unit.is_empty() {
        return Err(Fault::new(format!("`{text}` has no unit"), advice));
    }
    let Some((_, factor)) = units.iter().find(|(name, _)| *name == unit) else {
        let meant = units.iter().find(|(name, _)| name.replace('i', "").eq_ignore_ascii_case(&unit.replace('i', "")));
        let hint = meant.map_or(advice, |(name, _)| format!("write `{number}{name}`"));
        return Err(Fault::new(format!("`{unit}` is not a unit of a {kind}"), hint));
    };
    let value = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*factor));
    value.ok_or_else(|| Fault::new(format!("`{text}` is too large"), advice))
}

fn quantity_text(value: u64, units: &[(&str, u64)]) -> String {
    let exact = units.iter().rev().find(|(_, factor)| value != 0 && value.is_multiple_of(*factor));
    let fallback = units.first();
    exact.or(fallback).map_or_else(|| value.to_string(), |(unit, factor)| format!("{}{unit}", value / factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_written() {
        for text in ["500ms", "30s", "5m", "2h", "1d", "0ms"] {
            assert_eq!(duration(text).map(duration_text), Ok(text.to_owned()));
        }
        for text in ["1000B", "64KiB", "1MiB", "4GiB", "0B"] {
            assert_eq!(size(text).map(size_text), Ok(text.to_owned()));
        }
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(size("64MiB"), Ok(64 << 20));
    }

    #[test]
    fn every_mistake_has_a_remedy() {
        let wrong = |text: &str| size(text).map_err(|fault| format!("{}; {}", fault.message, fault.hint));
        assert_eq!(wrong("64MB"), Err("`MB` is not a unit of a size; write `64MiB`".to_owned()));
        let advice = "write a whole number and a unit, for example 1000B, 64KiB, 1MiB or 1GiB";
        assert_eq!(wrong("64"), Err(format!("`64` has no unit; {advice}")));
        assert_eq!(wrong("much"), Err(format!("`much` is not a size; {advice}")));
        assert_eq!(wrong("1.5MiB"), Err(format!("`.5MiB` is not a unit of a size; {advice}")));
        assert_eq!(wrong("99999999999999999999B"), Err(format!("`99999999999999999999B` is too large; {advice}")));
        assert!(wrong("99999999999999GiB").is_err());
        assert!(duration("").is_err());
        assert!(duration("-1s").is_err());
        assert!(duration("1ü").is_err());
    }
}
