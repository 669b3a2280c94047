//! Messages that are part of a transaction: what a component may send, and the relay's view of what waits.

use std::fmt;
use std::sync::Arc;

use manifest::TopicPattern;
use uuid::{NoContext, Timestamp, Uuid};

use crate::backend::Backend;
use crate::provider::{Bound, Clock};
use crate::{Error, Outgoing};

/// Largest body: the queue's own limit, so that nothing enters the outbox that could never leave it.
const BODY_BYTES_MAX: usize = 256 << 10;
const TOPIC_BYTES_MAX: usize = 128;
/// Subject, content type, id and keys.
const FIELD_BYTES_MAX: usize = 256;
const PRIORITY_MAX: u8 = 9;
const DELAY_MS_MAX: u64 = 30 * 24 * 3600 * 1000;

/// One message that waits for the relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// Unique for ever; a UUID of version 7 unless the sender chose it.
    pub id: String,
    /// The component that sent it.
    pub component: String,
    /// Number of the release whose component sent it, where the request belonged to one.
    pub release: Option<u64>,
    /// Dotted lower-case words.
    pub topic: String,
    /// What the message is about.
    pub subject: Option<String>,
    /// Media type of the body.
    pub content_type: String,
    /// At most 256 KiB.
    pub body: Vec<u8>,
    /// Handled one after the other with its like.
    pub group_key: Option<String>,
    /// Accepted once within a day.
    pub dedupe_key: Option<String>,
    /// 0 to 9.
    pub priority: u8,
    /// Milliseconds, counted from `created_us`.
    pub delay_ms: u64,
    /// When it was sent, in microseconds since the epoch by the provider's clock.
    pub created_us: i64,
}

/// The relay's view of one database: what was committed and not yet handed to the queue.
///
/// Take [`Outbox::pending`] until it is empty, then [`Outbox::wait`]; a message stays until [`Outbox::delete`], so a
/// relay that dies between the two hands it over twice, with the same id.
#[derive(Clone)]
pub struct Outbox(pub(crate) Arc<dyn Backend>);

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}

impl Outbox {
    /// The oldest messages, at most `limit` (and at most 4 MiB of bodies, but at least one), in the order their
    /// transactions committed.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Timeout`] after 10 s.
    pub async fn pending(&self, limit: u32) -> Result<Vec<OutboxRow>, Error> {
        self.0.outbox_pending(limit).await
    }

    /// Forgets messages that the queue has made durable.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Timeout`] after 10 s.
    pub async fn delete(&self, ids: Vec<String>) -> Result<(), Error> {
        self.0.outbox_delete(ids).await
    }

    /// Resolves when a transaction with messages committed since this last resolved. For one waiter; may be dropped.
    pub async fn wait(&self) {
        self.0.outbox_wait().await;
    }
}

/// What one component may send.
pub(crate) struct Sender {
    pub(crate) component: Arc<str>,
    pub(crate) topics: Vec<TopicPattern>,
    pub(crate) bound: Bound,
    pub(crate) clock: Clock,
}

impl Sender {
    /// Checks a message of a request that belongs to `release`, and gives it an id and a time.
    pub(crate) fn accept(&self, message: Outgoing, release: Option<u64>) -> Result<OutboxRow, Error> {
        if !self.topics.iter().any(|pattern| pattern.matches(&message.topic)) {
            tracing::warn!(component = &*self.component, topic = message.topic, "topic denied");
            return Err(Error::Denied);
        }
        check(&message)?;
        if !(self.bound)(&message.topic) {
            return Err(Error::invalid(format!("no queue is bound to topic `{}`", message.topic)));
        }
        let created_us = (self.clock)();
        Ok(OutboxRow {
            id: message.id.unwrap_or_else(|| message_id(created_us)),
            component: self.component.to_string(),
            release,
            topic: message.topic,
            subject: message.subject,
            content_type: message.content_type,
            body: message.body,
            group_key: message.group_key,
            dedupe_key: message.dedupe_key,
            priority: message.priority,
            delay_ms: message.delay_ms,
            created_us,
        })
    }
}

fn message_id(now_us: i64) -> String {
    let now_us = u64::try_from(now_us).unwrap_or(0);
    let nanos = u32::try_from(now_us % 1_000_000).unwrap_or(0) * 1000;
    Uuid::new_v7(Timestamp::from_unix(NoContext, now_us / 1_000_000, nanos)).to_string()
}

fn check(message: &Outgoing) -> Result<(), Error> {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
    };
    if message.topic.len() > TOPIC_BYTES_MAX || !message.topic.split('.').all(word) {
        return Err(Error::invalid("the topic must be dotted lower-case words, at most 128 bytes"));
    }
    if message.body.len() > BODY_BYTES_MAX {
        return Err(Error::TooLarge { limit: u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX) });
    }
    let fields = [
        ("id", message.id.as_deref(), 1),
        ("subject", message.subject.as_deref(), 0),
        ("content-type", Some(message.content_type.as_str()), 1),
        ("group-key", message.group_key.as_deref(), 0),
        ("dedupe-key", message.dedupe_key.as_deref(), 0),
    ];
    for (name, value, bytes_min) in fields {
        let Some(value) = value else { continue };
        if value.len() < bytes_min || value.len() > FIELD_BYTES_MAX || value.chars().any(char::is_control) {
            return Err(Error::invalid(format!(
                "{name} must be {bytes_min} to {FIELD_BYTES_MAX} bytes without control characters"
            )));
        }
    }
    if message.priority > PRIORITY_MAX {
        return Err(Error::invalid("priority must be 0 to 9"));
    }
    if message.delay_ms > DELAY_MS_MAX {
        return Err(Error::invalid("delay-ms must be at most 30 days"));
    }
    Ok(())
}
