//! Identifiers and random bytes, drawn from the host. `domain` code gets them as arguments and never calls this.

use uuid::Uuid;

/// The host has no randomness to give; says why.
#[derive(Debug, thiserror::Error)]
#[error("no random bytes from the host: {0}")]
pub struct Error(String);

/// A new `UUIDv7` (RFC 9562): ordered by time, so that keys made one after the other lie beside each other.
pub fn new() -> Uuid {
    Uuid::now_v7()
}

/// `N` bytes fit for keys and tokens.
///
/// # Errors
/// [`Error`] if the host refuses randomness; nothing can be done but to fail the request.
pub fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error(error.to_string()))?;
    Ok(bytes)
}
