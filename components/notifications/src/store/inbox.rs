//! Entries of an inbox. Every statement but the purge names the person, so that nobody reaches another's.

use sdk::clock::Timestamp;
use sdk::sql::{self, Error, Row, Value};
use sdk::uuid::Uuid;

use crate::domain::Wanted;

/// Columns of an entry, as [`read`] takes them.
const COLUMNS: &str = "id, type_code, subject, body, ticket_number, data, created_at, read_at";

/// One entry of an inbox.
#[derive(Debug, Clone)]
pub(crate) struct Notification {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) ticket_number: Option<String>,
    pub(crate) data: serde_json::Value,
    pub(crate) created_at: Timestamp,
    pub(crate) read_at: Option<Timestamp>,
}

/// A page of somebody's inbox, the newest first, and how many entries match on all pages.
pub(crate) async fn page(user: Uuid, wanted: &Wanted) -> Result<(Vec<Notification>, i64), Error> {
    let (condition, mut params) = condition(user, wanted);
    let counted = format!("select count(*) as total from notifications where {condition}");
    let total = sql::query(&counted, params.clone()).await?.first().ok_or(Error::NoRow)?.get("total")?;
    let (limit_at, offset_at) = (params.len() + 1, params.len() + 2);
    params.push(wanted.per_page.into());
    params.push(((wanted.page - 1) * wanted.per_page).into());
    let statement = format!(
        "select {COLUMNS} from notifications where {condition} order by created_at desc, id desc \
         limit ${limit_at} offset ${offset_at}"
    );
    let rows = sql::query(&statement, params).await?;
    Ok((rows.iter().map(read).collect::<Result<_, _>>()?, total))
}

/// One entry; nothing if this person has no such entry.
pub(crate) async fn entry(user: Uuid, id: Uuid) -> Result<Option<Notification>, Error> {
    let statement = format!("select {COLUMNS} from notifications where id = $1 and user_id = $2");
    let rows = sql::query(&statement, [id.into(), user.into()]).await?;
    rows.first().map(read).transpose()
}

/// How many entries somebody has not read.
pub(crate) async fn unread(user: Uuid) -> Result<i64, Error> {
    let statement = "select count(*) as total from notifications where user_id = $1 and read_at is null";
    sql::query(statement, [user.into()]).await?.first().ok_or(Error::NoRow)?.get("total")
}

/// Marks an entry read, and says since when it is; nothing if this person has no such entry. A second call keeps the
/// first time.
pub(crate) async fn mark(user: Uuid, id: Uuid, now: Timestamp) -> Result<Option<Timestamp>, Error> {
    let statement = "update notifications set read_at = $1 where id = $2 and user_id = $3 and read_at is null";
    sql::execute(statement, [now.into(), id.into(), user.into()]).await?;
    let statement = "select read_at from notifications where id = $1 and user_id = $2";
    let rows = sql::query(statement, [id.into(), user.into()]).await?;
    rows.first().map(|row| row.get("read_at")).transpose()
}

/// Marks all of somebody's entries read, and says how many were not.
pub(crate) async fn mark_all(user: Uuid, now: Timestamp) -> Result<u64, Error> {
    let statement = "update notifications set read_at = $1 where user_id = $2 and read_at is null";
    sql::execute(statement, [now.into(), user.into()]).await
}

/// Removes entries that were read before this moment, at most `limit`, and says how many.
pub(crate) async fn purge(read_before: Timestamp, limit: i64) -> Result<u64, Error> {
    let statement = "delete from notifications where id in \
                     (select id from notifications where read_at < $1 order by read_at limit $2)";
    sql::execute(statement, [read_before.into(), limit.into()]).await
}

fn condition(user: Uuid, wanted: &Wanted) -> (String, Vec<Value>) {
    let mut terms = vec!["user_id = $1".to_owned()];
    let mut params = vec![Value::from(user)];
    let parts = [("type_code", &wanted.kind), ("ticket_number", &wanted.ticket)];
    for (column, word) in parts.into_iter().filter_map(|(column, word)| word.as_ref().map(|word| (column, word))) {
        params.push(word.into());
        terms.push(format!("{column} = ${}", params.len()));
    }
    match wanted.read {
        Some(true) => terms.push("read_at is not null".to_owned()),
        Some(false) => terms.push("read_at is null".to_owned()),
        None => {}
    }
    (terms.join(" and "), params)
}

fn read(row: &Row) -> Result<Notification, Error> {
    Ok(Notification {
        id: row.get("id")?,
        kind: row.get("type_code")?,
        subject: row.get("subject")?,
        body: row.get("body")?,
        ticket_number: row.get("ticket_number")?,
        data: row.get("data")?,
        created_at: row.get("created_at")?,
        read_at: row.get("read_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_is_part_of_every_condition() {
        let (condition, params) = condition(Uuid::nil(), &Wanted::default());
        assert_eq!((condition.as_str(), params.len()), ("user_id = $1", 1));
    }

    #[test]
    fn parts_are_bound_in_their_order() {
        let wanted = Wanted { read: Some(false), kind: None, ticket: Some("TX1".to_owned()), page: 1, per_page: 20 };
        let (condition, params) = condition(Uuid::nil(), &wanted);
        assert_eq!(condition, "user_id = $1 and ticket_number = $2 and read_at is null");
        assert!(matches!(&params[1], Value::Text(text) if text == "TX1"));
    }
}
