//! Why a statement on the book failed.

/// A statement that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// There is no connection to the server, or none any more; what was under way may have been done or not.
    #[error("the connection to the server of the book is lost")]
    Lost,
    /// SQLite reported an error.
    #[error(transparent)]
    File(#[from] rusqlite::Error),
    /// The server reported an error.
    #[error(transparent)]
    Server(sqlx::Error),
    /// A value is not what the statement should have brought.
    #[error("column {index} of a row is not as it should be")]
    Column {
        /// Its place in the row.
        index: usize,
    },
}
