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
    conn.prepare_cached(
        "UPDATE message SET state = 0 WHERE queue = ?1 AND state IN (1, 3) AND due_at <= ?2 AND carried <> 2",
    )?
    .execute(params![queue, now_us])?;
    let mut select = conn.prepare_cached(&format!(
        "SELECT {COLUMNS}, seq, attempts FROM message WHERE queue = ?1 AND state = 0
           AND carried <> 2 AND NOT EXISTS (SELECT 1 FROM paused WHERE paused.queue = ?1)
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
        .prepare_cached("SELECT min(due_at) FROM message WHERE queue = ?1 AND state IN (1, 3) AND carried <> 2")?
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

/// What ending an attempt changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// `false`: another has taken the message since, or it is gone; nothing was changed.
    pub(crate) done: bool,
    /// The queue it was in.
    pub(crate) queue: String,
    /// Places of messages that the broker held until now and may forget.
    pub(crate) freed: Vec<i64>,
}

/// Ends an attempt.
///
/// A lease that ran out is still good while nobody else took the message: a late success spares a second handling.
/// A message that waits for its time is the book's alone, and so are those of its group that wait for it: they must be
/// handled where it is. One whose broker is away stays the broker's, and waits to be brought again.
pub(super) fn settle(conn: &Connection, lease: Lease, how: &Settlement, now_us: i64) -> rusqlite::Result<Settled> {
    let Lease { seq, token } = lease;
    let held =
        "SELECT queue, carried = 1, group_key, id FROM message WHERE seq = ?1 AND lease = ?2 AND state IN (0, 3)";
    let row = |row: &Row<'_>| {
        let group = Group { queue: row.get(0)?, key: row.get(2)? };
        Ok((group, row.get::<_, bool>(1)?, row.get::<_, String>(3)?))
    };
    let found = conn.prepare_cached(held)?.query_row([seq, token], row).optional()?;
    let Some((group, carried, id)) = found else { return Ok(Settled::default()) };
    let mut freed = Vec::new();
    if carried && !matches!(how, Settlement::Return { due_us } if *due_us <= now_us) {
        freed.push(seq);
    }
    match how {
        Settlement::Done => {
            conn.prepare_cached("DELETE FROM message WHERE seq = ?1")?.execute([seq])?;
            remember(conn, &group.queue, Seen::Id, &id, now_us)?;
            group.release(conn, now_us)?;
        }
        Settlement::Retry { due_us } => {
            let sql = "UPDATE message SET state = 1, lease = NULL, due_at = ?2, carried = carried & 2 WHERE seq = ?1";
            conn.prepare_cached(sql)?.execute([seq, *due_us])?;
            freed.extend(group.keep(conn)?);
        }
        Settlement::Return { due_us } if *due_us <= now_us => {
            let sql = "UPDATE message SET state = 0, lease = NULL, due_at = ?2, attempts = attempts - 1 WHERE seq = ?1";
            conn.prepare_cached(sql)?.execute([seq, *due_us])?;
        }
        Settlement::Return { due_us } => {
            let sql = "UPDATE message SET state = 1, lease = NULL, due_at = ?2, attempts = attempts - 1,
                         carried = carried & 2 WHERE seq = ?1";
            conn.prepare_cached(sql)?.execute([seq, *due_us])?;
            freed.extend(group.keep(conn)?);
        }
        Settlement::Dead(cause) => {
            let sql = "UPDATE message SET state = 4, lease = NULL, reason = ?2, status = ?3, response = ?4,
                         dead_at = ?5, carried = 0 WHERE seq = ?1";
            let values = params![seq, cause.reason, cause.status, cause.response, now_us];
            conn.prepare_cached(sql)?.execute(values)?;
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
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { queue: row.get(0)?, key: row.get(1)? })
    }

    /// Keeps what waits in the group here, where the first of it is kept; the places of what the broker may forget.
    fn keep(&self, conn: &Connection) -> rusqlite::Result<Vec<i64>> {
        let Some(key) = &self.key else { return Ok(Vec::new()) };
        let sql = "UPDATE message SET carried = 0 WHERE queue = ?1 AND group_key = ?2 AND state = 2 AND carried = 1
                     AND EXISTS (SELECT 1 FROM message WHERE queue = ?1 AND group_key = ?2 AND state < 2 AND carried = 0)
                   RETURNING seq";
        conn.prepare_cached(sql)?.query_map(params![self.queue, key], |row| row.get(0))?.collect()
    }

    /// Lets the earliest message left in the group go.
    pub(super) fn release(&self, conn: &Connection, now_us: i64) -> rusqlite::Result<()> {
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
