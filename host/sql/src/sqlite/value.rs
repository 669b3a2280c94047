//! Values in their one stored form, and back by the type the column declares.
//!
//! boolean: integer 0 or 1. timestamp: integer, microseconds. uuid: lower-case text. json: text. bytes: blob.
//! decimal: text that the engine turns into a number where the column is `numeric` or `decimal`, so that values compare
//! and add up as numbers; it keeps 15 significant digits, and more are refused rather than rounded.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::{Error, Value};

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
    use super::{Kind, fraction, whole};

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
}
