//! What can go wrong with a password.

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The manifest does not grant password hashing to the component.
    #[error("password hashing is not granted")]
    Denied,
    /// No turn came up in time; try again later.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The password is longer than 128 bytes.
    #[error("the password is longer than 128 bytes")]
    TooLong,
    /// The stored text is no Argon2id hash in PHC form, or asks for more work than a hash of ours ever would.
    #[error("the stored text is no Argon2id hash within the limits")]
    InvalidHash,
    /// The host could not hash: no memory, no randomness.
    #[error("the password could not be hashed")]
    Internal {
        /// For the log alone.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    pub(crate) fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal { source: source.into() }
    }
}
