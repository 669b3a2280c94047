//! The log of a ticket: appended to, never changed.

use sdk::clock::Timestamp;
use sdk::sql::{self, Error, Transaction, Value};

use super::{at, uuid};
use crate::domain::{Entry, Status};

/// Lines of one ticket that are read at once; no ticket of people has more.
const ENTRIES_MAX: i64 = 500;

/// Adds a line. Its key is made here; keys grow with time, so that they order the log.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn append(tx: &Transaction, ticket_id: &str, entry: &Entry) -> Result<(), Error> {
    let actor = entry.actor.as_ref();
    let params = vec![
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
    ];
    tx.execute(
        "insert into ticket_events (id, ticket_id, at, actor_id, actor_name, kind, from_status, to_status, note, \
         is_internal, data) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params,
    )
    .await?;
    Ok(())
}

/// The log as people read it, the oldest line first; internal lines only for staff.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn entries(ticket_id: &str, with_internal: bool) -> Result<Vec<serde_json::Value>, Error> {
    let hidden = if with_internal { "" } else { " and not is_internal" };
    let rows = sql::query(
        &format!(
            "select at, actor_name, kind, from_status, to_status, note from ticket_events \
             where ticket_id = $1{hidden} order by id limit {ENTRIES_MAX}"
        ),
        [uuid(ticket_id)],
    )
    .await?;
    let label = |code: Option<String>| code.and_then(|code| Status::read(&code)).map(Status::label);
    rows.iter()
        .map(|row| {
            Ok(serde_json::json!({
                "at": row.get::<Timestamp>("at")?.rfc3339(),
                "actor": row.get::<String>("actor_name")?,
                "kind": row.get::<String>("kind")?,
                "from": label(row.get("from_status")?),
                "to": label(row.get("to_status")?),
                "note": row.get::<Option<String>>("note")?,
            }))
        })
        .collect()
}
