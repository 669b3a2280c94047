//! How a comment looks from outside.

use std::collections::HashMap;

use sdk::Problem;
use sdk::clock::Timestamp;
use sdk::sql::Transaction;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::{Actor, Comment};
use crate::store::{self, Details, File, Thread};

/// A comment with all its answers, read for this reader.
pub(super) async fn whole(tx: &Transaction, comment: &Comment, reader: &Actor) -> Result<Value, Problem> {
    let thread = store::replies(tx, comment.id).await?;
    let keys: Vec<_> = std::iter::once(comment).chain(&thread.replies).map(|comment| comment.id).collect();
    let details = store::details(tx, &keys, reader.id).await?;
    Ok(self::comment(comment, &thread, &details))
}

/// A comment with what hangs on it and its answers. A deleted one keeps its place and its author; what it said and
/// showed is withheld.
pub(super) fn comment(comment: &Comment, thread: &Thread, details: &HashMap<Uuid, Details>) -> Value {
    let none = Details::default();
    let own = details.get(&comment.id).unwrap_or(&none);
    let is_there = comment.deleted_at.is_none();
    let time = |at: Option<i64>| at.map(|at| Timestamp(at).rfc3339());
    let mentions = own.mentions.iter().filter(|_| is_there).map(|(id, name)| json!({ "id": id, "name": name }));
    json!({
        "id": comment.id,
        "ticket_number": comment.number,
        "author": { "id": comment.author.id, "name": comment.author.name, "role": comment.author.role.label() },
        "body": if is_there { comment.body.as_str() } else { "" },
        "visibility": comment.visibility.code(),
        "created_at": Timestamp(comment.created_at).rfc3339(),
        "edited_at": time(comment.edited_at),
        "deleted_at": time(comment.deleted_at),
        "parent_id": comment.parent,
        "rating": { "up": own.up, "down": own.down, "mine": own.mine },
        "files": own.files.iter().filter(|_| is_there).map(file).collect::<Vec<_>>(),
        "mentions": mentions.collect::<Vec<_>>(),
        "replies": thread.replies.iter().map(|reply| self::comment(reply, &Thread::default(), details)).collect::<Vec<_>>(),
        "reply_count": thread.total,
    })
}

fn file(file: &File) -> Value {
    json!({
        "id": file.id,
        "file_name": file.name,
        "file_type": file.media_type,
        "file_size": file.size,
        "url": format!("/api/v1/comments/documents/{}", file.id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Author, RoleLabel, Visibility};

    fn sample(id: u128, deleted_at: Option<i64>) -> Comment {
        Comment {
            id: Uuid::from_u128(id),
            number: "TX20261122000007".to_owned(),
            author: Author { id: Uuid::nil(), name: "Ada Stone".to_owned(), role: RoleLabel::Admin },
            body: "secret".to_owned(),
            visibility: Visibility::Public,
            parent: None,
            created_at: 0,
            edited_at: None,
            deleted_at,
        }
    }

    fn hanging() -> HashMap<Uuid, Details> {
        let file = File {
            id: Uuid::nil(),
            comment_id: Uuid::from_u128(1),
            storage_key: "files/x".to_owned(),
            name: "secret.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size: 3,
            sha256: "0".repeat(64),
        };
        let mentions = vec![(Uuid::nil(), "secret".to_owned())];
        let details = Details { up: 2, down: 1, mine: Some(false), files: vec![file], mentions };
        HashMap::from([(Uuid::from_u128(1), details)])
    }

    #[test]
    fn a_comment_shows_what_hangs_on_it_but_not_where_its_bytes_lie() {
        let thread = Thread { replies: vec![sample(2, None)], total: 9 };
        let shown = comment(&sample(1, None), &thread, &hanging());
        assert_eq!(shown["rating"], json!({ "up": 2, "down": 1, "mine": false }));
        assert_eq!(shown["files"][0]["url"], "/api/v1/comments/documents/00000000-0000-0000-0000-000000000000");
        assert_eq!((&shown["reply_count"], &shown["replies"][0]["body"]), (&json!(9), &json!("secret")));
        assert_eq!(shown["created_at"], "1970-01-01T00:00:00.000Z");
        assert!(!shown.to_string().contains("files/x"));
    }

    #[test]
    fn a_deleted_comment_keeps_its_place_and_nothing_it_said() {
        let shown = comment(&sample(1, Some(5)), &Thread::default(), &hanging());
        assert!(!shown.to_string().contains("secret"), "{shown}");
        assert_eq!((&shown["body"], &shown["author"]["name"]), (&json!(""), &json!("Ada Stone")));
        assert!(shown["deleted_at"].is_string());
    }
}
