//! What the `comments` service tells of remarks on tickets.

use serde::{Deserialize, Serialize};

use crate::Person;

/// Topic of [`CommentCreatedV1`]; the subject, and the group key, is the ticket's number.
pub const COMMENT_CREATED: &str = "comment.created";

/// Somebody commented on a ticket, or answered a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentCreatedV1 {
    /// 1.
    pub version: u32,
    /// The comment's key.
    pub comment_id: String,
    /// The ticket's number.
    pub number: String,
    /// Who wrote it; never among those to be told.
    pub author: Person,
    /// Its first 80 characters.
    pub excerpt: String,
    /// Whether only staff may see it.
    pub is_internal: bool,
    /// Whether it answers another comment.
    pub is_reply: bool,
    /// Who takes part in the ticket and may see the comment, without the author and those mentioned.
    #[serde(default)]
    pub recipients: Vec<Person>,
    /// Whom it mentions and who may see it, without the author.
    #[serde(default)]
    pub mentioned: Vec<Person>,
    /// When.
    pub created_at: i64,
}

impl CommentCreatedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}
