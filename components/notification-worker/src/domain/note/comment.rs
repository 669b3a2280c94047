//! Wording about comments.

use events::CommentCreatedV1;
use serde_json::json;

use super::Note;

/// Characters of a comment in an entry or a mail; who wants more opens the ticket.
const EXCERPT_MAX: usize = 80;

/// To those who take part in the ticket.
pub(crate) fn added(event: &CommentCreatedV1) -> Note {
    let did = if event.is_reply { "replied" } else { "commented" };
    about(event, "comment_added", &format!("{} {did} on ticket {}", event.author.name, event.number))
}

/// To those whom it names.
pub(crate) fn mentioned(event: &CommentCreatedV1) -> Note {
    about(event, "mention", &format!("{} mentioned you on ticket {}", event.author.name, event.number))
}

fn about(event: &CommentCreatedV1, kind: &'static str, subject: &str) -> Note {
    let excerpt: String = event.excerpt.chars().take(EXCERPT_MAX).collect();
    let body = format!("{}: {excerpt}", event.author.name);
    let data = json!({ "comment_id": event.comment_id, "is_internal": event.is_internal });
    Note::new(kind, &event.number, subject, &body, data)
}
