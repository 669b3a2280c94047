//! The record of edits and deletions: appended to, never changed.

use sdk::sql::{Error, Transaction};
use serde_json::json;

use super::at;
use crate::domain::{Actor, Comment};

/// What was done to a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Edited,
    Deleted,
}

impl Deed {
    fn code(self) -> &'static str {
        match self {
            Self::Edited => "comment.edited",
            Self::Deleted => "comment.deleted",
        }
    }
}

/// Notes who did it, and what stood there before.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn note(tx: &Transaction, actor: &Actor, deed: Deed, before: &Comment, now: i64) -> Result<(), Error> {
    tx.execute(
        "insert into audit_log (id, at, actor_id, actor_name, action, target_type, target_id, changes) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            sdk::id::new().into(),
            at(now),
            actor.id.into(),
            (&actor.name).into(),
            deed.code().into(),
            "Comment".into(),
            before.id.to_string().into(),
            json!({ "ticket": before.number, "before": before.body }).into(),
        ],
    )
    .await?;
    Ok(())
}
