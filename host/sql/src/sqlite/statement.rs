//! Running one statement on one connection.

use std::ops::{Deref, DerefMut};

use rusqlite::{CachedStatement, Row, Statement};

use super::connection::Conn;
use super::value::{Bound, Kind};
use crate::backend::Call;
use crate::guard::Class;
use crate::value::{RESULT_BYTES_MAX, size};
use crate::{Column, Error, Rows, Value};

const BEGIN_WRITE: &str = "/*wharf*/ BEGIN IMMEDIATE";
const BEGIN_READ: &str = "/*wharf*/ BEGIN";
const COMMIT: &str = "/*wharf*/ COMMIT";
const ROLLBACK: &str = "/*wharf*/ ROLLBACK";
const SAVEPOINT: &str = "/*wharf*/ SAVEPOINT statement";
const ROLLBACK_TO: &str = "/*wharf*/ ROLLBACK TO statement";
const RELEASE: &str = "/*wharf*/ RELEASE statement";

/// Longer statements are compiled each time, so that what connections keep stays small.
const CACHED_BYTES_MAX: usize = 16 << 10;

/// A compiled statement.
pub(crate) enum Prepared<'c> {
    /// Kept by the connection.
    Kept(CachedStatement<'c>),
    /// Used once.
    Once(Statement<'c>),
}

impl<'c> Deref for Prepared<'c> {
    type Target = Statement<'c>;

    fn deref(&self) -> &Statement<'c> {
        match self {
            Self::Kept(statement) => statement,
            Self::Once(statement) => statement,
        }
    }
}

impl<'c> DerefMut for Prepared<'c> {
    fn deref_mut(&mut self) -> &mut Statement<'c> {
        match self {
            Self::Kept(statement) => statement,
            Self::Once(statement) => statement,
        }
    }
}

/// Compiles a statement (or finds it compiled) and binds its parameters.
pub(crate) fn prepare<'c>(conn: &'c Conn, call: &Call) -> Result<Prepared<'c>, Error> {
    let compiled = if call.statement.len() > CACHED_BYTES_MAX {
        conn.raw.prepare(call.statement.trim()).map(Prepared::Once)
    } else {
        conn.raw.prepare_cached(&call.statement).map(Prepared::Kept)
    };
    let mut statement = compiled.map_err(|error| conn.failure(error, &call.statement))?;
    bind(&mut statement, &call.params).map_err(|error| match error {
        Refused::Here(error) => error,
        Refused::Engine(error) => conn.failure(error, &call.statement),
    })?;
    Ok(statement)
}

enum Refused {
    Here(Error),
    Engine(rusqlite::Error),
}

/// `$2` is a name to the engine, numbered by first appearance.
fn bind(statement: &mut Statement<'_>, params: &[Value]) -> Result<(), Refused> {
    let count = statement.parameter_count();
    if count != params.len() {
        let message = format!("{} parameters given, {count} in the statement", params.len());
        return Err(Refused::Here(Error::invalid(message)));
    }
    for index in 1..=count {
        let name = statement.parameter_name(index).unwrap_or("?");
        let param = position(name).and_then(|position| params.get(position - 1));
        let Some(param) = param else {
            let message = format!("`{name}` is no parameter: write $1 to ${count}, each at least once");
            return Err(Refused::Here(Error::invalid(message)));
        };
        statement.raw_bind_parameter(index, Bound(param)).map_err(Refused::Engine)?;
    }
    Ok(())
}

/// The number of `$n`, from 1. Names are distinct and so are their numbers, for leading zeros are refused; so as many
/// names as parameters, all in range, is one name for each.
fn position(name: &str) -> Option<usize> {
    let digits = name.strip_prefix('$')?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if plain { digits.parse().ok() } else { None }
}

/// The result's columns and how to read them. To be asked after the first step: that is when the engine notices a
/// changed schema.
pub(crate) struct Shape {
    pub(crate) columns: Vec<Column>,
    kinds: Vec<Kind>,
}

impl Shape {
    pub(crate) fn of(statement: &Statement<'_>) -> Self {
        let described = statement.columns();
        let mut columns = Vec::with_capacity(described.len());
        let mut kinds = Vec::with_capacity(described.len());
        for column in described {
            let declared = column.decl_type().unwrap_or_default();
            kinds.push(Kind::of(declared));
            columns.push(Column { name: column.name().to_owned(), declared: declared.to_ascii_lowercase() });
        }
        Self { columns, kinds }
    }

    /// One row and what it counts.
    pub(crate) fn read(&self, row: &Row<'_>) -> Result<(Vec<Value>, u64), Error> {
        let mut values = Vec::with_capacity(self.kinds.len());
        let mut bytes = 0_u64;
        for (index, kind) in self.kinds.iter().enumerate() {
            let cell = row.get_ref(index).map_err(|error| Error::other(error.to_string()))?;
            let value = kind.read(cell)?;
            bytes = bytes.saturating_add(size(&value));
            values.push(value);
        }
        Ok((values, bytes))
    }
}

/// All rows of a statement that only reads; `None` for one that does not.
pub(crate) fn read(conn: &Conn, call: &Call) -> Result<Option<Rows>, Error> {
    let mut statement = prepare(conn, call)?;
    if statement.readonly() { collect(conn, call, &mut statement).map(Some) } else { Ok(None) }
}

/// All rows of any statement. One that changes data is undone as a whole when it fails: the rows of `RETURNING` come
/// after the change, and a result over its limit must not leave one behind.
pub(crate) fn query(conn: &Conn, call: &Call) -> Result<Rows, Error> {
    let mut statement = prepare(conn, call)?;
    if statement.readonly() || statement.column_count() == 0 {
        return collect(conn, call, &mut statement);
    }
    let (open, close, undo) =
        if conn.in_transaction() { (SAVEPOINT, RELEASE, ROLLBACK_TO) } else { (BEGIN_WRITE, COMMIT, ROLLBACK) };
    conn.control(open)?;
    let result = collect(conn, call, &mut statement).and_then(|rows| match close {
        COMMIT => commit(conn).map(|()| rows),
        _ => Ok(rows),
    });
    let open = conn.in_transaction();
    match result {
        Err(error) => {
            if open {
                conn.watch.disarm();
                conn.control(undo)?;
                if close == RELEASE {
                    conn.control(RELEASE)?;
                }
            }
            Err(error)
        }
        Ok(rows) => {
            if close == RELEASE {
                conn.control(RELEASE)?;
            }
            Ok(rows)
        }
    }
}

/// Runs a statement and returns the number of rows it changed.
pub(crate) fn execute(conn: &Conn, call: &Call, class: Class) -> Result<u64, Error> {
    let mut statement = prepare(conn, call)?;
    let mut rows = statement.raw_query();
    while rows.next().map_err(|error| conn.failure(error, &call.statement))?.is_some() {}
    drop(rows);
    // After anything else the engine would answer for an earlier statement.
    let counts = matches!(class, Class::Change | Class::Mixed) && !statement.readonly();
    Ok(if counts { conn.raw.changes() } else { 0 })
}

/// Opens a transaction that writes.
pub(crate) fn begin_write(conn: &Conn) -> Result<(), Error> {
    begin(conn, BEGIN_WRITE)
}

/// Opens a transaction that reads.
pub(crate) fn begin_read(conn: &Conn) -> Result<(), Error> {
    begin(conn, BEGIN_READ)
}

/// The engine asks whether to stop once more when it has begun already: then it is begun, whatever it answers. Begun again
/// it would be refused.
fn begin(conn: &Conn, statement: &'static str) -> Result<(), Error> {
    match conn.control(statement) {
        Err(Error::Timeout) if conn.in_transaction() => Ok(()),
        result => result,
    }
}

/// Makes an open transaction durable. From here on nothing stops it: its outcome would be unknown.
pub(crate) fn commit(conn: &Conn) -> Result<(), Error> {
    if conn.watch.must_stop() {
        return Err(Error::Timeout);
    }
    conn.watch.disarm();
    conn.control(COMMIT)
}

fn collect(conn: &Conn, call: &Call, statement: &mut Statement<'_>) -> Result<Rows, Error> {
    let mut shape: Option<Shape> = None;
    let mut result = Vec::new();
    let mut total = 0_u64;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|error| conn.failure(error, &call.statement))? {
        let shape = shape.get_or_insert_with(|| Shape::of(row.as_ref()));
        let (values, bytes) = shape.read(row)?;
        total = total.saturating_add(bytes);
        if total > RESULT_BYTES_MAX {
            return Err(Error::TooLarge { limit: RESULT_BYTES_MAX });
        }
        result.push(values);
    }
    drop(rows);
    let columns = shape.unwrap_or_else(|| Shape::of(statement)).columns;
    Ok(Rows { columns, rows: result })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use super::super::connection::{Role, make_file};
    use super::*;
    use crate::Clock;

    /// Its statements count instructions from one run to the next, so that each of these is asked to stop sooner or later.
    #[test]
    fn a_begin_that_is_told_to_stop_has_begun_or_has_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.db");
        make_file(&path).expect("a file");
        let clock: Clock = Arc::new(|| 0);
        let conn = Conn::open(&path, Role::Writer, &clock).expect("a connection");
        for begin in [begin_write, begin_read] {
            for _ in 0..2_000 {
                // Over before it began.
                conn.watch.arm(Instant::now(), true);
                let begun = begin(&conn);
                assert_eq!(begun.is_ok(), conn.in_transaction(), "{begun:?}");
                conn.watch.disarm();
                if conn.in_transaction() {
                    conn.control(ROLLBACK).expect("a rollback");
                }
            }
        }
    }
}
