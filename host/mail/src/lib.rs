//! Outgoing mail for components: `wharf:mail`.
//!
//! Owns the check and the composition of a message (RFC 5322, MIME) and the seam to whatever carries it away
//! ([`Transport`]). The transport that comes along writes `.eml` files into a folder ([`FolderTransport`]), which is what
//! development and tests want; one that speaks SMTP or a provider's HTTPS API implements the same trait. The sender's
//! address belongs to the operator and a component cannot choose it.
//!
//! Deliberately absent: receiving, attachments, several recipients, templates.

mod address;
mod bindings;
mod compose;
mod ctx;
mod error;
mod host;
mod message;
mod provider;
mod transport;

pub use address::{ADDRESS_MAX_BYTES, Address};
pub use ctx::{HasMail, MailCtx, MailView};
pub use error::Error;
pub use host::{MailData, add_to_linker};
pub use message::{BODY_MAX_BYTES, KEY_MAX_BYTES, Message, SUBJECT_MAX_CHARS};
pub use provider::{Clock, MailProvider, Mailer, SEND_MAX};
pub use transport::{Delivery, FolderTransport, KEY_RETENTION, Outgoing, Transport};
