//! Outgoing mail (`wharf:mail`). The sender's address is the operator's.

use crate::bindings::wharf::mail::mail;

pub use mail::{Error, Message};

/// Hands one mail to the host's transport and returns its Message-ID.
///
/// # Errors
/// [`Error::Unavailable`] and [`Error::Timeout`]: try again later with the same `idempotency_key`.
/// [`Error::Invalid`] names the field that is wrong.
pub async fn send(message: Message) -> Result<String, Error> {
    mail::send(message).await
}
