//! Values on their way into statements and out of rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use uuid::Uuid;

use super::{Error, wit};
use crate::clock::Timestamp;

pub use wit::Value;

/// One row of a result, read by column name: quickest in the order of the columns.
#[derive(Debug)]
pub struct Row {
    columns: Arc<[wit::Column]>,
    values: Vec<Value>,
    /// Where the next column that is asked for is likely to be.
    next: AtomicUsize,
}

impl Clone for Row {
    fn clone(&self) -> Self {
        row(&self.columns, self.values.clone())
    }
}

impl Row {
    /// The value of a column as `T`: `i64`, `i32`, `u32`, `f64`, `bool`, `String`, `Vec<u8>`, `Uuid`, `Timestamp`,
    /// `serde_json::Value`, or an `Option` of one of them.
    ///
    /// # Errors
    /// [`Error::Column`] if it is absent, or not of this type.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T, Error> {
        let value = self.value(column)?;
        T::from_value(value).ok_or_else(|| unfit(column, value, T::NAME))
    }

    fn value(&self, column: &str) -> Result<&Value, Error> {
        let likely = self.next.load(Ordering::Relaxed);
        let at = |position: &usize| self.columns.get(*position).is_some_and(|it| it.name == column);
        let position = Some(likely).filter(at).or_else(|| (0..self.columns.len()).find(at));
        self.next.store(position.map_or(0, |position| position + 1), Ordering::Relaxed);
        let absent = || Error::Column { column: column.to_owned(), reason: "is not in the result".to_owned() };
        position.and_then(|position| self.values.get(position)).ok_or_else(absent)
    }

    /// The word of a column as the value that `read` takes it for.
    ///
    /// # Errors
    /// [`Error::Column`], also for a word that this version does not know: the database is newer than the code.
    pub fn word<T>(&self, column: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
        known(column, self.value(column)?, read)
    }

    /// The same of a column that may be empty.
    ///
    /// # Errors
    /// As [`Row::word`].
    pub fn maybe_word<T>(&self, column: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Error> {
        let value = self.value(column)?;
        if matches!(value, Value::Null) { Ok(None) } else { known(column, value, read).map(Some) }
    }
}

fn known<T>(column: &str, value: &Value, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
    let word = text(value).ok_or_else(|| unfit(column, value, String::NAME))?;
    read(word).ok_or_else(|| unknown(column, word))
}

fn unfit(column: &str, value: &Value, wanted: &str) -> Error {
    Error::Column { column: column.to_owned(), reason: format!("holds {}, wanted {wanted}", name_of(value)) }
}

fn unknown(column: &str, word: &str) -> Error {
    Error::Column { column: column.to_owned(), reason: format!("holds the unknown word `{word}`") }
}

pub(super) fn rows(result: wit::Rows) -> Vec<Row> {
    let columns: Arc<[wit::Column]> = result.columns.into();
    result.rows.into_iter().map(|values| row(&columns, values)).collect()
}

pub(super) fn row(columns: &Arc<[wit::Column]>, values: Vec<Value>) -> Row {
    Row { columns: Arc::clone(columns), values, next: AtomicUsize::new(0) }
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// The name of the type in error messages.
    const NAME: &'static str;

    /// The value as this type, or `None` if it is another. Expressions have no declared type, so that the kindred
    /// forms in which SQLite gives them (0 and 1, text) are taken too.
    fn from_value(value: &Value) -> Option<Self>;
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Boolean(_) => "boolean",
        Value::Int64(_) => "int64",
        Value::Float64(_) => "float64",
        Value::Decimal(_) => "decimal",
        Value::Text(_) => "text",
        Value::Bytes(_) => "bytes",
        Value::Timestamp(_) => "timestamp",
        Value::Uuid(_) => "uuid",
        Value::Json(_) => "json",
    }
}

// === reading ===

impl FromValue for i64 {
    const NAME: &'static str = "int64";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int64(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromValue for i32 {
    const NAME: &'static str = "a 32-bit integer";

    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).and_then(|number| Self::try_from(number).ok())
    }
}

impl FromValue for u32 {
    const NAME: &'static str = "an unsigned 32-bit integer";

    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).and_then(|number| Self::try_from(number).ok())
    }
}

impl FromValue for f64 {
    const NAME: &'static str = "float64";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Float64(number) => Some(*number),
            _ => None,
        }
    }
}

impl FromValue for bool {
    const NAME: &'static str = "boolean";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Boolean(truth) => Some(*truth),
            Value::Int64(0) => Some(false),
            Value::Int64(1) => Some(true),
            _ => None,
        }
    }
}

impl FromValue for String {
    const NAME: &'static str = "text";

    fn from_value(value: &Value) -> Option<Self> {
        text(value).map(str::to_owned)
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) | Value::Decimal(text) | Value::Uuid(text) | Value::Json(text) => Some(text),
        _ => None,
    }
}

impl FromValue for Vec<u8> {
    const NAME: &'static str = "bytes";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }
}

impl FromValue for Uuid {
    const NAME: &'static str = "uuid";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Uuid(text) | Value::Text(text) => Self::parse_str(text).ok(),
            _ => None,
        }
    }
}

impl FromValue for Timestamp {
    const NAME: &'static str = "timestamp";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Timestamp(micros) => Some(Self(*micros)),
            _ => None,
        }
    }
}

impl FromValue for serde_json::Value {
    const NAME: &'static str = "json";

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Json(text) | Value::Text(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const NAME: &'static str = T::NAME;

    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

// === binding ===

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int64(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Int64(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int64(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float64(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Uuid> for Value {
    fn from(uuid: Uuid) -> Self {
        Self::Uuid(uuid.to_string())
    }
}

impl From<Timestamp> for Value {
    fn from(moment: Timestamp) -> Self {
        Self::Timestamp(moment.0)
    }
}

impl From<serde_json::Value> for Value {
    fn from(document: serde_json::Value) -> Self {
        Self::Json(document.to_string())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: Vec<(&str, Value)>) -> Row {
        let column = |name: &str| wit::Column { name: name.to_owned(), declared: String::new() };
        let (columns, values): (Vec<_>, Vec<_>) = values.into_iter().map(|(name, value)| (column(name), value)).unzip();
        rows(wit::Rows { columns, rows: vec![values] }).remove(0)
    }

    #[test]
    fn what_is_bound_is_what_is_read() {
        let id = Uuid::nil();
        let row = row(vec![("id", id.into()), ("at", Timestamp(5).into()), ("n", 7_i32.into()), ("no", Value::Null)]);
        assert_eq!(row.get::<Uuid>("id").unwrap(), id);
        assert_eq!(row.get::<Timestamp>("at").unwrap(), Timestamp(5));
        assert_eq!(row.get::<Option<i64>>("n").unwrap(), Some(7));
        assert_eq!(row.get::<Option<String>>("no").unwrap(), None);
    }

    #[test]
    fn columns_are_found_in_any_order_and_more_than_once() {
        let row = row(vec![("a", 1_i64.into()), ("b", 2_i64.into()), ("c", 3_i64.into())]);
        for column in ["a", "b", "c", "c", "a", "b", "a", "c", "b"] {
            assert_eq!(row.get::<i64>(column).unwrap(), i64::from(column.as_bytes()[0] - b'a') + 1, "{column}");
            let absent = row.get::<i64>("d").unwrap_err();
            assert_eq!(absent, Error::Column { column: "d".to_owned(), reason: "is not in the result".to_owned() });
        }
    }

    #[test]
    fn an_expression_of_sqlite_reads_as_the_type_it_means() {
        let row =
            row(vec![("found", Value::Int64(1)), ("two", Value::Int64(2)), ("id", Uuid::nil().to_string().into())]);
        assert!(row.get::<bool>("found").unwrap());
        assert!(row.get::<bool>("two").is_err());
        assert_eq!(row.get::<Uuid>("id").unwrap(), Uuid::nil());
    }

    #[test]
    fn a_word_is_read_as_what_it_stands_for() {
        let row = row(vec![("a", "7".into()), ("b", "x".into()), ("c", Value::Null)]);
        let number = |text: &str| text.parse::<i32>().ok();
        assert_eq!((row.word("a", number), row.maybe_word("a", number)), (Ok(7), Ok(Some(7))));
        assert_eq!(row.maybe_word("c", number), Ok(None));
        assert!(row.word("c", number).is_err());
        for error in [row.word("b", number).unwrap_err(), row.maybe_word("b", number).unwrap_err()] {
            assert_eq!(error.to_string(), "column `b`: holds the unknown word `x`");
        }
    }

    #[test]
    fn an_error_names_the_column_and_both_types() {
        let row = row(vec![("n", Value::Null)]);
        let text = row.get::<i64>("n").unwrap_err().to_string();
        assert_eq!(text, "column `n`: holds null, wanted int64");
        assert_eq!(row.get::<i64>("m").unwrap_err().to_string(), "column `m`: is not in the result");
    }
}
