//! Messages that a broker brings: what the book makes of each, and what happens when the broker goes.

use rusqlite::{Connection, OptionalExtension, params};

use super::lease::Group;
use super::publish::{accept, room};
use crate::backend::Cause;
use crate::{Error, Message};

/// What became of a message that a broker brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    /// It is in the book already, or was handled: the broker may forget it.
    Known,
    /// It waits here from now on: the broker may forget it.
    Kept,
    /// It may be taken, and the broker holds it until it is settled. The place in the book.
    Carried(i64),
}

/// Enters messages in the order brought. Those that wait for a time are kept, and with them those of their groups.
pub(super) fn enter(conn: &Connection, queue: &str, messages: &[Message], now_us: i64) -> Result<Vec<Entered>, Error> {
    room(conn)?;
    let store = Error::store("entering messages");
    messages.iter().map(|one| enter_one(conn, queue, one, now_us)).collect::<Result<_, _>>().map_err(store)
}

fn enter_one(conn: &Connection, queue: &str, message: &Message, now_us: i64) -> rusqlite::Result<Entered> {
    let again = conn
        .prepare_cached("SELECT seq FROM message WHERE queue = ?1 AND id = ?2 AND carried = 2")?
        .query_row([queue, message.id.as_str()], |row| row.get(0))
        .optional()?;
    let seq: i64 = match again {
        Some(seq) => seq,
        None if accept(conn, queue, message, now_us)? => conn.last_insert_rowid(),
        None => return Ok(Entered::Known),
    };
    let state: i64 =
        conn.prepare_cached("SELECT state FROM message WHERE seq = ?1")?.query_row([seq], |row| row.get(0))?;
    // Of a group that waits for one that is kept here, everything must be handled here.
    let behind = "SELECT 1 FROM message WHERE queue = ?1 AND group_key = ?2 AND seq < ?3 AND state < 2 AND carried = 0";
    let waits = match state {
        1 => true,
        2 => conn.prepare_cached(behind)?.exists(params![queue, message.group_key, seq])?,
        _ => false,
    };
    let carried = i64::from(!waits);
    conn.prepare_cached("UPDATE message SET carried = ?2 WHERE seq = ?1")?.execute([seq, carried])?;
    Ok(if waits { Entered::Kept } else { Entered::Carried(seq) })
}

/// Enters what a broker brought and is no message of this platform, as a dead letter for the operator to look at.
pub(super) fn enter_dead(
    conn: &Connection,
    queue: &str,
    message: &Message,
    cause: &Cause,
    now_us: i64,
) -> Result<(), Error> {
    room(conn)?;
    let enter = || {
        if accept(conn, queue, message, now_us)? {
            conn.prepare_cached(
                "UPDATE message SET state = 4, reason = ?2, response = '', dead_at = ?3 WHERE seq = ?1",
            )?
            .execute(params![conn.last_insert_rowid(), cause.reason, now_us])?;
        }
        Ok(())
    };
    enter().map_err(Error::store("entering messages"))
}

/// Keeps these messages here from now on: the broker may forget them.
pub(super) fn keep(conn: &Connection, places: &[i64]) -> rusqlite::Result<()> {
    let mut keep = conn.prepare_cached("UPDATE message SET carried = 0 WHERE seq = ?1 AND carried = 1")?;
    for seq in places {
        keep.execute([seq])?;
    }
    Ok(())
}

/// What the broker holds of this queue is not taken before it is brought again.
pub(super) fn lose(conn: &Connection, queue: &str) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE message SET carried = 2 WHERE queue = ?1 AND carried = 1")?.execute([queue])?;
    Ok(())
}

/// Forgets what was not brought again, since another host has it, but for attempts that go on.
pub(super) fn give_up(conn: &Connection, queue: &str, now_us: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM message WHERE queue = ?1 AND carried = 2 AND NOT (state = 3 AND due_at > ?2)
               RETURNING queue, group_key";
    let gone = conn
        .prepare_cached(sql)?
        .query_map(params![queue, now_us], Group::read)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    gone.iter().try_for_each(|group| group.release(conn, now_us))
}
