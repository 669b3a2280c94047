//! Accepting messages: duplicates, order inside groups, room in the file.

use super::connection::Connection;
use super::fault::Fault;
use super::value::values;
use crate::backend::{Publication, REMEMBERED_US};
use crate::{Error, Message};

/// No message is accepted beyond this size of the file: 4 GiB, a fifth of the small machine's disk. Settling goes on,
/// so handled messages make room. A server has no such limit: its tables stay as large as they once were, so that their
/// size says nothing of the room in them, and its disk is watched by whoever keeps it.
const FILE_BYTES_MAX: i64 = 4 << 30;
/// Rows forgotten in one statement, so that the thread is never away for long.
const FORGET_ROWS_MAX: u32 = 1000;

/// What a remembered key is.
#[derive(Clone, Copy)]
pub(super) enum Seen {
    Id,
    DedupeKey,
}

impl Seen {
    fn code(self) -> i64 {
        match self {
            Self::Id => 0,
            Self::DedupeKey => 1,
        }
    }
}

pub(super) fn publish(conn: &Connection, batch: &[Publication], now_us: i64) -> Result<(), Error> {
    let store = "publishing";
    room(conn)?;
    for Publication { message, queues } in batch {
        for queue in queues {
            accept(conn, queue, message, None, now_us).map_err(Error::store(store))?;
        }
    }
    Ok(())
}

/// Refuses what would make the file larger than it may be.
pub(super) fn room(conn: &Connection) -> Result<(), Error> {
    let Connection::File(file) = conn else { return Ok(()) };
    if file.bytes().map_err(Error::store("looking for room"))? >= FILE_BYTES_MAX {
        return Err(Error::Full { limit: FILE_BYTES_MAX.unsigned_abs() });
    }
    Ok(())
}

/// Where an accepted message is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accepted {
    pub(super) seq: i64,
    pub(super) state: i64,
}

/// Takes a message into the queue, and says by which life a broker's delivery of it is carried, if any. `None`: its id
/// or dedupe key is known.
pub(super) fn accept(
    conn: &Connection,
    queue: &str,
    message: &Message,
    carrier: Option<i64>,
    now_us: i64,
) -> Result<Option<Accepted>, Fault> {
    let horizon = now_us.saturating_sub(REMEMBERED_US);
    let known = conn.exists(
        "SELECT 1 FROM message WHERE queue = ?1 AND id = ?2
         UNION ALL SELECT 1 FROM seen WHERE queue = ?1 AND kind = 0 AND key = ?2 AND at > ?3",
        values![queue, &message.id, horizon],
    )?;
    if known {
        return Ok(None);
    }
    if let Some(key) = &message.dedupe_key {
        // A sender's keys are its own: one component cannot silence another.
        let key = format!("{}\n{key}", message.source);
        if !remember(conn, queue, Seen::DedupeKey, &key, now_us)? && !first_had(conn, queue, &key, &message.id)? {
            return Ok(None);
        }
        let values = values![queue, Seen::DedupeKey.code(), &key, &message.id];
        conn.execute("UPDATE seen SET id = ?4 WHERE queue = ?1 AND kind = ?2 AND key = ?3", values)?;
    }
    insert(conn, queue, message, carrier, now_us).map(Some)
}

/// Whether the dedupe key is known from this very message, which a broker has brought again.
fn first_had(conn: &Connection, queue: &str, key: &str, id: &str) -> Result<bool, Fault> {
    let values = values![queue, Seen::DedupeKey.code(), key, id];
    conn.exists("SELECT 1 FROM seen WHERE queue = ?1 AND kind = ?2 AND key = ?3 AND id = ?4", values)
}

fn insert(
    conn: &Connection,
    queue: &str,
    message: &Message,
    carrier: Option<i64>,
    now_us: i64,
) -> Result<Accepted, Fault> {
    let row = conn.one(
        "INSERT INTO message (queue, id, state, priority, due_at, since, group_key, source, topic, subject,
           content_type, dedupe_key, deliver_at, sent_at, body, release, carried, carrier)
         VALUES (?1, ?2,
           CASE WHEN ?6 IS NOT NULL AND EXISTS
                  (SELECT 1 FROM message WHERE queue = ?1 AND group_key = ?6 AND state <> 4) THEN 2
                WHEN ?4 > ?3 THEN 1 ELSE 0 END,
           ?5, ?4, CASE WHEN ?4 > ?12 THEN ?4 ELSE ?12 END, ?6, ?7, ?8, ?9, ?10, ?11, ?4, ?12, ?13, ?14,
           CASE WHEN ?15 IS NULL THEN 0 ELSE 1 END, ?15)
         RETURNING seq, state",
        values![
            queue,
            &message.id,
            now_us,
            message.deliver_at_us,
            message.priority,
            &message.group_key,
            &message.source,
            &message.topic,
            &message.subject,
            &message.content_type,
            &message.dedupe_key,
            message.sent_at_us,
            &message.body[..],
            message.release.and_then(|number| i64::try_from(number).ok()),
            carrier,
        ],
    )?;
    Ok(Accepted { seq: row.get(0)?, state: row.get(1)? })
}

/// Remembers a key from now on; `false`: it was remembered already, and keeps its time unless that is too long ago.
pub(super) fn remember(conn: &Connection, queue: &str, kind: Seen, key: &str, now_us: i64) -> Result<bool, Fault> {
    let changed = conn.execute(
        "INSERT INTO seen (queue, kind, key, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (queue, kind, key) DO UPDATE SET at = excluded.at WHERE seen.at <= ?5",
        values![queue, kind.code(), key, now_us, now_us.saturating_sub(REMEMBERED_US)],
    )?;
    Ok(changed > 0)
}

/// Forgets what is too old to matter; `true`: there may be more.
pub(super) fn forget(conn: &Connection, now_us: i64) -> Result<bool, Fault> {
    let forgotten = conn.execute(
        "DELETE FROM seen WHERE (queue, kind, key) IN (SELECT queue, kind, key FROM seen WHERE at <= ?1 LIMIT ?2)",
        values![now_us.saturating_sub(REMEMBERED_US), FORGET_ROWS_MAX],
    )?;
    Ok(forgotten >= u64::from(FORGET_ROWS_MAX))
}

/// The last slot of a schedule, which begins at `begin_us` where it is new.
pub(super) fn last_slot(conn: &Connection, component: &str, name: &str, begin_us: i64) -> Result<i64, Fault> {
    let known =
        conn.first("SELECT last_slot FROM cron WHERE component = ?1 AND name = ?2", values![component, name])?;
    if let Some(row) = known {
        return row.get(0);
    }
    let begin = "INSERT INTO cron (component, name, last_slot) VALUES (?1, ?2, ?3)";
    conn.execute(begin, values![component, name, begin_us])?;
    Ok(begin_us)
}

/// Moves a schedule on; `false`: it did not stand where the caller thought.
pub(super) fn move_slot(
    conn: &Connection,
    (component, name): (&str, &str),
    (from_us, to_us): (i64, i64),
) -> Result<bool, Fault> {
    let step = "UPDATE cron SET last_slot = ?4 WHERE component = ?1 AND name = ?2 AND last_slot = ?3";
    Ok(conn.execute(step, values![component, name, from_us, to_us])? > 0)
}

#[cfg(test)]
mod tests {
    use super::super::file::File;
    use super::*;

    #[test]
    fn keys_are_forgotten_after_a_day_a_thousand_at_a_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let conn = Connection::File(File::open(&dir.path().join("q")).expect("a file"));
        for key in 0..1500 {
            assert!(remember(&conn, "q", Seen::Id, &key.to_string(), 0).expect("room"));
        }
        assert!(remember(&conn, "q", Seen::Id, "young", 1).expect("room"));
        assert!(!remember(&conn, "q", Seen::Id, "young", 2).expect("room"));
        assert!(forget(&conn, REMEMBERED_US).expect("some are old"));
        assert!(!forget(&conn, REMEMBERED_US).expect("some are old"));
        let left: i64 = conn.one("SELECT count(*) FROM seen", &[]).and_then(|row| row.get(0)).expect("a number");
        assert_eq!(left, 1);
    }
}
