//! What stands in an inbox. The wording is below: one function for each message that people are told of.

use serde_json::Value;

pub(super) mod comment;
pub(super) mod sla;
mod span;
pub(super) mod task;
pub(super) mod ticket;

/// What the inbox has room for, in characters.
const SUBJECT_MAX: usize = 200;
/// Longer than any reason that services accept; keeps an entry readable and a mail small.
const BODY_MAX: usize = 4_000;

/// Something to be told to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// The code of its notification type.
    pub(crate) kind: &'static str,
    /// One line of at most 200 characters.
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) ticket_number: String,
    /// What a page may need beside the text.
    pub(crate) data: Value,
}

impl Note {
    /// A note about a ticket. Line breaks in the subject and what no screen shows become blanks.
    pub(super) fn new(kind: &'static str, ticket_number: &str, subject: &str, body: &str, data: Value) -> Self {
        let subject = subject.chars().map(|it| if it.is_control() { ' ' } else { it });
        let body = body.chars().map(|it| if it.is_control() && it != '\n' { ' ' } else { it });
        Self {
            kind,
            subject: subject.take(SUBJECT_MAX).collect(),
            body: body.take(BODY_MAX).collect(),
            ticket_number: ticket_number.to_owned(),
            data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_fits_its_column_and_has_no_line_break_of_a_person() {
        let note = Note::new("system", "TX1", &"x\r\n".repeat(200), &"a\0\nb".repeat(2_000), Value::Null);
        assert_eq!(note.subject.chars().count(), SUBJECT_MAX);
        assert!(!note.subject.contains(char::is_control));
        assert_eq!(note.body.chars().count(), BODY_MAX);
        assert!(note.body.starts_with("a \nb"), "a body keeps its lines and nothing else");
    }
}
