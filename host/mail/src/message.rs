//! What a component asks to be sent, and the rules it must keep.

use crate::{Address, Error};

/// Longest subject in characters, the limit of the interface.
pub const SUBJECT_MAX_CHARS: usize = 255;

/// Largest text and HTML together in bytes: 256 KiB. Mail services clip or bounce notifications far below that, and a
/// message of this size is composed in memory without a thought.
pub const BODY_MAX_BYTES: usize = 256 * 1024;

/// Longest idempotency key in bytes, the limit of the interface.
pub const KEY_MAX_BYTES: usize = 128;

/// One message as a component hands it over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// One address.
    pub to: String,
    /// At most [`SUBJECT_MAX_CHARS`] characters, no control characters.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same in HTML.
    pub html: Option<String>,
    /// 1 to [`KEY_MAX_BYTES`] bytes: a second message of the same component with the same key is not sent again.
    pub idempotency_key: Option<String>,
}

impl Message {
    /// Checks every rule and returns the recipient.
    pub(crate) fn check(&self) -> Result<Address, Error> {
        let to = Address::parse("to", &self.to)?;
        let invalid = |field, reason| Err(Error::Invalid { field, reason });
        if self.subject.chars().any(char::is_control) {
            return invalid("subject", "has a line break or another control character");
        }
        if self.subject.chars().count() > SUBJECT_MAX_CHARS {
            return invalid("subject", "is longer than 255 characters");
        }
        if let Some(key) = &self.idempotency_key {
            if key.is_empty() {
                return invalid("idempotency-key", "is empty");
            }
            if key.len() > KEY_MAX_BYTES {
                return invalid("idempotency-key", "is longer than 128 bytes");
            }
        }
        let html = self.html.as_ref().map_or(0, String::len);
        if self.text.len().saturating_add(html) > BODY_MAX_BYTES {
            return Err(Error::TooLarge { limit: u64::try_from(BODY_MAX_BYTES).unwrap_or(u64::MAX) });
        }
        Ok(to)
    }
}

#[cfg(test)]
mod tests {
    use super::{BODY_MAX_BYTES, Message};

    fn message() -> Message {
        Message { to: "ada@example.org".into(), subject: "Hello".into(), ..Message::default() }
    }

    fn refusal(message: &Message) -> String {
        message.check().unwrap_err().to_string()
    }

    #[test]
    fn limits_are_inclusive() {
        let message = Message {
            subject: "ü".repeat(255),
            text: "x".repeat(BODY_MAX_BYTES - 1),
            html: Some("y".into()),
            idempotency_key: Some("k".repeat(128)),
            ..message()
        };
        message.check().unwrap();
    }

    #[test]
    fn the_refusal_names_the_field() {
        assert_eq!(
            refusal(&Message { subject: "Hi\r\nBcc: eve@example.org".into(), ..message() }),
            "subject: has a line break or another control character"
        );
        assert_eq!(
            refusal(&Message { subject: "x".repeat(256), ..message() }),
            "subject: is longer than 255 characters"
        );
        assert_eq!(
            refusal(&Message { idempotency_key: Some(String::new()), ..message() }),
            "idempotency-key: is empty"
        );
        assert_eq!(
            refusal(&Message { idempotency_key: Some("k".repeat(129)), ..message() }),
            "idempotency-key: is longer than 128 bytes"
        );
        assert_eq!(refusal(&Message { to: "nobody".into(), ..message() }), "to: is no address: it has no `@`");
        assert_eq!(
            refusal(&Message { text: "x".repeat(BODY_MAX_BYTES), html: Some("y".into()), ..message() }),
            "text and html are larger than 262144 bytes together"
        );
    }
}
