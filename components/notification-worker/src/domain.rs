//! What people are told, and by which way. Pure: no host calls.

mod mail;
mod note;

pub(crate) use mail::{MailRoute, Recipient, mailbox, route};
pub(crate) use note::{Letter, Note, approved, submitted};
