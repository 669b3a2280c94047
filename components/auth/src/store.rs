//! SQL in the common subset of SQLite and PostgreSQL, and its translation to `domain` values. No rules.

pub(crate) mod accounts;
pub(crate) mod assignments;
pub(crate) mod challenges;
pub(crate) mod demo;
pub(crate) mod guard;
pub(crate) mod journal;
pub(crate) mod limits;
pub(crate) mod people;
pub(crate) mod purge;
pub(crate) mod resets;
pub(crate) mod sessions;
pub(crate) mod users;

use sdk::sql::{Error, Transaction, Value};

/// A stored word that the schema's checks should have kept out.
fn unknown_word(column: &str, word: &str) -> Error {
    Error::Column { column: column.to_owned(), reason: format!("holds the unknown word `{word}`") }
}

/// A part of a longer list, and how many there are on all pages.
#[derive(Debug)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) total: i64,
}

/// Which part: at most `limit` after the first `offset`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) limit: i64,
    pub(crate) offset: i64,
}

/// A `WHERE` clause in the making: terms, with their values bound in order.
#[derive(Debug, Default)]
struct Condition {
    terms: Vec<String>,
    params: Vec<Value>,
}

impl Condition {
    /// Binds a value and returns its place, for example `$3`.
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// Binds each value; the places, separated by commas.
    fn bind_all<T: Into<Value>>(&mut self, values: impl IntoIterator<Item = T>) -> String {
        let places: Vec<_> = values.into_iter().map(|value| self.bind(value)).collect();
        places.join(", ")
    }

    /// Adds what must hold.
    fn and(&mut self, term: String) {
        self.terms.push(term);
    }

    /// The clause; empty if nothing has to hold.
    fn clause(&self) -> String {
        if self.terms.is_empty() { String::new() } else { format!(" WHERE {}", self.terms.join(" AND ")) }
    }

    /// How many rows there are of `from` (a table or a join), and one page of them in an order.
    async fn page(
        mut self,
        tx: &Transaction,
        (columns, from): (&str, &str),
        order: &str,
        slice: Slice,
    ) -> Result<Page<sdk::sql::Row>, Error> {
        let clause = self.clause();
        let count = format!("SELECT count(*) AS total FROM {from}{clause}");
        let rows = tx.query(&count, self.params.clone()).await?;
        let total = rows.first().ok_or(Error::NoRow)?.get("total")?;
        let (limit, offset) = (self.bind(slice.limit), self.bind(slice.offset));
        let page = format!("SELECT {columns} FROM {from}{clause} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
        Ok(Page { items: tx.query(&page, self.params).await?, total })
    }
}

/// The text anywhere in another, its own wildcards taken literally (`ESCAPE '!'`).
fn anywhere(search: &str) -> String {
    let mut pattern = String::from("%");
    for character in search.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_binds_every_value_in_order() {
        let mut condition = Condition::default();
        assert_eq!(condition.clause(), "");
        let term = format!("a IN ({})", condition.bind_all(["x", "y"]));
        condition.and(term);
        let term = format!("b = {}", condition.bind(7_i64));
        condition.and(term);
        assert_eq!(condition.clause(), " WHERE a IN ($1, $2) AND b = $3");
        assert!(matches!(condition.params[..], [Value::Text(_), Value::Text(_), Value::Int64(7)]));
        assert_eq!(anywhere("50%_Off!"), "%50!%!_Off!!%");
    }
}
