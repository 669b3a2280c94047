//! The seam between a composed message and what carries it away.

mod folder;

use std::pin::Pin;

pub use folder::{FolderTransport, KEY_RETENTION};

use crate::{Address, Error};

/// A message ready to go.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// 32 lower-case hexadecimal digits, left part of the Message-ID.
    pub id: String,
    /// The id stands for an idempotency key: the transport accepts it once and answers a second time as the first.
    /// Otherwise it is random.
    pub once: bool,
    /// When the host took the message, microseconds since the epoch.
    pub accepted_at: i64,
    /// Envelope sender.
    pub from: Address,
    /// Envelope recipient.
    pub to: Address,
    /// The message with CRLF line ends.
    pub bytes: Vec<u8>,
}

/// The pending answer of a [`Transport`].
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

/// Carries messages away.
///
/// `deliver` is called once per message from any task and is dropped when the caller's deadline passes; it must then
/// leave either nothing or a complete message behind. It answers once the message cannot be lost any more. A transport
/// without a memory of its own (SMTP) has to keep the ids of [`Outgoing::once`] somewhere that survives a restart.
pub trait Transport: Send + Sync + 'static {
    /// Takes one message.
    fn deliver(&self, outgoing: Outgoing) -> Delivery<'_>;
}
