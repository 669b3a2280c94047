//! A message and what its fields may hold. Which queues it goes to is the provider's business.

use bytes::Bytes;

use crate::Error;

/// Longest body in bytes: 256 KiB, so that a page of dead letters or a batch in flight fits in memory; larger things
/// belong in a blob, with its name in the message.
pub const BODY_BYTES_MAX: u64 = 256 << 10;
/// Longest delay, 30 days in milliseconds.
pub const DELAY_MS_MAX: u64 = 30 * 24 * 3600 * 1000;
/// The priority served first.
pub const PRIORITY_MAX: u8 = 9;
/// The priority of a message that says nothing.
pub const PRIORITY_ORDINARY: u8 = 4;

/// Topics that begin like this belong to the host.
const HOST_TOPIC_PREFIX: &str = "wharf.";
const ID_BYTES_MAX: usize = 128;
/// The host's own ids hold two names.
const HOST_ID_BYTES_MAX: usize = 255;
const TOPIC_BYTES_MAX: usize = 128;
const SUBJECT_BYTES_MAX: usize = 256;
const CONTENT_TYPE_BYTES_MAX: usize = 256;
/// Keys are compared, never shown; this is long enough for two UUIDs and a few words.
const KEY_BYTES_MAX: usize = 256;

/// More than any text of a message of this platform has, and no more than a server's index takes.
const TEXT_BYTES_MAX: usize = 512;

/// A message as it is stored and delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Unique for ever, 1 to 128 visible ASCII characters. Sending an id again within 24 hours of its handling is one
    /// message.
    pub id: String,
    /// Component id of the sender.
    pub source: String,
    /// Dotted lower-case words, at most 128 bytes.
    pub topic: String,
    /// What it is about, at most 256 bytes.
    pub subject: Option<String>,
    /// Media type of the body.
    pub content_type: String,
    /// At most [`BODY_BYTES_MAX`].
    pub body: Bytes,
    /// Messages of one queue and group are handled one after the other, in the order sent; inside a group the priority
    /// does not count.
    pub group_key: Option<String>,
    /// A second message of the same sender with the same key within 24 hours is accepted and dropped.
    pub dedupe_key: Option<String>,
    /// 0 (last) to 9 (first).
    pub priority: u8,
    /// Not delivered before this time, in microseconds since the epoch; 0 is at once.
    pub deliver_at_us: i64,
    /// When it was sent, in microseconds since the epoch.
    pub sent_at_us: i64,
    /// Number of the release whose component sent it; `None`: nobody said, as with the host's own schedules.
    pub release: Option<u64>,
}

impl Message {
    /// A message of ordinary priority, without keys, delay or release, with a new version 7 UUID for an id and
    /// `sent_at_us` at 0.
    pub fn new(source: &str, topic: &str, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            id: uuid::Uuid::now_v7().to_string(),
            source: source.to_owned(),
            topic: topic.to_owned(),
            subject: None,
            content_type: content_type.to_owned(),
            body: body.into(),
            group_key: None,
            dedupe_key: None,
            priority: PRIORITY_ORDINARY,
            deliver_at_us: 0,
            sent_at_us: 0,
            release: None,
        }
    }

    /// Checks every field by itself.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for the body, [`Error::Invalid`] for the first other field that is not as described.
    pub fn validate(&self) -> Result<(), Error> {
        if u64::try_from(self.body.len()).is_ok_and(|length| length > BODY_BYTES_MAX) {
            return Err(Error::TooLarge { limit: BODY_BYTES_MAX });
        }
        if self.id.is_empty() || self.id.len() > ID_BYTES_MAX || !self.id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid("id", "must be 1 to 128 visible ASCII characters"));
        }
        topic(&self.topic)?;
        bounded("subject", self.subject.as_deref(), SUBJECT_BYTES_MAX)?;
        bounded("group-key", self.group_key.as_deref(), KEY_BYTES_MAX)?;
        bounded("dedupe-key", self.dedupe_key.as_deref(), KEY_BYTES_MAX)?;
        let media = &self.content_type;
        if media.len() > CONTENT_TYPE_BYTES_MAX
            || !media.contains('/')
            || !media.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        {
            return Err(Error::invalid("content-type", "must be a media type of at most 256 bytes"));
        }
        if self.priority > PRIORITY_MAX {
            return Err(Error::invalid("priority", "must be 0 to 9"));
        }
        Ok(())
    }

    /// Whether it could be a message of this platform, its host's own included: what a broker brings may not be.
    pub(crate) fn is_plausible(&self) -> bool {
        let id = &self.id;
        (1..=HOST_ID_BYTES_MAX).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_graphic())
            && self.priority <= PRIORITY_MAX
            && u64::try_from(self.body.len()).is_ok_and(|length| length <= BODY_BYTES_MAX)
            && self.texts().all(|text| text.len() <= TEXT_BYTES_MAX)
    }

    /// All of its texts but the id.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let optional = [&self.subject, &self.group_key, &self.dedupe_key].into_iter().flatten();
        [&self.source, &self.topic, &self.content_type].into_iter().chain(optional).map(String::as_str)
    }
}

fn bounded(field: &'static str, value: Option<&str>, limit: usize) -> Result<(), Error> {
    match value {
        Some("") => Err(Error::invalid(field, "must not be empty")),
        Some(value) if value.len() > limit => Err(Error::invalid(field, format!("must be at most {limit} bytes"))),
        _ => Ok(()),
    }
}

fn topic(topic: &str) -> Result<(), Error> {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_')
    };
    if topic.len() > TOPIC_BYTES_MAX || !topic.split('.').all(word) {
        return Err(Error::invalid("topic", "must be dotted lower-case words of at most 128 bytes together"));
    }
    if topic.starts_with(HOST_TOPIC_PREFIX) {
        return Err(Error::invalid("topic", "must not begin with `wharf.`: those are the host's own"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Message)) -> String {
        let mut message = Message::new("tickets", "ticket.approved", "application/json", "{}");
        message.validate().expect("the message itself is valid");
        change(&mut message);
        message.validate().expect_err("the change makes it invalid").to_string()
    }

    #[test]
    fn each_field_out_of_bounds_is_refused_by_name() {
        assert!(refused(|m| m.id = "a b".into()).starts_with("id "));
        assert!(refused(|m| m.id = "x".repeat(129)).starts_with("id "));
        assert!(refused(|m| m.topic = "Ticket.approved".into()).starts_with("topic "));
        assert!(refused(|m| m.topic = "ticket..approved".into()).starts_with("topic "));
        assert!(refused(|m| m.topic = "wharf.cron".into()).starts_with("topic "));
        assert!(refused(|m| m.subject = Some("s".repeat(257))).starts_with("subject "));
        assert!(refused(|m| m.content_type = "json".into()).starts_with("content-type "));
        assert!(refused(|m| m.content_type = "text/plain\r\nx: y".into()).starts_with("content-type "));
        assert!(refused(|m| m.group_key = Some(String::new())).starts_with("group-key "));
        assert!(refused(|m| m.dedupe_key = Some("k".repeat(257))).starts_with("dedupe-key "));
        assert!(refused(|m| m.priority = 10).starts_with("priority "));
        assert_eq!(refused(|m| m.body = vec![0; 262_145].into()), "a message body is at most 262144 bytes");
    }
}
