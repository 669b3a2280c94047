//! Rows read one after the other, for results that need not fit into memory.

use std::sync::Arc;

use wit_bindgen::rt::async_support::{FutureReader, StreamReader};

use super::{Error, Row, Value, value, wit};

/// The rows of a read-only statement as they are read. The host reads at most 256 KiB ahead; dropping this stops it.
pub struct Rows {
    columns: Arc<[wit::Column]>,
    reader: StreamReader<Vec<Value>>,
    end: Option<FutureReader<Result<(), wit::Error>>>,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl Rows {
    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// What ended the stream before its last row.
    pub async fn next(&mut self) -> Result<Option<Row>, Error> {
        if let Some(values) = self.reader.next().await {
            return Ok(Some(value::row(&self.columns, values)));
        }
        match self.end.take() {
            Some(end) => end.await.map(|()| None).map_err(Error::from),
            None => Ok(None),
        }
    }
}

/// Runs one read-only statement whose rows are read one after the other.
///
/// # Errors
/// See [`Error`].
pub async fn query_stream(statement: &str, params: impl Into<Vec<Value>>) -> Result<Rows, Error> {
    let (columns, reader, end) = wit::query_stream(statement.to_owned(), params.into()).await?;
    Ok(Rows { columns: columns.into(), reader, end: Some(end) })
}
