//! Rows that arrive while the engine still reads. Owns the bounds of the look-ahead.

use futures::FutureExt;
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
#[derive(Debug)]
pub struct RowStream {
    pub(crate) columns: Vec<Column>,
    pub(crate) batches: mpsc::Receiver<Batch>,
    pub(crate) end: oneshot::Receiver<Result<(), Error>>,
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

    /// How the stream ended. Resolves after the last row was taken, or at once when the rest is not wanted.
    ///
    /// # Errors
    /// Whatever ended the statement early: [`Error::Timeout`], [`Error::TooLarge`] for a row over 16 MiB,
    /// [`Error::Invalid`] for an expression the engine cannot compute.
    pub async fn end(mut self) -> Result<(), Error> {
        self.batches.close();
        while self.batches.recv().await.is_some() {}
        self.end.map(ended).await
    }
}

/// A thread that went away without a word lost its rows.
pub(crate) fn ended(end: Result<Result<(), Error>, oneshot::error::RecvError>) -> Result<(), Error> {
    end.unwrap_or_else(|_| Err(Error::unavailable("the reading thread stopped")))
}
