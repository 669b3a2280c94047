//! Messages that were accepted while their broker could not take them, in the order accepted.

use super::connection::Connection;
use super::fault::Fault;
use super::lease::{COLUMNS, COLUMNS_LEN, message};
use super::publish::room;
use super::value::{Value, values};
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

fn add_one(conn: &Connection, Parcel { queue, message }: &Parcel) -> Result<(), Fault> {
    let release = message.release.and_then(|number| i64::try_from(number).ok());
    conn.execute(
        &format!(
            "INSERT INTO spill (queue, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        ),
        values![
            queue,
            &message.id,
            &message.source,
            &message.topic,
            &message.subject,
            &message.content_type,
            &message.body[..],
            &message.group_key,
            &message.dedupe_key,
            message.priority,
            message.deliver_at_us,
            message.sent_at_us,
            release,
        ],
    )?;
    Ok(())
}

/// The first messages to be sent: at most `limit`, and no more than make `bytes` together, but one at least. Those of
/// the queues in `without` are passed over.
pub(super) fn first(
    conn: &Connection,
    (limit, bytes): (u32, usize),
    without: &[String],
) -> Result<Vec<Spilled>, Fault> {
    let others: Vec<_> = (3..3 + without.len()).map(|number| format!(" AND queue <> ?{number}")).collect();
    let others = others.concat();
    let with = |first: i64, second: i64| {
        let mut values = vec![Value::from(first), Value::from(second)];
        values.extend(without.iter().map(Value::from));
        values
    };
    // Bodies are read only once it is known how many of them.
    let lengths = format!("SELECT seq, length(body) FROM spill WHERE seq > ?2{others} ORDER BY seq LIMIT ?1");
    let (mut last, mut total) = (None, 0_usize);
    for row in conn.query(&lengths, &with(i64::from(limit), 0))? {
        total = total.saturating_add(usize::try_from(row.get::<i64>(1)?).unwrap_or(usize::MAX));
        if total > bytes && last.is_some() {
            break;
        }
        last = Some(row.get::<i64>(0)?);
    }
    let Some(last) = last else { return Ok(Vec::new()) };
    let select = format!("SELECT {COLUMNS}, seq, queue FROM spill WHERE seq > ?2 AND seq <= ?1{others} ORDER BY seq");
    let rows = conn.query(&select, &with(last, 0))?;
    let one = |row: &super::row::Row| {
        let parcel = Parcel { queue: row.get(COLUMNS_LEN + 1)?, message: message(row)? };
        Ok(Spilled { seq: row.get(COLUMNS_LEN)?, parcel })
    };
    rows.iter().map(one).collect()
}

/// Forgets messages that the broker has.
pub(super) fn remove(conn: &Connection, places: &[i64]) -> Result<(), Fault> {
    for seq in places {
        conn.execute("DELETE FROM spill WHERE seq = ?1", values![*seq])?;
    }
    Ok(())
}

/// How many there are for each queue.
pub(super) fn counts(conn: &Connection) -> Result<Vec<(String, u64)>, Fault> {
    let rows = conn.query("SELECT queue, count(*) FROM spill GROUP BY queue ORDER BY queue", &[])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
