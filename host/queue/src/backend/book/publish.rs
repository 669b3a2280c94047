//! Accepting messages: duplicates, order inside groups, room in the file.

use rusqlite::{Connection, OptionalExtension, params};

use crate::backend::{Publication, REMEMBERED_US};
use crate::{Error, Message};

/// No message is accepted beyond this size of the file: 4 GiB, a fifth of the small machine's disk. Settling goes on,
/// so handled messages make room.
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
            accept(conn, queue, message, now_us).map_err(Error::store(store))?;
        }
    }
    Ok(())
}

/// Refuses what would make the file larger than it may be.
pub(super) fn room(conn: &Connection) -> Result<(), Error> {
    if bytes_used(conn).map_err(Error::store("looking for room"))? >= FILE_BYTES_MAX {
        return Err(Error::Full { limit: FILE_BYTES_MAX.unsigned_abs() });
    }
    Ok(())
}

fn bytes_used(conn: &Connection) -> rusqlite::Result<i64> {
    let pragma = |sql: &str| conn.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0));
    let pages = pragma("PRAGMA page_count")?.saturating_sub(pragma("PRAGMA freelist_count")?);
    Ok(pages.saturating_mul(pragma("PRAGMA page_size")?))
}

/// Takes a message into the queue; `false`: its id or dedupe key is known.
pub(super) fn accept(conn: &Connection, queue: &str, message: &Message, now_us: i64) -> rusqlite::Result<bool> {
    let horizon = now_us.saturating_sub(REMEMBERED_US);
    let known = conn
        .prepare_cached(
            "SELECT 1 FROM message WHERE queue = ?1 AND id = ?2
             UNION ALL SELECT 1 FROM seen WHERE queue = ?1 AND kind = 0 AND key = ?2 AND at > ?3",
        )?
        .exists(params![queue, message.id, horizon])?;
    if known {
        return Ok(false);
    }
    if let Some(key) = &message.dedupe_key {
        // A sender's keys are its own: one component cannot silence another.
        let key = format!("{}\n{key}", message.source);
        if !remember(conn, queue, Seen::DedupeKey, &key, now_us)? && !first_had(conn, queue, &key, &message.id)? {
            return Ok(false);
        }
        conn.prepare_cached("UPDATE seen SET id = ?4 WHERE queue = ?1 AND kind = ?2 AND key = ?3")?
            .execute(params![queue, Seen::DedupeKey.code(), key, message.id])?;
    }
    insert(conn, queue, message, now_us)?;
    Ok(true)
}

/// Whether the dedupe key is known from this very message, which a broker has brought again.
fn first_had(conn: &Connection, queue: &str, key: &str, id: &str) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM seen WHERE queue = ?1 AND kind = ?2 AND key = ?3 AND id = ?4")?.exists(params![
        queue,
        Seen::DedupeKey.code(),
        key,
        id
    ])
}

fn insert(conn: &Connection, queue: &str, message: &Message, now_us: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO message (queue, id, state, priority, due_at, since, group_key, source, topic, subject,
           content_type, dedupe_key, deliver_at, sent_at, body, release)
         VALUES (?1, ?2,
           CASE WHEN ?6 IS NOT NULL AND EXISTS
                  (SELECT 1 FROM message WHERE queue = ?1 AND group_key = ?6 AND state <> 4) THEN 2
                WHEN ?4 > ?3 THEN 1 ELSE 0 END,
           ?5, ?4, max(?4, ?13), ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .execute(params![
        queue,
        message.id,
        now_us,
        message.deliver_at_us,
        message.priority,
        message.group_key,
        message.source,
        message.topic,
        message.subject,
        message.content_type,
        message.dedupe_key,
        message.deliver_at_us,
        message.sent_at_us,
        &message.body[..],
        message.release.and_then(|number| i64::try_from(number).ok()),
    ])?;
    Ok(())
}

/// Remembers a key from now on; `false`: it was remembered already, and keeps its time unless that is too long ago.
pub(super) fn remember(conn: &Connection, queue: &str, kind: Seen, key: &str, now_us: i64) -> rusqlite::Result<bool> {
    let changed = conn
        .prepare_cached(
            "INSERT INTO seen (queue, kind, key, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET at = excluded.at WHERE at <= ?5",
        )?
        .execute(params![queue, kind.code(), key, now_us, now_us.saturating_sub(REMEMBERED_US)])?;
    Ok(changed > 0)
}

/// Forgets what is too old to matter; `true`: there may be more.
pub(super) fn forget(conn: &Connection, now_us: i64) -> rusqlite::Result<bool> {
    let forgotten = conn
        .prepare_cached("DELETE FROM seen WHERE rowid IN (SELECT rowid FROM seen WHERE at <= ?1 LIMIT ?2)")?
        .execute(params![now_us.saturating_sub(REMEMBERED_US), FORGET_ROWS_MAX])?;
    Ok(u32::try_from(forgotten).is_ok_and(|forgotten| forgotten >= FORGET_ROWS_MAX))
}

/// The last slot of a schedule, which begins at `begin_us` where it is new.
pub(super) fn last_slot(conn: &Connection, component: &str, name: &str, begin_us: i64) -> rusqlite::Result<i64> {
    let known = conn
        .prepare_cached("SELECT last_slot FROM cron WHERE component = ?1 AND name = ?2")?
        .query_row([component, name], |row| row.get(0))
        .optional()?;
    if let Some(slot) = known {
        return Ok(slot);
    }
    conn.prepare_cached("INSERT INTO cron (component, name, last_slot) VALUES (?1, ?2, ?3)")?
        .execute(params![component, name, begin_us])?;
    Ok(begin_us)
}

/// Moves a schedule on; `false`: it did not stand where the caller thought.
pub(super) fn move_slot(
    conn: &Connection,
    (component, name): (&str, &str),
    (from_us, to_us): (i64, i64),
) -> rusqlite::Result<bool> {
    let moved = conn
        .prepare_cached("UPDATE cron SET last_slot = ?4 WHERE component = ?1 AND name = ?2 AND last_slot = ?3")?
        .execute(params![component, name, from_us, to_us])?;
    Ok(moved > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::book::schema;

    #[test]
    fn keys_are_forgotten_after_a_day_a_thousand_at_a_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let conn = schema::open(&dir.path().join("q")).expect("a file");
        for key in 0..1500 {
            assert!(remember(&conn, "q", Seen::Id, &key.to_string(), 0).expect("room"));
        }
        assert!(remember(&conn, "q", Seen::Id, "young", 1).expect("room"));
        assert!(!remember(&conn, "q", Seen::Id, "young", 2).expect("room"));
        assert!(forget(&conn, REMEMBERED_US).expect("some are old"));
        assert!(!forget(&conn, REMEMBERED_US).expect("some are old"));
        let left: i64 = conn.query_row("SELECT count(*) FROM seen", [], |row| row.get(0)).expect("a number");
        assert_eq!(left, 1);
    }
}
