//! What hangs on comments: thumbs, files, mentions. Read for many comments at once.

use std::collections::HashMap;

use sdk::sql::{Error, Row, Transaction, Value};
use uuid::Uuid;

use super::files::{File, files_of};
use super::places;

/// What hangs on one comment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Details {
    pub(crate) up: i64,
    pub(crate) down: i64,
    /// What the reader gave it.
    pub(crate) mine: Option<bool>,
    pub(crate) files: Vec<File>,
    /// Keys and names of those it mentions.
    pub(crate) mentions: Vec<(Uuid, String)>,
}

/// What hangs on these comments, as this reader finds it.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn details(
    tx: &Transaction,
    comments: &[Uuid],
    reader: Uuid,
) -> Result<HashMap<Uuid, Details>, Error> {
    let mut found: HashMap<Uuid, Details> = HashMap::new();
    if comments.is_empty() {
        return Ok(found);
    }
    let mut params = vec![Value::from(reader)];
    params.extend(comments.iter().map(|id| Value::from(*id)));
    for row in tx.query(&tallies(comments.len()), params).await? {
        let details = found.entry(row.get("comment_id")?).or_default();
        (details.up, details.down, details.mine) = (row.get("up")?, row.get("down")?, mine(&row)?);
    }
    let keys: Vec<_> = comments.iter().map(|id| Value::from(*id)).collect();
    let statement = format!(
        "select m.comment_id, m.user_id, u.full_name from comment_mentions m join users_ref u \
         on u.user_id = m.user_id where m.comment_id in ({}) order by u.full_name, m.user_id",
        places(1, comments.len())
    );
    for row in tx.query(&statement, keys).await? {
        let details = found.entry(row.get("comment_id")?).or_default();
        details.mentions.push((row.get("user_id")?, row.get("full_name")?));
    }
    for file in files_of(tx, comments).await? {
        found.entry(file.comment_id).or_default().files.push(file);
    }
    Ok(found)
}

fn tallies(count: usize) -> String {
    format!(
        "select comment_id, count(case when value = 1 then 1 end) as up, count(case when value = -1 then 1 end) as down, \
         max(case when user_id = $1 then value end) as mine from comment_reactions where comment_id in ({}) \
         group by comment_id",
        places(2, count)
    )
}

fn mine(row: &Row) -> Result<Option<bool>, Error> {
    Ok(row.get::<Option<i64>>("mine")?.map(|value| value > 0))
}

/// Sets or takes away somebody's thumb.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn rate(tx: &Transaction, comment: Uuid, user: Uuid, up: Option<bool>) -> Result<(), Error> {
    let Some(up) = up else {
        let statement = "delete from comment_reactions where comment_id = $1 and user_id = $2";
        tx.execute(statement, [comment.into(), user.into()]).await?;
        return Ok(());
    };
    let statement = "insert into comment_reactions (comment_id, user_id, value) values ($1, $2, $3) \
                     on conflict (comment_id, user_id) do update set value = excluded.value";
    let value = if up { 1_i64 } else { -1 };
    tx.execute(statement, [comment.into(), user.into(), value.into()]).await?;
    Ok(())
}

/// Notes whom a comment mentions, instead of whom it mentioned before.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn remember_mentions(tx: &Transaction, comment: Uuid, users: &[Uuid]) -> Result<(), Error> {
    tx.execute("delete from comment_mentions where comment_id = $1", [comment.into()]).await?;
    for user in users {
        let statement = "insert into comment_mentions (comment_id, user_id) values ($1, $2)";
        tx.execute(statement, [comment.into(), (*user).into()]).await?;
    }
    Ok(())
}
