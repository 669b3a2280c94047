//! What can go wrong with publishing and with opening a stream.

/// Why something was not published, or a stream not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The manifest grants the component no such channel.
    #[error("component `{component}` is not granted the channel `{channel}`")]
    Denied {
        /// Who asked.
        component: String,
        /// For what.
        channel: String,
    },
    /// A name or a list breaks the rules of the interface.
    #[error("{field} {reason}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// Which rule.
        reason: &'static str,
    },
    /// The event's data is longer than it may be.
    #[error("an event may have at most {limit_bytes} bytes of data")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// No further stream is opened, here or for these channels. Trying again later helps.
    #[error("{limit} event streams are open already")]
    TooManyStreams {
        /// The limit that was reached.
        limit: usize,
    },
    /// The host is about to stop.
    #[error("the host is shutting down")]
    ShuttingDown,
}
