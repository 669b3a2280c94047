//! SQL in the common subset of SQLite and PostgreSQL, and its translation to `domain` values. No rules.

pub(crate) mod demo;
pub(crate) mod guard;
pub(crate) mod journal;
pub(crate) mod sessions;
pub(crate) mod users;

use sdk::sql::Error;

/// A stored word that the schema's checks should have kept out.
fn unknown_word(column: &str, word: &str) -> Error {
    Error::Column { column: column.to_owned(), reason: format!("holds the unknown word `{word}`") }
}
