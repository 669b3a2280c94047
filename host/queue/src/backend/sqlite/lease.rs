//! Taking messages and settling them.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::publish::{Seen, remember};
use crate::Message;
use crate::backend::{Batch, LEASE_US, Lease, Settlement, Taken};

/// The columns that make a [`Message`], in the order [`message`] reads them.
pub(super) const COLUMNS: &str = "id, source, topic, subject, content_type, body, group_key, dedupe_key, priority, \
                                  deliver_at, sent_at, release";
/// How many they are.
pub(super) const COLUMNS_LEN: usize = 12;

pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        source: row.get(1)?,
        topic: row.get(2)?,
        subject: row.get(3)?,
        content_type: row.get(4)?,
        body: row.get::<_, Vec<u8>>(5)?.into(),
        group_key: row.get(6)?,
        dedupe_key: row.get(7)?,
        priority: row.get(8)?,
        deliver_at_us: row.get(9)?,
        sent_at_us: row.get(10)?,
        release: row.get::<_, Option<i64>>(11)?.and_then(|number| u64::try_from(number).ok()),
    })
}

/// Takes up to `limit` messages, numbering their leases from `token` on.
pub(super) fn take(conn: &Connection, queue: &str, limit: u32, token: i64, now_us: i64) -> rusqlite::Result<Batch> {
    conn.prepare_cached("UPDATE message SET state = 0 WHERE queue = ?1 AND state IN (1, 3) AND due_at <= ?2")?
        .execute(params![queue, now_us])?;
    let mut select = conn.prepare_cached(&format!(
        "SELECT {COLUMNS}, seq, attempts FROM message WHERE queue = ?1 AND state = 0
           AND NOT EXISTS (SELECT 1 FROM paused WHERE paused.queue = ?1)
         ORDER BY priority DESC, seq LIMIT ?2"
    ))?;
    let mut mark = conn.prepare_cached(
        "UPDATE message SET state = 3, lease = ?2, due_at = ?3, attempts = attempts + 1 WHERE seq = ?1",
    )?;
    let ready = select.query_map(params![queue, limit], |row| {
        Ok(Taken {
            message: message(row)?,
            lease: Lease { seq: row.get(COLUMNS_LEN)?, token: 0 },
            attempt: row.get::<_, u32>(COLUMNS_LEN + 1)?.saturating_add(1),
        })
    })?;
    let mut taken = ready.collect::<rusqlite::Result<Vec<_>>>()?;
    for (one, token) in taken.iter_mut().zip(token..) {
        one.lease.token = token;
        mark.execute(params![one.lease.seq, token, now_us.saturating_add(LEASE_US)])?;
    }
    let next_due_us = conn
        .prepare_cached("SELECT min(due_at) FROM message WHERE queue = ?1 AND state IN (1, 3)")?
        .query_row([queue], |row| row.get(0))?;
    Ok(Batch { taken, next_due_us })
}

pub(super) fn renew(conn: &Connection, held: &[Lease], now_us: i64) -> rusqlite::Result<()> {
    let mut prolong =
        conn.prepare_cached("UPDATE message SET due_at = ?3 WHERE seq = ?1 AND lease = ?2 AND state = 3")?;
    for lease in held {
        prolong.execute(params![lease.seq, lease.token, now_us.saturating_add(LEASE_US)])?;
    }
    Ok(())
}

/// Ends an attempt; `false`: another has taken the message since, or it is gone.
///
/// A lease that ran out is still good while nobody else took the message: a late success spares a second handling.
pub(super) fn settle(conn: &Connection, lease: Lease, how: &Settlement, now_us: i64) -> rusqlite::Result<bool> {
    let Lease { seq, token } = lease;
    match how {
        Settlement::Done => {
            let sql = "DELETE FROM message WHERE seq = ?1 AND lease = ?2 AND state IN (0, 3)
                       RETURNING queue, group_key, id";
            let row = |row: &Row<'_>| Ok((Group::read(row)?, row.get::<_, String>(2)?));
            let gone = conn.prepare_cached(sql)?.query_row([seq, token], row).optional()?;
            let Some((group, id)) = gone else { return Ok(false) };
            remember(conn, &group.queue, Seen::Id, &id, now_us)?;
            group.release(conn, now_us)?;
            Ok(true)
        }
        Settlement::Retry { due_us } => {
            let sql = "UPDATE message SET state = 1, lease = NULL, due_at = ?3
                       WHERE seq = ?1 AND lease = ?2 AND state IN (0, 3)";
            Ok(conn.prepare_cached(sql)?.execute([seq, token, *due_us])? > 0)
        }
        Settlement::Return { due_us } => {
            let sql = "UPDATE message SET state = CASE WHEN ?3 <= ?4 THEN 0 ELSE 1 END, lease = NULL, due_at = ?3,
                         attempts = attempts - 1
                       WHERE seq = ?1 AND lease = ?2 AND state IN (0, 3)";
            Ok(conn.prepare_cached(sql)?.execute([seq, token, *due_us, now_us])? > 0)
        }
        Settlement::Dead(cause) => {
            let sql =
                "UPDATE message SET state = 4, lease = NULL, reason = ?3, status = ?4, response = ?5, dead_at = ?6
                       WHERE seq = ?1 AND lease = ?2 AND state IN (0, 3) RETURNING queue, group_key";
            let values = params![seq, token, cause.reason, cause.status, cause.response, now_us];
            let gone = conn.prepare_cached(sql)?.query_row(values, Group::read).optional()?;
            let Some(group) = gone else { return Ok(false) };
            group.release(conn, now_us)?;
            Ok(true)
        }
    }
}

/// The group a message was in, if any.
struct Group {
    queue: String,
    key: Option<String>,
}

impl Group {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { queue: row.get(0)?, key: row.get(1)? })
    }

    /// Lets the earliest message left in the group go.
    fn release(&self, conn: &Connection, now_us: i64) -> rusqlite::Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        conn.prepare_cached(
            "UPDATE message SET state = CASE WHEN due_at <= ?3 THEN 0 ELSE 1 END
             WHERE state = 2 AND seq = (SELECT min(seq) FROM message
                                        WHERE queue = ?1 AND group_key = ?2 AND state <> 4)",
        )?
        .execute(params![self.queue, key, now_us])?;
        Ok(())
    }
}
