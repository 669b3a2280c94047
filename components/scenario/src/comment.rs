//! What people say about a ticket.

use uuid::Uuid;

use crate::person::PEOPLE;
use crate::ticket::Who;

/// A remark, or an answer to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The key in the database.
    pub key: Uuid,
    /// Who said it.
    pub author: Who,
    /// The words.
    pub text: &'static str,
    /// Whether it stays among staff.
    pub is_internal: bool,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// The remark it answers.
    pub parent: Option<Uuid>,
    /// Who gave it a thumb up.
    pub liked_by: &'static [Who],
    /// Name of the file beside it; its content is [`crate::picture()`].
    pub file: Option<&'static str>,
}

impl Comment {
    /// Whom it mentions, as `@first.last`.
    pub fn mentions(&self) -> Vec<Who> {
        let named = |person: &&Who| self.text.contains(&format!("@{}", person.username()));
        PEOPLE.iter().filter(named).copied().collect()
    }
}
