//! What can go wrong with a file.

use std::io;

/// Why a file was not stored, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The manifest does not grant files to the component.
    #[error("files are not granted")]
    Denied,
    /// No file has this key.
    #[error("there is no such file")]
    NotFound,
    /// A key or content type against the rules.
    #[error("{field} {reason}")]
    Invalid {
        /// `key`, `content-type` or `component`.
        field: &'static str,
        /// Which rule, without repeating the value.
        reason: &'static str,
    },
    /// The content is longer than `limit` bytes; nothing was kept.
    #[error("the content is larger than {limit} bytes")]
    TooLarge {
        /// Bytes: the smaller one of the call's limit and the grant's.
        limit: u64,
    },
    /// The other side of the stream ended too early; nothing was kept.
    #[error("the stream ended too early")]
    Interrupted,
    /// More than [`TRANSFERS_MAX`](crate::TRANSFERS_MAX) streams of this instance are open.
    #[error("too many files are open")]
    TooMany,
    /// The store cannot be reached or has no space left; the caller may try again.
    #[error("{what}")]
    Unavailable {
        /// Safe to show to a component: no path.
        what: &'static str,
        /// For the log alone.
        #[source]
        source: io::Error,
    },
    /// What is stored under the key is not what was once written there.
    #[error("the stored file is damaged")]
    Damaged,
    /// The deadline passed first; nothing was kept.
    #[error("the deadline passed first")]
    Timeout,
}

impl From<io::Error> for Error {
    fn from(source: io::Error) -> Self {
        let what = match source.kind() {
            io::ErrorKind::NotFound => return Self::NotFound,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "no space is left for files",
            _ => "the file store cannot be reached",
        };
        Self::Unavailable { what, source }
    }
}
