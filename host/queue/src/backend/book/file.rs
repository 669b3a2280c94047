//! The book in a SQLite file with one owner, and commits that are on the disk before anybody is told.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Statement, params_from_iter};

use super::fault::Fault;
use super::row::{Cell, Row};
use super::schema::FILE_STEPS;
use super::value::Value;
use crate::Error;

/// A host that starts while its predecessor still ends waits this long for the file.
const OWNER_WAIT: Duration = Duration::from_secs(5);
/// Statements kept prepared; there are about forty.
const STATEMENTS_MAX: usize = 64;

pub(super) struct File(rusqlite::Connection);

impl File {
    /// Opens or creates the file as its only owner and gives back what an earlier owner had taken.
    ///
    /// # Errors
    /// [`Error::Store`]: not a queue file, or another process owns it; [`Error::Config`]: of a later version.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let opened = rusqlite::Connection::open(path).map_err(Fault::from);
        let mut conn = opened.map_err(Error::store("opening the file"))?;
        let prepared = prepare(&mut conn).map_err(Fault::from);
        prepared.map_err(Error::store("preparing the file, which another process may own"))?;
        let version = version(&conn).map_err(Fault::from).map_err(Error::store("reading the version"))?;
        if version != FILE_STEPS.len() {
            return Err(Error::Config {
                what: path.display().to_string(),
                problem: format!("is of version {version}, this host knows version {}", FILE_STEPS.len()),
            });
        }
        Ok(Self(conn))
    }

    pub(super) fn execute(&self, statement: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        let changed = self.0.prepare_cached(statement)?.execute(params_from_iter(values))?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    pub(super) fn query(&self, statement: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Fault> {
        read(&mut *self.0.prepare_cached(statement)?, values)
    }

    /// Bytes in use; the file may be larger.
    pub(super) fn bytes(&self) -> Result<i64, Fault> {
        let pragma = |name: &str| self.0.prepare_cached(name)?.query_row([], |row| row.get::<_, i64>(0));
        let pages = pragma("PRAGMA page_count")?.saturating_sub(pragma("PRAGMA freelist_count")?);
        Ok(pages.saturating_mul(pragma("PRAGMA page_size")?))
    }

    pub(super) fn begin(&self, several: bool) -> Result<(), Fault> {
        self.roll_back();
        self.run("BEGIN")?;
        if several { self.run("SAVEPOINT piece") } else { Ok(()) }
    }

    pub(super) fn next(&self) -> Result<(), Fault> {
        self.run("RELEASE piece")?;
        self.run("SAVEPOINT piece")
    }

    pub(super) fn undo(&self) -> Result<(), Fault> {
        self.run("ROLLBACK TO piece")
    }

    pub(super) fn commit(&self) -> Result<(), Fault> {
        self.run("COMMIT")
    }

    /// Where it fails it is tried before the next transaction.
    pub(super) fn roll_back(&self) {
        if self.is_open()
            && let Err(fault) = self.run("ROLLBACK")
        {
            tracing::error!(error = %fault, "the queue store cannot roll back");
        }
    }

    /// A full disk or a failed read makes SQLite roll the whole transaction back by itself.
    pub(super) fn is_open(&self) -> bool {
        !self.0.is_autocommit()
    }

    fn run(&self, statement: &str) -> Result<(), Fault> {
        self.execute(statement, &[]).map(drop)
    }
}

fn read(statement: &mut Statement<'_>, values: &[Value<'_>]) -> Result<Vec<Row>, Fault> {
    let columns = statement.column_count();
    let (mut rows, mut found) = (statement.query(params_from_iter(values))?, Vec::new());
    while let Some(row) = rows.next()? {
        let cells = (0..columns).map(|index| cell(row.get_ref(index)?, index)).collect::<Result<_, Fault>>()?;
        found.push(Row(cells));
    }
    Ok(found)
}

fn cell(value: ValueRef<'_>, index: usize) -> Result<Cell, Fault> {
    match value {
        ValueRef::Null => Ok(Cell::Nothing),
        ValueRef::Integer(number) => Ok(Cell::Integer(number)),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).map_err(|_| Fault::Column { index })?;
            Ok(Cell::Text(text.to_owned()))
        }
        ValueRef::Blob(bytes) => Ok(Cell::Bytes(Bytes::copy_from_slice(bytes))),
        ValueRef::Real(_) => Err(Fault::Column { index }),
    }
}

fn prepare(conn: &mut rusqlite::Connection) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // Plans do not look at parameters. Otherwise a statement with a parameter as its limit is prepared anew at each use.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.busy_timeout(OWNER_WAIT)?;
    // Exclusive: leases of an earlier life can only be given back at once where nobody else can hold one.
    conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update_and_check(None, "journal_size_limit", 64 << 20, |_| Ok(()))?;
    let setup = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version = version(&setup)?;
    if let Some(missing) = FILE_STEPS.get(version..) {
        for step in missing {
            setup.execute_batch(step)?;
        }
        setup.pragma_update(None, "user_version", i64::try_from(FILE_STEPS.len()).unwrap_or(i64::MAX))?;
        setup.execute("UPDATE message SET state = 0, lease = NULL WHERE state = 3", [])?;
        setup.execute("UPDATE message SET carried = 2 WHERE carried = 1", [])?;
    }
    setup.commit()
}

/// How many of the [`FILE_STEPS`] the file has behind it. A later host's file may have more.
fn version(conn: &rusqlite::Connection) -> rusqlite::Result<usize> {
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::schema::FIRST_TABLES;
    use super::*;

    #[test]
    fn a_file_of_the_first_version_keeps_its_messages_and_gains_the_release() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("q");
        let first = rusqlite::Connection::open(&path).expect("a file");
        first.execute_batch(FIRST_TABLES).expect("the tables of the first version");
        let insert = "INSERT INTO message (queue, id, state, priority, due_at, since, source, topic, content_type,
                        deliver_at, sent_at, body) VALUES ('q', 'm', 0, 4, 0, 0, 's', 't', 'text/plain', 0, 0, x'')";
        first.execute(insert, []).expect("room");
        first.pragma_update(None, "user_version", 1).expect("a version");
        drop(first);
        for _ in 0..2 {
            let file = File::open(&path).expect("it opens, also again");
            let rows = file.query("SELECT id, release, carrier FROM message", &[]).expect("the message");
            let row = rows.first().expect("one");
            assert_eq!(row.get::<String>(0).expect("a text"), "m");
            assert_eq!((row.get::<Option<i64>>(1).ok(), row.get::<Option<i64>>(2).ok()), (Some(None), Some(None)));
        }
    }

    #[test]
    fn a_statement_with_a_parameter_as_its_limit_is_prepared_once() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = File::open(&dir.path().join("q")).expect("a file");
        let text = "SELECT id FROM message WHERE queue = ?1 ORDER BY seq LIMIT ?2";
        for limit in 1..=3_i64 {
            assert!(file.query(text, &[Value::from("q"), Value::from(limit)]).expect("an answer").is_empty());
        }
        let statement = file.0.prepare_cached(text).expect("the same statement");
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }

    #[test]
    fn a_file_of_a_later_version_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("q");
        let later = rusqlite::Connection::open(&path).expect("a file");
        later.pragma_update(None, "user_version", 99).expect("a version");
        drop(later);
        let Err(Error::Config { problem, .. }) = File::open(&path).map(drop) else { panic!("it opened") };
        assert!(problem.starts_with("is of version 99"), "{problem}");
        assert_eq!(version(&rusqlite::Connection::open(&path).expect("a file")).expect("a version"), 99);
    }
}
