//! Messages that a broker brings: what the book makes of each, and what happens when the broker goes, or a host.

use std::collections::BTreeSet;

use super::connection::Connection;
use super::fault::Fault;
use super::lease::Group;
use super::publish::{Accepted, accept, room};
use super::value::values;
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

/// A queue as one life of a host works it.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub(super) queue: &'a str,
    pub(super) carrier: i64,
}

/// Enters messages in the order brought. Those that wait for a time are kept, and with them those of their groups.
pub(super) fn enter(
    conn: &Connection,
    desk: Desk<'_>,
    messages: &[Message],
    now_us: i64,
) -> Result<Vec<Entered>, Error> {
    room(conn)?;
    let store = Error::store("entering messages");
    messages.iter().map(|one| enter_one(conn, desk, one, now_us)).collect::<Result<_, _>>().map_err(store)
}

fn enter_one(conn: &Connection, desk: Desk<'_>, message: &Message, now_us: i64) -> Result<Entered, Fault> {
    let Desk { queue, carrier } = desk;
    let place = match accept(conn, queue, message, Some(carrier), now_us)? {
        Some(place) => place,
        None => match take_over(conn, desk, message)? {
            Some(place) => place,
            None => return Ok(Entered::Known),
        },
    };
    let Accepted { seq, state } = place;
    // Of a group that waits for one that is kept here, everything must be handled here.
    let behind = "SELECT 1 FROM message WHERE queue = ?1 AND group_key = ?2 AND seq < ?3 AND state < 2 AND carried = 0
                  LIMIT 1";
    let waits = match state {
        1 => true,
        2 => conn.exists(behind, values![queue, &message.group_key, seq])?,
        _ => false,
    };
    if waits {
        conn.execute("UPDATE message SET carried = 0 WHERE seq = ?1", values![seq])?;
        return Ok(Entered::Kept);
    }
    Ok(Entered::Carried(seq))
}

/// Of a message that is brought again, or to this host after another: from now on it is brought to this one. An attempt
/// of the other goes on until its lease ends.
fn take_over(conn: &Connection, desk: Desk<'_>, message: &Message) -> Result<Option<Accepted>, Fault> {
    let sql = "UPDATE message SET carried = 1, carrier = ?3
               WHERE queue = ?1 AND id = ?2 AND (carried = 2 OR (carried = 1 AND carrier <> ?3)) RETURNING seq, state";
    let row = conn.first(sql, values![desk.queue, &message.id, desk.carrier])?;
    row.map(|row| Ok(Accepted { seq: row.get(0)?, state: row.get(1)? })).transpose()
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
        if let Some(Accepted { seq, .. }) = accept(conn, queue, message, None, now_us)? {
            let sql = "UPDATE message SET state = 4, reason = ?2, response = '', dead_at = ?3 WHERE seq = ?1";
            conn.execute(sql, values![seq, &cause.reason, now_us])?;
        }
        Ok(())
    };
    enter().map_err(Error::store("entering messages"))
}

/// Keeps these messages here from now on: the broker may forget them.
pub(super) fn keep(conn: &Connection, places: &[i64], carrier: i64) -> Result<(), Fault> {
    for seq in places {
        let sql = "UPDATE message SET carried = 0 WHERE seq = ?1 AND carried = 1 AND carrier = ?2";
        conn.execute(sql, values![*seq, carrier])?;
    }
    Ok(())
}

/// Of these places those whose message is no longer carried for this life: settled by another host, or kept.
pub(super) fn strays(conn: &Connection, desk: Desk<'_>, places: Vec<i64>) -> Result<Vec<i64>, Fault> {
    let sql = "SELECT seq FROM message WHERE queue = ?1 AND carried = 1 AND carrier = ?2";
    let rows = conn.query(sql, values![desk.queue, desk.carrier])?;
    let ours = rows.iter().map(|row| row.get(0)).collect::<Result<BTreeSet<i64>, Fault>>()?;
    Ok(places.into_iter().filter(|seq| !ours.contains(seq)).collect())
}

/// What the broker holds of this queue for this life is not taken before it is brought again.
pub(super) fn lose(conn: &Connection, Desk { queue, carrier }: Desk<'_>) -> Result<(), Fault> {
    let sql = "UPDATE message SET carried = 2 WHERE queue = ?1 AND carried = 1 AND carrier = ?2";
    conn.execute(sql, values![queue, carrier]).map(drop)
}

/// What was not brought again by now will not be.
pub(super) fn give_up(conn: &Connection, desk: Desk<'_>, now_us: i64) -> Result<(), Fault> {
    if conn.is_shared() { adopt(conn, desk) } else { forget(conn, desk.queue, now_us) }
}

/// Forgets it, since another host has it in its own book, but for attempts that go on.
fn forget(conn: &Connection, queue: &str, now_us: i64) -> Result<(), Fault> {
    let sql = "DELETE FROM message WHERE queue = ?1 AND carried = 2 AND NOT (state = 3 AND due_at > ?2)
               RETURNING queue, group_key";
    let gone = conn.query(sql, values![queue, now_us])?;
    gone.iter().try_for_each(|row| Group::read(row)?.release(conn, now_us))
}

/// Keeps it in the book for all hosts, and with it what was brought to lives that are over: whatever has become of the
/// broker's copy. Should it come all the same it is known.
fn adopt(conn: &Connection, Desk { queue, carrier }: Desk<'_>) -> Result<(), Fault> {
    // Each life holds a lock of its number for as long as it is connected.
    let sql = "UPDATE message SET carried = 0 WHERE queue = ?1 AND carried > 0
                 AND ((carried = 2 AND carrier = ?2) OR (carrier <> ?2 AND carrier NOT IN
                   (SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
                    WHERE locktype = 'advisory' AND objsubid = 1 AND granted
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))))";
    conn.execute(sql, values![queue, carrier]).map(drop)
}
