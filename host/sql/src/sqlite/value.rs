//! Values in their one stored form, and back by the type the column declares.
//!
//! boolean: integer 0 or 1. timestamp: integer, microseconds. uuid: lower-case text. json: text. bytes: blob.
//! decimal: text that the engine turns into a number where the column is `numeric` or `decimal`, so that values compare
//! and add up as numbers; it keeps 15 significant digits, and more are refused rather than rounded.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};
use serde::de::IgnoredAny;
use uuid::Uuid;

use crate::{Error, Value};

/// All parameters of a call together.
pub(crate) const PARAMS_BYTES_MAX: u64 = 4 << 20;

/// Significant digits that survive in a numeric column.
const DECIMAL_DIGITS_MAX: usize = 15;

/// What a cell costs beside its bytes: its size in a component's memory.
pub(crate) const CELL_BYTES: u64 = 16;

/// How a column's values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By storage class.
    Stored,
    Boolean,
    Timestamp,
    Uuid,
    Json,
    /// With so many places, where the declaration says.
    Decimal(Option<usize>),
}

impl Kind {
    /// By the declared type, for example `numeric(14,2)`; "" for an expression.
    pub(crate) fn of(declared: &str) -> Self {
        let (base, arguments) = declared.split_once('(').unwrap_or((declared, ""));
        let base = base.trim();
        let is = |names: &[&str]| names.iter().any(|name| base.eq_ignore_ascii_case(name));
        if is(&["boolean", "bool"]) {
            Self::Boolean
        } else if is(&["timestamptz", "timestamp", "timestamp with time zone"]) {
            Self::Timestamp
        } else if is(&["uuid"]) {
            Self::Uuid
        } else if is(&["json", "jsonb"]) {
            Self::Json
        } else if is(&["numeric", "decimal"]) {
            let places = arguments.trim_end().strip_suffix(')').and_then(|arguments| arguments.split_once(','));
            Self::Decimal(places.and_then(|(_, scale)| scale.trim().parse().ok()))
        } else {
            Self::Stored
        }
    }

    /// Reads one cell.
    pub(crate) fn read(self, cell: ValueRef<'_>) -> Result<Value, Error> {
        Ok(match (cell, self) {
            (ValueRef::Null, _) => Value::Null,
            (ValueRef::Integer(n), Self::Boolean) => Value::Boolean(n != 0),
            (ValueRef::Integer(n), Self::Timestamp) => Value::Timestamp(n),
            (ValueRef::Integer(n), Self::Decimal(places)) => Value::Decimal(whole(n, places)),
            (ValueRef::Integer(n), Self::Json) => Value::Json(n.to_string()),
            (ValueRef::Integer(n), _) => Value::Int64(n),
            (ValueRef::Real(n), Self::Decimal(places)) => Value::Decimal(fraction(n, places)),
            (ValueRef::Real(n), Self::Json) => Value::Json(n.to_string()),
            (ValueRef::Real(n), _) => Value::Float64(n),
            (ValueRef::Blob(bytes), _) => Value::Bytes(bytes.to_vec()),
            (ValueRef::Text(bytes), kind) => {
                let text = std::str::from_utf8(bytes).map_err(|_| Error::other("a stored text is not UTF-8"))?;
                let text = text.to_owned();
                match kind {
                    Self::Uuid => Value::Uuid(text),
                    Self::Json => Value::Json(text),
                    Self::Decimal(_) => Value::Decimal(text),
                    Self::Stored | Self::Boolean | Self::Timestamp => Value::Text(text),
                }
            }
        })
    }
}

fn whole(n: i64, places: Option<usize>) -> String {
    match places {
        None | Some(0) => n.to_string(),
        Some(places) => format!("{n}.{:0<places$}", ""),
    }
}

fn fraction(n: f64, places: Option<usize>) -> String {
    match places {
        None => n.to_string(),
        Some(places) => format!("{n:.places$}"),
    }
}

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

/// A parameter as the engine takes it.
pub(crate) struct Bound<'a>(pub(crate) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Boolean(yes) => ValueRef::Integer(i64::from(*yes)),
            Value::Int64(n) | Value::Timestamp(n) => ValueRef::Integer(*n),
            Value::Float64(n) => ValueRef::Real(*n),
            Value::Decimal(text) | Value::Text(text) | Value::Uuid(text) | Value::Json(text) => {
                ValueRef::Text(text.as_bytes())
            }
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, fraction, is_decimal, is_exact, whole};

    #[test]
    fn the_declared_type_decides_the_kind() {
        assert_eq!(Kind::of("BOOLEAN"), Kind::Boolean);
        assert_eq!(Kind::of("timestamptz"), Kind::Timestamp);
        assert_eq!(Kind::of("numeric(14, 2)"), Kind::Decimal(Some(2)));
        assert_eq!(Kind::of("decimal"), Kind::Decimal(None));
        assert_eq!(Kind::of("numeric(6)"), Kind::Decimal(None));
        assert_eq!(Kind::of("varchar(20)"), Kind::Stored);
        assert_eq!(Kind::of(""), Kind::Stored);
    }

    #[test]
    fn decimals_print_in_plain_notation_with_the_declared_places() {
        assert_eq!(whole(-12, Some(2)), "-12.00");
        assert_eq!(whole(7, None), "7");
        assert_eq!(fraction(12.5, Some(2)), "12.50");
        assert_eq!(fraction(0.1, None), "0.1");
        assert_eq!(fraction(1e21, None), "1000000000000000000000");
    }

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
