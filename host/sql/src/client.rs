//! One request's way to its database.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use crate::backend::{Backend, Call, Session};
use crate::outbox::Sender;
use crate::{Dialect, Error, Options, RowStream, Rows, Transaction, Value};

/// Open transactions of one request; beyond it `begin` is refused. One is usual, and there is one writer.
const TRANSACTIONS_MAX: usize = 16;

/// What all calls of one request share.
#[derive(Default)]
pub(crate) struct Request {
    open: Mutex<Vec<Weak<dyn Session>>>,
}

impl Request {
    /// Rolls back what is still open.
    pub(crate) fn end(&self) {
        let open = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        for session in open.iter().filter_map(Weak::upgrade) {
            session.abandon();
        }
    }

    fn admit(&self) -> Result<(), Error> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|session| session.strong_count() > 0);
        if open.len() >= TRANSACTIONS_MAX {
            return Err(Error::invalid(format!("more than {TRANSACTIONS_MAX} open transactions")));
        }
        Ok(())
    }

    fn add(&self, session: &Arc<dyn Session>) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(session));
    }
}

/// A component's database for the time of one request. Cheap to clone; every call ends by the request's deadline.
///
/// Dropping the future of any call cancels it in the engine; a change that was not answered was not made, unless its
/// commit had begun. Deadlines end a call the same way, and then [`Error::Timeout`] means that nothing was changed.
#[derive(Clone)]
pub struct Client {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) sender: Arc<Sender>,
    pub(crate) request: Arc<Request>,
    pub(crate) deadline: Instant,
    pub(crate) release: Option<u64>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("component", &self.sender.component).finish_non_exhaustive()
    }
}

impl Client {
    /// Which engine answers.
    pub fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    /// Runs one statement and returns all its rows.
    ///
    /// Parameters are written `$1` to `$n` by position, together at most 4 MiB; the result at most 16 MiB (a cell
    /// counts its bytes and 16 more). A statement that changes data commits before this returns.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a statement the engine does not accept, more than one statement, transaction control, or
    /// parameters that do not fit it; [`Error::Denied`] for the host's own tables; [`Error::Constraint`];
    /// [`Error::TooLarge`], and then nothing was changed; [`Error::Timeout`]; [`Error::Conflict`];
    /// [`Error::Unavailable`].
    pub async fn query(&self, statement: impl Into<String>, params: Vec<Value>) -> Result<Rows, Error> {
        self.backend.query(Call { statement: statement.into(), params }, self.deadline).await
    }

    /// Runs one statement and returns the number of rows it changed (0 for a statement that changes no rows).
    ///
    /// # Errors
    /// As [`Client::query`].
    pub async fn execute(&self, statement: impl Into<String>, params: Vec<Value>) -> Result<u64, Error> {
        self.backend.execute(Call { statement: statement.into(), params }, self.deadline).await
    }

    /// Runs one read-only statement; its rows arrive as the engine reads them, at most 256 KiB ahead of the reader.
    ///
    /// # Errors
    /// As [`Client::query`]; also [`Error::Invalid`] for a statement that changes data.
    pub async fn query_stream(&self, statement: impl Into<String>, params: Vec<Value>) -> Result<RowStream, Error> {
        self.backend.stream(Call { statement: statement.into(), params }, self.deadline).await
    }

    /// Opens a transaction.
    ///
    /// On SQLite one that writes waits for the writer before it (first come, first served), whatever the level; on
    /// PostgreSQL transactions run side by side, as the level allows. A read-only one sees the database as it is at its
    /// first statement.
    ///
    /// # Errors
    /// [`Error::Timeout`] when its turn did not come; [`Error::Unavailable`]; [`Error::Invalid`] for more than 16 open
    /// transactions of one request.
    pub async fn begin(&self, options: Options) -> Result<Transaction, Error> {
        self.request.admit()?;
        let session = self.backend.begin(options, self.deadline).await?;
        self.request.add(&session);
        Ok(Transaction { session, sender: Arc::clone(&self.sender), release: self.release })
    }
}
