//! Rows that arrive while the engine still reads. Owns the bounds of the look-ahead.

use std::any::Any;
use std::fmt;

use tokio::sync::{mpsc, oneshot};

use crate::{Column, Error, Value};

/// A batch is handed over once it holds this many bytes, or sooner when the reader waits.
pub(crate) const BATCH_BYTES: usize = 64 << 10;

/// Batches that may wait for the reader. With the one being read and the one being filled the engine is at most
/// 256 KiB ahead (or one row, where a row alone is larger).
pub(crate) const BATCHES_WAITING: usize = 2;

/// Some rows in order.
pub(crate) type Batch = Vec<Vec<Value>>;

/// The rows of a statement as the engine reads them. Dropping it stops the engine.
pub struct RowStream {
    pub(crate) columns: Vec<Column>,
    pub(crate) batches: mpsc::Receiver<Batch>,
    pub(crate) end: oneshot::Receiver<Result<(), Error>>,
    /// Stops the engine when it is dropped.
    #[expect(dead_code, reason = "kept for its drop")]
    pub(crate) guard: Box<dyn Any + Send>,
}

impl fmt::Debug for RowStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl RowStream {
    /// The result's columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The next rows, at least one; `None` after the last.
    ///
    /// Cancellation: may be dropped; no rows are lost.
    pub async fn next(&mut self) -> Option<Vec<Vec<Value>>> {
        self.batches.recv().await
    }

    /// Passes over the rows that were not taken and tells how the stream ended.
    ///
    /// # Errors
    /// Whatever ended the statement early: [`Error::Timeout`], [`Error::TooLarge`] for a row over 16 MiB,
    /// [`Error::Invalid`] for an expression the engine cannot compute.
    pub async fn end(mut self) -> Result<(), Error> {
        while self.batches.recv().await.is_some() {}
        ended(self.end.await)
    }
}

/// A thread that went away without a word lost its rows.
pub(crate) fn ended(end: Result<Result<(), Error>, oneshot::error::RecvError>) -> Result<(), Error> {
    end.unwrap_or_else(|_| Err(Error::unavailable("the reading thread stopped")))
}
