//! Sending messages outside a transaction (`wharf:queue`). Where a message belongs to a change of data, use
//! [`crate::sql::Transaction::send`].

use crate::bindings::wharf::queue::queue;
use crate::message::Outgoing;

pub use queue::Error;

/// Sends a message; returns its id once it is durable in every queue bound to its topic.
///
/// # Errors
/// [`Error::Unavailable`] and [`Error::Timeout`]: the message may or may not have been kept, send it again with the
/// same id. [`Error::Denied`] and [`Error::NotFound`] are mistakes of the manifest.
pub async fn send(message: &Outgoing) -> Result<String, Error> {
    let message = message.clone();
    queue::send(queue::Message {
        id: message.id,
        topic: message.topic,
        subject: message.subject,
        content_type: message.content_type,
        body: message.body,
        group_key: message.group_key,
        dedupe_key: message.dedupe_key,
        priority: message.priority,
        delay_ms: message.delay_ms,
    })
    .await
}
