//! Cells of a result as values, by the type of their column.

use sqlx::postgres::{PgColumn, PgRow};
use sqlx::{Column as _, Row as _, ValueRef as _};
use uuid::Uuid;

use super::decimal;
use super::kind::{EPOCH_US, Kind, date, declared};
use crate::value::size;
use crate::{Column, Error, Value};

/// A result's columns and how to read them.
pub(crate) struct Shape {
    /// As the interface tells them.
    pub(crate) columns: Vec<Column>,
    kinds: Vec<(Kind, Origin)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Table,
    Expression,
}

impl Shape {
    pub(crate) fn of(described: &[PgColumn]) -> Self {
        let mut columns = Vec::with_capacity(described.len());
        let mut kinds = Vec::with_capacity(described.len());
        for column in described {
            let origin = if column.relation_id().is_some() { Origin::Table } else { Origin::Expression };
            let declared = if origin == Origin::Table { declared(column.type_info()) } else { String::new() };
            columns.push(Column { name: column.name().to_owned(), declared });
            kinds.push((Kind::of(column.type_info()), origin));
        }
        Self { columns, kinds }
    }

    /// One row and what it counts.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cell of a type that no value stands for.
    pub(crate) fn read(&self, row: &PgRow) -> Result<(Vec<Value>, u64), Error> {
        let mut values = Vec::with_capacity(self.kinds.len());
        let mut bytes = 0_u64;
        for (index, (kind, origin)) in self.kinds.iter().enumerate() {
            let raw = row.try_get_raw(index).map_err(|_| Error::other("a row has fewer cells than columns"))?;
            let value = if raw.is_null() {
                Value::Null
            } else {
                let cell = raw.as_bytes().map_err(|_| Error::other("a cell cannot be read"))?;
                decode(cell, *kind, *origin).ok_or_else(|| self.unread(index, *kind))?
            };
            bytes = bytes.saturating_add(size(&value));
            values.push(value);
        }
        Ok((values, bytes))
    }

    fn unread(&self, index: usize, kind: Kind) -> Error {
        let name = self.columns.get(index).map_or("?", |column| column.name.as_str());
        Error::invalid(match kind {
            Kind::Unknown => format!("column `{name}` is of a type without a value here: cast it to text"),
            _ => format!("column `{name}` holds something that no value stands for"),
        })
    }
}

/// `None` for a type or content that no value stands for.
fn decode(cell: &[u8], kind: Kind, origin: Origin) -> Option<Value> {
    let text = |cell: &[u8]| std::str::from_utf8(cell).ok().map(str::to_owned);
    Some(match kind {
        Kind::Boolean => Value::Boolean(cell.first().copied()? != 0),
        Kind::Int2 => Value::Int64(i64::from(i16::from_be_bytes(cell.try_into().ok()?))),
        Kind::Int4 => Value::Int64(i64::from(i32::from_be_bytes(cell.try_into().ok()?))),
        Kind::Int8 => Value::Int64(i64::from_be_bytes(cell.try_into().ok()?)),
        // By its shortest notation, so that 0.1 stays 0.1.
        Kind::Float4 => Value::Float64(f32::from_be_bytes(cell.try_into().ok()?).to_string().parse().ok()?),
        Kind::Float8 => Value::Float64(f64::from_be_bytes(cell.try_into().ok()?)),
        Kind::Numeric => number(decimal::decode(cell)?, origin),
        Kind::Text => Value::Text(text(cell)?),
        Kind::Bytes => Value::Bytes(cell.to_vec()),
        // Saturating, so that the server's infinities stay the first and the last moment.
        Kind::Timestamp => Value::Timestamp(i64::from_be_bytes(cell.try_into().ok()?).saturating_add(EPOCH_US)),
        Kind::Date => Value::Text(date(i32::from_be_bytes(cell.try_into().ok()?))),
        Kind::Uuid => Value::Uuid(Uuid::from_slice(cell).ok()?.to_string()),
        Kind::Json => Value::Json(text(cell)?),
        Kind::Jsonb => Value::Json(text(cell.get(1..)?)?),
        Kind::Unknown => return None,
    })
}

/// Sums of integers are whole numbers on SQLite; the server makes decimals of them.
fn number(text: String, origin: Origin) -> Value {
    match (origin, text.parse()) {
        (Origin::Expression, Ok(whole)) => Value::Int64(whole),
        _ => Value::Decimal(text),
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Origin, decode};
    use crate::Value;

    #[test]
    fn sums_are_whole_numbers_and_columns_stay_decimals() {
        let three = [0, 1, 0, 0, 0, 0, 0, 0, 0, 3];
        assert_eq!(decode(&three, Kind::Numeric, Origin::Expression), Some(Value::Int64(3)));
        let decimal = Value::Decimal("3".to_owned());
        assert_eq!(decode(&three, Kind::Numeric, Origin::Table), Some(decimal));
    }

    #[test]
    fn a_small_float_keeps_its_notation_and_infinity_does_not_wrap() {
        assert_eq!(decode(&0.1_f32.to_be_bytes(), Kind::Float4, Origin::Table), Some(Value::Float64(0.1)));
        assert_eq!(decode(&i64::MAX.to_be_bytes(), Kind::Timestamp, Origin::Table), Some(Value::Timestamp(i64::MAX)));
        assert_eq!(decode(&[1], Kind::Unknown, Origin::Table), None);
    }
}
