//! What can go wrong at the operator's door, on either side of it.

use std::io;
use std::path::PathBuf;

use control::Refusal;

/// Why the door cannot be opened, or why it did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A host serves this state folder already.
    #[error("another host serves {path}; stop it, or choose another folder with `--state-dir`")]
    InUse {
        /// Its socket.
        path: PathBuf,
    },
    /// The file system refuses.
    #[error("cannot use {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A certificate or key that is none.
    #[error("{path} {reason}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What it should be.
        reason: &'static str,
    },
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    #[error("certificate and key cannot be used")]
    Tls(#[source] rustls::Error),
    /// The file of tokens cannot be understood.
    #[error("{path} is damaged; remove it and make new tokens")]
    Tokens {
        /// The file.
        path: PathBuf,
        /// Where.
        #[source]
        source: serde_json::Error,
    },
    /// A name that a token cannot have.
    #[error("`{0}` is no name for a token; use 1 to 64 lower-case letters, digits, `-`, `_` and `.`")]
    Name(String),
    /// A scope that does not exist.
    #[error(
        "`{0}` is no scope; write `read`, `deploy:<component>`, `deploy:*`, `rollback`, `queue:<queue>` or `queue:*`"
    )]
    Scope(String),
    /// The name is taken.
    #[error("there is a token `{0}` already; revoke it first, or choose another name")]
    Exists(String),
    /// No such token.
    #[error("there is no token `{0}`; `wharf token ls` lists those that are there")]
    NoToken(String),
    /// As many tokens as there may be.
    #[error("there are {0} tokens already; revoke one first")]
    TooMany(usize),
    /// The machine has no randomness.
    #[error("the machine gives no random bytes: {0}")]
    Randomness(String),
    /// An address that cannot be called.
    #[error("`{url}` {reason}; write https://host:port")]
    Address {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Nobody answers.
    #[error("no host answers at {place}")]
    Unreachable {
        /// Socket or address.
        place: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The host answers too late. What was asked for may have been done.
    #[error("{place} did not answer within {limit_s} s; `wharf status` says what has become of it")]
    Late {
        /// Socket or address.
        place: String,
        /// Seconds.
        limit_s: u64,
    },
    /// The connection broke. What was asked for may have been done.
    #[error("the connection to {place} broke")]
    Broken {
        /// Socket or address.
        place: String,
        /// Why.
        #[source]
        source: hyper::Error,
    },
    /// An answer that this client does not understand.
    #[error("{place} answers in a way that this version does not understand: {what}")]
    Answer {
        /// Socket or address.
        place: String,
        /// What came.
        what: String,
    },
    /// A file larger than the host takes.
    #[error("{bytes} bytes are more than the {max} that the host takes for one file")]
    TooLarge {
        /// Of the file.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// The caller is not allowed to, or has tried too often.
    #[error("{0}")]
    Denied(String),
    /// The host refuses to do it. Nothing has changed.
    #[error("{0}")]
    Refused(Refusal),
}

impl Error {
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
