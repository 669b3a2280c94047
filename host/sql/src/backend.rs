//! The seam between the words of the interface and an engine.
//!
//! An engine owns connections, statement checks, type mapping and error mapping. It knows nothing of components,
//! grants, resources or guests. There are two: [`crate::sqlite`] and [`crate::postgres`].

use std::sync::Arc;
use std::time::Instant;

use futures::future::BoxFuture;

use crate::{AppliedMigration, Dialect, Error, Migration, Options, OutboxRow, Phase, RowStream, Rows, Value};

/// What an engine's calls return: owned by the caller; dropping it cancels the work in the engine.
pub(crate) type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// One statement with its parameters.
#[derive(Debug)]
pub(crate) struct Call {
    /// SQL text, parameters written `$1` to `$n`.
    pub(crate) statement: String,
    /// By position.
    pub(crate) params: Vec<Value>,
}

/// One database of an engine.
pub(crate) trait Backend: Send + Sync + 'static {
    /// Which engine this is.
    fn dialect(&self) -> Dialect;
    /// All rows of one statement.
    fn query(&self, call: Call, deadline: Instant) -> Answer<'_, Rows>;
    /// Number of rows one statement changed.
    fn execute(&self, call: Call, deadline: Instant) -> Answer<'_, u64>;
    /// Rows of one read-only statement as they are read.
    fn stream(&self, call: Call, deadline: Instant) -> Answer<'_, RowStream>;
    /// Opens a transaction that ends by itself at the deadline.
    fn begin(&self, options: Options, deadline: Instant) -> Answer<'_, Arc<dyn Session>>;
    /// Runs pending migrations of a phase.
    fn migrate(&self, migrations: Vec<Migration>, phase: Phase) -> Answer<'_, ()>;
    /// Migrations that have run, in the order of their versions.
    fn applied(&self) -> Answer<'_, Vec<AppliedMigration>>;
    /// Oldest messages of the outbox, in the order their transactions committed.
    fn outbox_pending(&self, limit: u32) -> Answer<'_, Vec<OutboxRow>>;
    /// Removes messages from the outbox.
    fn outbox_delete(&self, ids: Vec<String>) -> Answer<'_, ()>;
    /// Resolves when messages were committed since the last call resolved.
    fn outbox_wait(&self) -> BoxFuture<'_, ()>;
    /// Whether the database answers.
    fn ping(&self) -> Answer<'_, ()>;
    /// Makes the main file complete, where the engine keeps a log beside it.
    fn checkpoint(&self) -> Answer<'_, ()>;
    /// Refuses further work. Work in progress ends first.
    fn close(&self) -> Answer<'_, ()>;
}

/// An open transaction. Dropping the last handle, or the future of a call on it, rolls it back.
pub(crate) trait Session: Send + Sync + 'static {
    /// All rows of one statement.
    fn query(&self, call: Call) -> Answer<'_, Rows>;
    /// Number of rows one statement changed.
    fn execute(&self, call: Call) -> Answer<'_, u64>;
    /// Adds a message to the outbox.
    fn send(&self, row: OutboxRow) -> Answer<'_, ()>;
    /// Makes the changes durable.
    fn commit(&self) -> Answer<'_, ()>;
    /// Undoes the changes.
    fn rollback(&self) -> Answer<'_, ()>;
    /// Rolls back without waiting; a call in progress ends first.
    fn abandon(&self);
}

/// Why there is nothing left to use.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Why {
    /// Committed or rolled back by its owner.
    Finished,
    /// The deadline passed.
    Deadline,
    /// A call on it was dropped, or the request ended.
    Cancelled,
    /// The engine rolled back after an error.
    Failed,
}

impl Why {
    /// What a later call is told.
    pub(crate) fn error(self) -> Error {
        match self {
            Self::Finished => Error::other("the transaction is over"),
            Self::Deadline => Error::Timeout,
            Self::Cancelled => Error::other("the transaction was rolled back: a call on it was cancelled"),
            Self::Failed => Error::other("the transaction was rolled back by an earlier error"),
        }
    }
}
