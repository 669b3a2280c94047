//! What can go wrong between a component's call and the transport.

use std::io;

/// Why a message was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The manifest does not grant mail to the component.
    #[error("mail is not granted")]
    Denied,
    /// A field of the message is wrong; nothing was sent.
    #[error("{field}: {reason}")]
    Invalid {
        /// Name of the field as the interface spells it, or `from` for the operator's own address.
        field: &'static str,
        /// What is wrong with it, without repeating its value.
        reason: &'static str,
    },
    /// Text and HTML together are larger than `limit` bytes.
    #[error("text and html are larger than {limit} bytes together")]
    TooLarge {
        /// Bytes.
        limit: u64,
    },
    /// The transport cannot take mail now; the caller may try again.
    #[error("{what}")]
    Unavailable {
        /// What was being done. Safe to show to a component: no path, no address.
        what: &'static str,
        /// For the log alone.
        #[source]
        source: io::Error,
    },
    /// The deadline passed first. The message may still go out; a call with the same idempotency key finds out.
    #[error("the deadline passed before the mail was accepted")]
    Timeout,
}

impl Error {
    pub(crate) fn unavailable(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Unavailable { what, source }
    }
}
