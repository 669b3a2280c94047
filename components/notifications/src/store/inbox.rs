//! Entries of an inbox. Every statement but the purge names the person, so that nobody reaches another's.

use sdk::clock::Timestamp;
use sdk::page::{Found, Page};
use sdk::sql::{self, Condition, Error, Row};
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

/// A page of somebody's inbox, the newest first.
pub(crate) async fn page(user: Uuid, wanted: &Wanted, page: Page) -> Result<Found<Notification>, Error> {
    let condition = condition(user, wanted);
    let from = format!("from notifications{}", condition.clause());
    let rows = sql::query(&format!("select count(*) as total {from}"), condition.params()).await?;
    let total = rows.first().ok_or(Error::NoRow)?.get("total")?;
    let (limits, params) = condition.page(page);
    let statement = format!("select {COLUMNS} {from} order by created_at desc, id desc{limits}");
    let rows = sql::query(&statement, params).await?;
    Ok(Found { items: rows.iter().map(read).collect::<Result<_, _>>()?, total })
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

fn condition(user: Uuid, wanted: &Wanted) -> Condition {
    let mut condition = Condition::default();
    condition.equal("user_id", Some(user));
    condition.equal("type_code", wanted.kind.as_ref());
    condition.equal("ticket_number", wanted.ticket.as_ref());
    match wanted.read {
        Some(true) => condition.term("read_at is not null"),
        Some(false) => condition.term("read_at is null"),
        None => {}
    }
    condition
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
    use sdk::sql::Value;

    use super::*;

    #[test]
    fn the_person_is_part_of_every_condition() {
        let condition = condition(Uuid::nil(), &Wanted::default());
        assert_eq!((condition.clause().as_str(), condition.params().len()), (" where user_id = $1", 1));
    }

    #[test]
    fn parts_are_bound_in_their_order() {
        let wanted = Wanted { read: Some(false), kind: None, ticket: Some("TX1".to_owned()) };
        let condition = condition(Uuid::nil(), &wanted);
        assert_eq!(condition.clause(), " where user_id = $1 and ticket_number = $2 and read_at is null");
        assert!(matches!(&condition.params()[1], Value::Text(text) if text == "TX1"));
    }
}
