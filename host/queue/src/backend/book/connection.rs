//! A connection to the book on either engine: one set of statements, and transactions of many pieces.
//!
//! Statements are written in what SQLite and PostgreSQL have in common, with parameters `?1...`. What has to differ is
//! here, in the two engines' own files and in `schema`.

use super::fault::Fault;
use super::file::File;
use super::row::Row;
use super::server::Server;
use super::value::Value;

pub(super) enum Connection {
    /// A file that belongs to this host alone.
    File(File),
    /// A server that hosts share.
    Server(Box<Server>),
}

impl Connection {
    /// Runs a statement and says how many rows it changed.
    pub(super) fn execute(&self, statement: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        match self {
            Self::File(file) => file.execute(statement, values),
            Self::Server(server) => server.execute(statement, values),
        }
    }

    /// Runs a statement and reads all its rows.
    pub(super) fn query(&self, statement: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Fault> {
        match self {
            Self::File(file) => file.query(statement, values),
            Self::Server(server) => server.query(statement, values),
        }
    }

    /// The first row, of a statement that has one at most.
    pub(super) fn first(&self, statement: &str, values: &[Value<'_>]) -> Result<Option<Row>, Fault> {
        Ok(self.query(statement, values)?.into_iter().next())
    }

    /// The row of a statement that always has one.
    pub(super) fn one(&self, statement: &str, values: &[Value<'_>]) -> Result<Row, Fault> {
        self.first(statement, values)?.ok_or(Fault::Column { index: 0 })
    }

    /// Whether a statement has any row.
    pub(super) fn exists(&self, statement: &str, values: &[Value<'_>]) -> Result<bool, Fault> {
        Ok(!self.query(statement, values)?.is_empty())
    }

    /// Whether other hosts may use the book as well.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    /// Begins a transaction, after those of other hosts. Of `several` pieces each can be undone by itself.
    pub(super) fn begin(&self, several: bool) -> Result<(), Fault> {
        match self {
            Self::File(file) => file.begin(several),
            Self::Server(server) => server.begin(several),
        }
    }

    /// A piece is done and another follows.
    pub(super) fn next(&self) -> Result<(), Fault> {
        match self {
            Self::File(file) => file.next(),
            Self::Server(server) => server.next(),
        }
    }

    /// Undoes the present piece; the next one may follow.
    pub(super) fn undo(&self) -> Result<(), Fault> {
        match self {
            Self::File(file) => file.undo(),
            Self::Server(server) => server.undo(),
        }
    }

    /// Returns once all that was done is durable.
    pub(super) fn commit(&self) -> Result<(), Fault> {
        match self {
            Self::File(file) => file.commit(),
            Self::Server(server) => server.commit(),
        }
    }

    /// Undoes everything, where there is anything to undo.
    pub(super) fn roll_back(&self) {
        match self {
            Self::File(file) => file.roll_back(),
            Self::Server(server) => server.roll_back(),
        }
    }

    /// Whether the transaction goes on: either engine may have ended it by itself.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::File(file) => file.is_open(),
            Self::Server(server) => server.is_open(),
        }
    }
}
