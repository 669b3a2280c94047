//! Exact decimals between plain notation and the server's binary form.
//!
//! Source: PostgreSQL `src/backend/utils/adt/numeric.c`, `numeric_send` and `numeric_recv`: groups of four digits, the
//! weight of the first group, the sign, and the number of places to show.

use crate::Error;

/// Digits in a group.
const GROUP: usize = 4;

const NEGATIVE: u16 = 0x4000;
const POSITIVE: u16 = 0x0000;

/// Appends the binary form of a decimal in plain notation, for example `-12.50`.
///
/// # Errors
/// [`Error::Invalid`] for more digits than the form can hold.
pub(crate) fn encode(text: &str, to: &mut Vec<u8>) -> Result<(), Error> {
    let too_long = |_| Error::invalid("a decimal is too long");
    let (sign, digits) = text.strip_prefix('-').map_or((POSITIVE, text), |digits| (NEGATIVE, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0');
    let places = i16::try_from(fraction.len()).map_err(too_long)?;
    // The point lies between two groups.
    let mut padded = "0".repeat((GROUP - whole.len() % GROUP) % GROUP);
    padded.push_str(whole);
    let groups_before = padded.len() / GROUP;
    padded.push_str(fraction);
    padded.push_str(&"0".repeat((GROUP - fraction.len() % GROUP) % GROUP));
    let mut groups = Vec::with_capacity(padded.len() / GROUP);
    for group in padded.as_bytes().chunks(GROUP) {
        groups.push(group.iter().fold(0_i16, |number, digit| number * 10 + i16::from(digit.saturating_sub(b'0'))));
    }
    let leading = groups.iter().take_while(|group| **group == 0).count();
    let mut groups = groups.split_off(leading);
    while groups.last() == Some(&0) {
        groups.pop();
    }
    let weight = i16::try_from(groups_before).map_err(too_long)? - 1 - i16::try_from(leading).map_err(too_long)?;
    let (sign, weight) = if groups.is_empty() { (POSITIVE, 0) } else { (sign, weight) };
    to.extend_from_slice(&i16::try_from(groups.len()).map_err(too_long)?.to_be_bytes());
    to.extend_from_slice(&weight.to_be_bytes());
    to.extend_from_slice(&sign.to_be_bytes());
    to.extend_from_slice(&places.to_be_bytes());
    for group in groups {
        to.extend_from_slice(&group.to_be_bytes());
    }
    Ok(())
}

/// Plain notation of the binary form, with the places it says; `None` for bytes that are none, infinity and NaN.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    let mut numbers = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)));
    let count = usize::from(numbers.next()?);
    let weight = i32::from(i16::from_be_bytes(numbers.next()?.to_be_bytes()));
    let sign = numbers.next()?;
    let places = usize::from(numbers.next()?);
    let groups: Vec<u16> = numbers.collect();
    if groups.len() != count || (sign != POSITIVE && sign != NEGATIVE) {
        return None;
    }
    let group = |index: i32| usize::try_from(index).ok().and_then(|index| groups.get(index)).copied().unwrap_or(0);
    let mut text = String::new();
    for index in 0..=weight {
        push_group(&mut text, group(index));
    }
    let whole = text.trim_start_matches('0');
    let mut result = String::from(if sign == NEGATIVE { "-" } else { "" });
    result.push_str(if whole.is_empty() { "0" } else { whole });
    if places > 0 {
        let mut fraction = String::new();
        let mut index = weight + 1;
        // Groups right of the point that are not written because they are zero.
        for _ in 0..(-1 - weight).max(0) {
            fraction.push_str("0000");
        }
        index = index.max(0);
        while fraction.len() < places {
            push_group(&mut fraction, group(index));
            index += 1;
        }
        fraction.truncate(places);
        result.push('.');
        result.push_str(&fraction);
    }
    Some(result)
}

/// Four digits.
fn push_group(to: &mut String, group: u16) {
    for place in [1000, 100, 10, 1] {
        to.extend(char::from_digit(u32::from(group / place % 10), 10));
    }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn decimals_keep_their_digits_and_places() {
        for text in [
            "0",
            "0.00",
            "1",
            "-12.50",
            "12.5",
            "0.1",
            "0.0001",
            "0.00001",
            "-0.000000012",
            "10000",
            "100000000",
            "9999.9999",
            "12345.678",
            "999999999999.99",
            "9223372036854775807",
        ] {
            let mut bytes = Vec::new();
            encode(text, &mut bytes).unwrap();
            assert_eq!(decode(&bytes).as_deref(), Some(text));
        }
    }

    #[test]
    fn leading_zeros_and_negative_zero_are_dropped() {
        for (text, expected) in [("007.5", "7.5"), ("-0", "0"), ("-0.0", "0.0"), ("00", "0")] {
            let mut bytes = Vec::new();
            encode(text, &mut bytes).unwrap();
            assert_eq!(decode(&bytes).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        assert_eq!(decode(&[0, 0, 0, 0, 0xc0, 0, 0, 0]), None, "NaN");
        assert_eq!(decode(&[0, 1, 0, 0, 0, 0, 0, 0]), None, "cut short");
        assert_eq!(decode(&[]), None);
    }
}
