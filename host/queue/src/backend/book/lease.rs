//! Taking messages and settling them.

use std::cmp::Reverse;

use super::connection::Connection;
use super::fault::Fault;
use super::publish::{Seen, remember};
use super::row::Row;
use super::value::{Value, values};
use crate::Message;
use crate::backend::{Batch, LEASE_US, Lease, Settlement, Taken};

/// The columns that make a [`Message`], in the order [`message`] reads them.
pub(super) const COLUMNS: &str = "id, source, topic, subject, content_type, body, group_key, dedupe_key, priority, \
                                  deliver_at, sent_at, release";
/// How many they are.
pub(super) const COLUMNS_LEN: usize = 12;
/// Leases renewed in one statement.
const RENEWED_AT_ONCE: usize = 32;

pub(super) fn message(row: &Row) -> Result<Message, Fault> {
    Ok(Message {
        id: row.get(0)?,
        source: row.get(1)?,
        topic: row.get(2)?,
        subject: row.get(3)?,
        content_type: row.get(4)?,
        body: row.get(5)?,
        group_key: row.get(6)?,
        dedupe_key: row.get(7)?,
        priority: row.get(8)?,
        deliver_at_us: row.get(9)?,
        sent_at_us: row.get(10)?,
        release: row.get::<Option<i64>>(11)?.and_then(|number| u64::try_from(number).ok()),
    })
}

/// Which messages are wanted, and in whose name.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) queue: &'a str,
    pub(super) limit: u32,
    /// The life of the host: what a broker brought to another is not taken.
    pub(super) carrier: i64,
    /// Of the leases, which no other taking has.
    pub(super) token: i64,
}

/// Takes messages that are due.
pub(super) fn take(conn: &Connection, wish: Wish<'_>, now_us: i64) -> Result<Batch, Fault> {
    let Wish { queue, carrier, .. } = wish;
    conn.execute(
        "UPDATE message SET state = 0 WHERE queue = ?1 AND state IN (1, 3) AND due_at <= ?2 AND carried <> 2",
        values![queue, now_us],
    )?;
    // Asked apart: within the statement it would be asked for each of the messages that wait.
    let paused = conn.exists("SELECT 1 FROM paused WHERE queue = ?1", values![queue])?;
    let taken = if paused { Vec::new() } else { lease(conn, wish, now_us)? };
    let next = "SELECT min(due_at) FROM message WHERE queue = ?1 AND state IN (1, 3)
                  AND (carried = 0 OR (carried = 1 AND carrier = ?2))";
    let next_due_us = conn.one(next, values![queue, carrier])?.get(0)?;
    Ok(Batch { taken, next_due_us })
}

/// Leases what is ready, by priority and then in order.
fn lease(conn: &Connection, wish: Wish<'_>, now_us: i64) -> Result<Vec<Taken>, Fault> {
    let Wish { queue, limit, carrier, token } = wish;
    let lease = format!(
        "UPDATE message SET state = 3, lease = ?3, due_at = ?4, attempts = attempts + 1
         WHERE seq IN (SELECT seq FROM message WHERE queue = ?1 AND state = 0
                         AND (carried = 0 OR (carried = 1 AND carrier = ?2))
                       ORDER BY priority DESC, seq LIMIT ?5)
         RETURNING {COLUMNS}, seq, attempts"
    );
    let rows = conn.query(&lease, values![queue, carrier, token, now_us.saturating_add(LEASE_US), limit])?;
    let one = |row: &Row| {
        let lease = Lease { seq: row.get(COLUMNS_LEN)?, token };
        Ok(Taken { message: message(row)?, lease, attempt: row.get(COLUMNS_LEN + 1)? })
    };
    let mut taken = rows.iter().map(one).collect::<Result<Vec<_>, Fault>>()?;
    taken.sort_unstable_by_key(|one| (Reverse(one.message.priority), one.lease.seq));
    Ok(taken)
}

/// Prolongs leases that are still held. Tokens of one host belong to no other, so that a place and a token of the list
/// are held also where they are not of one lease.
pub(super) fn renew(conn: &Connection, held: &[Lease], now_us: i64) -> Result<(), Fault> {
    let due = now_us.saturating_add(LEASE_US);
    for leases in held.chunks(RENEWED_AT_ONCE) {
        // The last one fills up, so that there is one statement to be prepared.
        let full = || leases.iter().chain(leases.last().into_iter().cycle()).take(RENEWED_AT_ONCE);
        let mut values = vec![Value::from(due)];
        values.extend(full().map(|lease| Value::from(lease.seq)));
        values.extend(full().map(|lease| Value::from(lease.token)));
        let (places, tokens) = (parameters(2), parameters(2 + RENEWED_AT_ONCE));
        let renew =
            format!("UPDATE message SET due_at = ?1 WHERE state = 3 AND seq IN ({places}) AND lease IN ({tokens})");
        conn.execute(&renew, &values)?;
    }
    Ok(())
}

/// As many as are renewed at once, from this one on.
fn parameters(first: usize) -> String {
    let numbers: Vec<_> = (first..first + RENEWED_AT_ONCE).map(|number| format!("?{number}")).collect();
    numbers.join(", ")
}

/// What ending an attempt changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// `false`: another has taken the message since, or it is gone; nothing was changed.
    pub(crate) done: bool,
    /// The queue it was in.
    pub(crate) queue: String,
    /// Places of messages that the broker held for this host until now and may forget.
    pub(crate) freed: Vec<i64>,
}

/// Ends an attempt that this life of the host has made.
///
/// A lease that ran out is still good while nobody else took the message: a late success spares a second handling.
/// A message that waits for its time is the book's alone, and so are those of its group that wait for it: they must be
/// handled where it is. One whose broker is away stays the broker's, and waits to be brought again.
pub(super) fn settle(
    conn: &Connection,
    (lease, carrier): (Lease, i64),
    how: &Settlement,
    now_us: i64,
) -> Result<Settled, Fault> {
    let Lease { seq, token } = lease;
    let find = match how {
        Settlement::Done => {
            "DELETE FROM message WHERE seq = ?1 AND lease = ?2 AND state IN (0, 3)
             RETURNING queue, group_key, id, carried, carrier"
        }
        _ => {
            "SELECT queue, group_key, id, carried, carrier FROM message
             WHERE seq = ?1 AND lease = ?2 AND state IN (0, 3)"
        }
    };
    let Some(row) = conn.first(find, values![seq, token])? else { return Ok(Settled::default()) };
    let (group, id): (_, String) = (Group::read(&row)?, row.get(2)?);
    let is_carried = row.get::<i64>(3)? == 1 && row.get::<Option<i64>>(4)? == Some(carrier);
    let mut freed = Vec::new();
    if is_carried && !matches!(how, Settlement::Return { due_us } if *due_us <= now_us) {
        freed.push(seq);
    }
    match how {
        Settlement::Done => {
            remember(conn, &group.queue, Seen::Id, &id, now_us)?;
            group.release(conn, now_us)?;
        }
        Settlement::Retry { due_us } => {
            let sql = "UPDATE message SET state = 1, lease = NULL, due_at = ?2, carried = carried & 2 WHERE seq = ?1";
            conn.execute(sql, values![seq, *due_us])?;
            freed.extend(group.keep(conn, carrier)?);
        }
        Settlement::Return { due_us } if *due_us <= now_us => {
            let sql = "UPDATE message SET state = 0, lease = NULL, due_at = ?2, attempts = attempts - 1 WHERE seq = ?1";
            conn.execute(sql, values![seq, *due_us])?;
        }
        Settlement::Return { due_us } => {
            let sql = "UPDATE message SET state = 1, lease = NULL, due_at = ?2, attempts = attempts - 1,
                         carried = carried & 2 WHERE seq = ?1";
            conn.execute(sql, values![seq, *due_us])?;
            freed.extend(group.keep(conn, carrier)?);
        }
        Settlement::Dead(cause) => {
            let sql = "UPDATE message SET state = 4, lease = NULL, reason = ?2, status = ?3, response = ?4,
                         dead_at = ?5, carried = 0 WHERE seq = ?1";
            conn.execute(sql, values![seq, &cause.reason, cause.status, &cause.response, now_us])?;
            group.release(conn, now_us)?;
        }
    }
    Ok(Settled { done: true, queue: group.queue, freed })
}

/// The group a message was in, if any.
pub(super) struct Group {
    queue: String,
    key: Option<String>,
}

impl Group {
    /// From a row that begins with the queue and the group key.
    pub(super) fn read(row: &Row) -> Result<Self, Fault> {
        Ok(Self { queue: row.get(0)?, key: row.get(1)? })
    }

    /// Keeps what waits in the group here, where the first of it is kept; the places of what the broker may forget.
    /// What it brought to another host, that host finds out by itself.
    fn keep(&self, conn: &Connection, carrier: i64) -> Result<Vec<i64>, Fault> {
        let Some(key) = &self.key else { return Ok(Vec::new()) };
        let sql = "UPDATE message SET carried = 0 WHERE queue = ?1 AND group_key = ?2 AND state = 2 AND carried = 1
                     AND EXISTS (SELECT 1 FROM message WHERE queue = ?1 AND group_key = ?2 AND state < 2 AND carried = 0)
                   RETURNING seq, carrier";
        let mut places = Vec::new();
        for row in conn.query(sql, values![&self.queue, key])? {
            if row.get::<Option<i64>>(1)? == Some(carrier) {
                places.push(row.get(0)?);
            }
        }
        Ok(places)
    }

    /// Lets the earliest message left in the group go.
    pub(super) fn release(&self, conn: &Connection, now_us: i64) -> Result<(), Fault> {
        let Some(key) = &self.key else { return Ok(()) };
        conn.execute(
            "UPDATE message SET state = CASE WHEN due_at <= ?3 THEN 0 ELSE 1 END
             WHERE state = 2 AND seq = (SELECT min(seq) FROM message
                                        WHERE queue = ?1 AND group_key = ?2 AND state <> 4)",
            values![&self.queue, key, now_us],
        )?;
        Ok(())
    }
}
