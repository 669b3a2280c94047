//! The log of a ticket: appended to, never changed.

use sdk::clock::Timestamp;
use sdk::page::{Found, Page};
use sdk::sql::{self, Error, Row, Transaction, Value};

use super::{at, uuid};
use crate::domain::{Entry, Status};

/// Lines of one ticket that are read at once; no ticket of people has more.
const ENTRIES_MAX: i64 = 500;

/// What a line has.
pub(super) const ENTRY_COLUMNS: &str =
    "id, ticket_id, at, actor_id, actor_name, kind, from_status, to_status, note, is_internal, data";

/// Adds a line.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn append(tx: &Transaction, ticket_id: &str, entry: &Entry) -> Result<(), Error> {
    let statement =
        format!("insert into ticket_events ({ENTRY_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
    tx.execute(&statement, entry_params(ticket_id, entry)).await.map(drop)
}

/// In the order of the columns. The key is made here; keys grow with time, so that they order the log.
pub(super) fn entry_params(ticket_id: &str, entry: &Entry) -> Vec<Value> {
    let actor = entry.actor.as_ref();
    vec![
        sdk::id::new().into(),
        uuid(ticket_id),
        at(entry.at),
        actor.map_or(Value::Null, |who| uuid(&who.id)),
        actor.map_or("System", |who| &who.full_name).into(),
        entry.kind.code().into(),
        entry.from.map(Status::code).into(),
        entry.to.map(Status::code).into(),
        entry.note.clone().into(),
        entry.is_internal.into(),
        Value::Json("{}".to_owned()),
    ]
}

/// One line of the log as people read it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Its key (UUID).
    pub(crate) id: String,
    /// When, in microseconds since 1970.
    pub(crate) at: i64,
    /// By whom.
    pub(crate) actor: String,
    /// What happened, as [`crate::domain::EntryKind::code`] says it.
    pub(crate) kind: String,
    /// Where the ticket stood before.
    pub(crate) from: Option<Status>,
    /// Where it stood then.
    pub(crate) to: Option<Status>,
    /// A remark.
    pub(crate) note: Option<String>,
    /// Whether it stays among staff.
    pub(crate) is_internal: bool,
}

/// The log, the oldest line first; internal lines only for staff.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn entries(ticket_id: &str, with_internal: bool) -> Result<Vec<Line>, Error> {
    part(ticket_id, with_internal, ENTRIES_MAX, 0).await
}

/// One page of the log, likewise.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn entries_page(ticket_id: &str, with_internal: bool, page: Page) -> Result<Found<Line>, Error> {
    let statement = format!("select count(*) as total from ticket_events where {}", condition(with_internal));
    let total = sql::query(&statement, [uuid(ticket_id)]).await?.first().ok_or(Error::NoRow)?.get("total")?;
    Ok(Found { items: part(ticket_id, with_internal, page.limit(), page.offset()).await?, total })
}

fn condition(with_internal: bool) -> &'static str {
    if with_internal { "ticket_id = $1" } else { "ticket_id = $1 and not is_internal" }
}

async fn part(ticket_id: &str, with_internal: bool, limit: i64, offset: i64) -> Result<Vec<Line>, Error> {
    let statement = format!(
        "select id, at, actor_name, kind, from_status, to_status, note, is_internal from ticket_events \
         where {} order by id limit $2 offset $3",
        condition(with_internal)
    );
    sql::query(&statement, [uuid(ticket_id), limit.into(), offset.into()]).await?.iter().map(line).collect()
}

fn line(row: &Row) -> Result<Line, Error> {
    let status = |code: Option<String>| code.and_then(|code| Status::read(&code));
    Ok(Line {
        id: row.get("id")?,
        at: row.get::<Timestamp>("at")?.0,
        actor: row.get("actor_name")?,
        kind: row.get("kind")?,
        from: status(row.get("from_status")?),
        to: status(row.get("to_status")?),
        note: row.get("note")?,
        is_internal: row.get("is_internal")?,
    })
}
