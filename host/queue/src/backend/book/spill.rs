//! Messages that were accepted while their broker could not take them, in the order accepted.

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::lease::{COLUMNS, COLUMNS_LEN, message};
use super::publish::room;
use crate::Error;
use crate::backend::Parcel;

/// A message that waits for the broker.
#[derive(Clone, Debug)]
pub(crate) struct Spilled {
    pub(crate) seq: i64,
    pub(crate) parcel: Parcel,
}

pub(super) fn add(conn: &Connection, parcels: &[Parcel]) -> Result<(), Error> {
    room(conn)?;
    parcels.iter().try_for_each(|parcel| add_one(conn, parcel)).map_err(Error::store("spilling messages"))
}

fn add_one(conn: &Connection, Parcel { queue, message }: &Parcel) -> rusqlite::Result<()> {
    let release = message.release.and_then(|number| i64::try_from(number).ok());
    conn.prepare_cached(&format!(
        "INSERT INTO spill (queue, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    ))?
    .execute(params![
        queue,
        message.id,
        message.source,
        message.topic,
        message.subject,
        message.content_type,
        &message.body[..],
        message.group_key,
        message.dedupe_key,
        message.priority,
        message.deliver_at_us,
        message.sent_at_us,
        release,
    ])?;
    Ok(())
}

/// The first messages to be sent: at most `limit`, and no more than make `bytes` together, but one at least. Those of
/// the queues in `without` are passed over.
pub(super) fn first(
    conn: &Connection,
    (limit, bytes): (u32, usize),
    without: &[String],
) -> rusqlite::Result<Vec<Spilled>> {
    let marks = vec!["?"; without.len()].join(", ");
    let mut select = conn.prepare_cached(&format!(
        "SELECT {COLUMNS}, seq, queue FROM spill WHERE queue NOT IN ({marks}) ORDER BY seq LIMIT ?"
    ))?;
    let values = without.iter().cloned().map(Value::from).chain([Value::from(i64::from(limit))]);
    let mut rows = select.query(params_from_iter(values))?;
    let (mut found, mut total) = (Vec::new(), 0_usize);
    while let Some(row) = rows.next()? {
        let message = message(row)?;
        total = total.saturating_add(message.body.len());
        if total > bytes && !found.is_empty() {
            break;
        }
        let parcel = Parcel { queue: row.get(COLUMNS_LEN + 1)?, message };
        found.push(Spilled { seq: row.get(COLUMNS_LEN)?, parcel });
    }
    Ok(found)
}

/// Forgets messages that the broker has.
pub(super) fn remove(conn: &Connection, places: &[i64]) -> rusqlite::Result<()> {
    let mut delete = conn.prepare_cached("DELETE FROM spill WHERE seq = ?1")?;
    for seq in places {
        delete.execute([seq])?;
    }
    Ok(())
}

/// How many there are for each queue.
pub(super) fn counts(conn: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()));
    conn.prepare_cached("SELECT queue, count(*) FROM spill GROUP BY queue")?.query_map([], row)?.collect()
}
