//! The resource `transaction`: an engine's session plus what its component may send.

use std::fmt;
use std::sync::Arc;

use crate::backend::{Call, Session};
use crate::outbox::Sender;
use crate::{Error, Outgoing, Rows, Value};

/// An open transaction.
///
/// Every call waits for the one before it and is bounded by the deadline of the request that opened it. Dropping the
/// transaction or the future of a call on it rolls everything back; so does the deadline, even between two calls.
pub struct Transaction {
    pub(crate) session: Arc<dyn Session>,
    pub(crate) sender: Arc<Sender>,
    pub(crate) release: Option<u64>,
}

impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("component", &self.sender.component).finish_non_exhaustive()
    }
}

/// A second handle for the time of one call: the resource table cannot be borrowed across a wait.
impl Clone for Transaction {
    fn clone(&self) -> Self {
        Self { session: Arc::clone(&self.session), sender: Arc::clone(&self.sender), release: self.release }
    }
}

impl Transaction {
    /// Runs one statement and returns all its rows.
    ///
    /// # Errors
    /// As [`crate::Client::query`].
    pub async fn query(&self, statement: impl Into<String>, params: Vec<Value>) -> Result<Rows, Error> {
        self.session.query(Call { statement: statement.into(), params }).await
    }

    /// Runs one statement and returns the number of rows it changed.
    ///
    /// # Errors
    /// As [`crate::Client::execute`].
    pub async fn execute(&self, statement: impl Into<String>, params: Vec<Value>) -> Result<u64, Error> {
        self.session.execute(Call { statement: statement.into(), params }).await
    }

    /// Writes a message that is delivered if and only if this transaction commits; returns its id.
    ///
    /// # Errors
    /// [`Error::Denied`] for a topic outside the component's grant; [`Error::Invalid`] for a topic no queue is bound
    /// to, a field that is not as described, or a read-only transaction; [`Error::TooLarge`] for a body over 256 KiB;
    /// [`Error::Constraint`] for an id that waits in the outbox already; on PostgreSQL, where messages are written with
    /// the commit, it is told there unless this transaction itself sent it.
    pub async fn send(&self, message: Outgoing) -> Result<String, Error> {
        let row = self.sender.accept(message, self.release)?;
        let id = row.id.clone();
        self.session.send(row).await?;
        Ok(id)
    }

    /// Makes the changes durable: returns once they are on disk. After an error nothing was changed.
    ///
    /// # Errors
    /// [`Error::Timeout`], [`Error::Unavailable`] (disk full or failing), [`Error::Constraint`] for a deferred foreign
    /// key.
    pub async fn commit(self) -> Result<(), Error> {
        self.session.commit().await
    }

    /// Undoes the changes.
    ///
    /// # Errors
    /// [`Error::Timeout`] where the deadline had rolled it back already.
    pub async fn rollback(self) -> Result<(), Error> {
        self.session.rollback().await
    }
}
