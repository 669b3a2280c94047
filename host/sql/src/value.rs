//! What a parameter must be and what a cell counts: the same for every engine.

use serde::de::IgnoredAny;
use uuid::Uuid;

use crate::{Error, Value};

/// All parameters of a call together.
pub(crate) const PARAMS_BYTES_MAX: u64 = 4 << 20;

/// Significant digits that survive in a numeric column.
const DECIMAL_DIGITS_MAX: usize = 15;

/// What a cell costs beside its bytes: its size in a component's memory.
pub(crate) const CELL_BYTES: u64 = 16;

/// Largest row, value or result in bytes.
pub(crate) const RESULT_BYTES_MAX: u64 = 16 << 20;

/// What a value counts towards limits.
pub(crate) fn size(value: &Value) -> u64 {
    let bytes = match value {
        Value::Decimal(text) | Value::Text(text) | Value::Uuid(text) | Value::Json(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Null | Value::Boolean(_) | Value::Int64(_) | Value::Float64(_) | Value::Timestamp(_) => 0,
    };
    u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(CELL_BYTES)
}

/// Brings parameters into their stored form.
///
/// # Errors
/// [`Error::TooLarge`] over 4 MiB together; [`Error::Invalid`] for one that is not what its type says.
pub(crate) fn settle(params: &mut [Value]) -> Result<(), Error> {
    if params.iter().map(size).fold(0, u64::saturating_add) > PARAMS_BYTES_MAX {
        return Err(Error::TooLarge { limit: PARAMS_BYTES_MAX });
    }
    for (index, param) in params.iter_mut().enumerate() {
        let refuse = |what: &str| Error::invalid(format!("parameter ${} is {what}", index + 1));
        match param {
            Value::Null | Value::Boolean(_) | Value::Int64(_) | Value::Timestamp(_) | Value::Bytes(_) => {}
            Value::Float64(number) if number.is_nan() => return Err(refuse("not a number")),
            Value::Float64(_) => {}
            Value::Text(text) if text.contains('\0') => return Err(refuse("a text with U+0000")),
            Value::Text(_) => {}
            Value::Uuid(text) if text.len() == 36 && Uuid::try_parse(text).is_ok() => text.make_ascii_lowercase(),
            Value::Uuid(_) => return Err(refuse("no uuid")),
            Value::Json(text) if serde_json::from_str::<IgnoredAny>(text).is_ok() => {}
            Value::Json(_) => return Err(refuse("no JSON")),
            Value::Decimal(text) => {
                if !is_decimal(text) {
                    return Err(refuse("no decimal in plain notation"));
                }
                if !is_exact(text) {
                    return Err(refuse("a decimal of more than 15 significant digits"));
                }
            }
        }
    }
    Ok(())
}

fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    match text.split_once('.') {
        None => digits(text),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
    }
}

fn is_exact(decimal: &str) -> bool {
    if !decimal.contains('.') && decimal.parse::<i64>().is_ok() {
        return true;
    }
    let digits = decimal.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    digits <= DECIMAL_DIGITS_MAX
}

#[cfg(test)]
mod tests {
    use super::{is_decimal, is_exact};

    #[test]
    fn decimals_that_would_be_rounded_are_told_apart() {
        for (text, plain, exact) in [
            ("-12.50", true, true),
            ("9223372036854775807", true, true),
            ("999999999999.99", true, true),
            ("9999999999999.999", true, false),
            ("92233720368547758070", true, false),
            ("1e5", false, true),
            ("1.", false, true),
            ("", false, true),
        ] {
            assert_eq!(is_decimal(text), plain, "{text}");
            assert!(!plain || is_exact(text) == exact, "{text}");
        }
    }
}
