//! What an operator sees and does: counts, dead letters, pauses.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::lease::{COLUMNS, COLUMNS_LEN, message};
use super::publish::{Seen, remember};
use crate::backend::{Counts, DeadLetter, ReleaseCounts, Selection};

/// Dead letters changed in one piece of work, so that sending goes on meanwhile.
const CHANGE_ROWS_MAX: usize = 500;

/// What becomes of a dead letter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Redrive,
    Discard,
}

pub(super) fn counts(conn: &Connection, queues: Vec<String>) -> rusqlite::Result<Vec<Counts>> {
    let mut select =
        conn.prepare_cached("SELECT queue, state, count(*), min(since) FROM message GROUP BY queue, state")?;
    let none = |queue: String| (queue.clone(), Counts { queue, ..Counts::default() });
    let mut queues: BTreeMap<String, Counts> = queues.into_iter().map(none).collect();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let queue: String = row.get(0)?;
        let (state, number, since): (i64, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let number = u64::try_from(number).unwrap_or(0);
        let counts = queues.entry(queue.clone()).or_insert_with(|| Counts { queue, ..Counts::default() });
        match state {
            1 => counts.delayed += number,
            3 => counts.in_flight += number,
            4 => counts.dead += number,
            _ => counts.ready += number,
        }
        if state != 4 {
            counts.oldest_us = Some(counts.oldest_us.map_or(since, |oldest| oldest.min(since)));
        }
    }
    Ok(queues.into_values().collect())
}

pub(super) fn releases(conn: &Connection) -> rusqlite::Result<Vec<ReleaseCounts>> {
    let sql = "SELECT queue, release, sum(state <> 4), sum(state = 4) FROM message GROUP BY queue, release";
    let number = |row: &Row<'_>, at| row.get::<_, i64>(at).map(|number| u64::try_from(number).unwrap_or(0));
    let counts = |row: &Row<'_>| {
        let release = row.get::<_, Option<i64>>(1)?.and_then(|release| u64::try_from(release).ok());
        Ok(ReleaseCounts { queue: row.get(0)?, release, waiting: number(row, 2)?, dead: number(row, 3)? })
    };
    conn.prepare_cached(sql)?.query_map([], counts)?.collect()
}

pub(super) fn absent(conn: &Connection, queue: &str, ids: Vec<String>) -> rusqlite::Result<Vec<String>> {
    let mut select = conn.prepare_cached("SELECT 1 FROM message WHERE queue = ?1 AND id = ?2 AND state = 4")?;
    let mut absent = Vec::new();
    for id in ids {
        if !select.exists([queue, id.as_str()])? {
            absent.push(id);
        }
    }
    Ok(absent)
}

/// How many messages of each queue a broker holds, and may have given to another host.
pub(super) fn away(conn: &Connection) -> rusqlite::Result<BTreeMap<String, Away>> {
    let mut select = conn.prepare_cached(
        "SELECT queue, state = 1, count(*) FROM message WHERE carried = 2 AND state <> 3 GROUP BY queue, state = 1",
    )?;
    let mut queues = BTreeMap::<String, Away>::new();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let away = queues.entry(row.get(0)?).or_default();
        let number = u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0);
        *if row.get(1)? { &mut away.delayed } else { &mut away.ready } += number;
    }
    Ok(queues)
}

/// Messages that the book still has and a broker as well.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Away {
    pub(crate) ready: u64,
    pub(crate) delayed: u64,
}

pub(super) fn letters(conn: &Connection, queue: &str, limit: u32) -> rusqlite::Result<Vec<DeadLetter>> {
    let sql = format!(
        "SELECT {COLUMNS}, attempts, reason, status, response, dead_at FROM message
         WHERE queue = ?1 AND state = 4 ORDER BY seq LIMIT ?2"
    );
    let letter = |row: &Row<'_>| {
        Ok(DeadLetter {
            message: message(row)?,
            attempts: row.get(COLUMNS_LEN)?,
            reason: row.get(COLUMNS_LEN + 1)?,
            status: row.get(COLUMNS_LEN + 2)?,
            response: row.get(COLUMNS_LEN + 3)?,
            dead_at_us: row.get(COLUMNS_LEN + 4)?,
        })
    };
    conn.prepare_cached(&sql)?.query_map(params![queue, limit], letter)?.collect()
}

/// Changes the next dead letters of the selection, and takes their ids out of it; `None`: that was all of it.
pub(super) fn change(
    conn: &Connection,
    queue: &str,
    (which, change): (Selection, Change),
    now_us: i64,
) -> rusqlite::Result<(u64, Option<Selection>)> {
    let (places, rest) = match which {
        Selection::All => {
            let places = all(conn, queue)?;
            let rest = (places.len() == CHANGE_ROWS_MAX).then_some(Selection::All);
            (places, rest)
        }
        Selection::Ids(mut ids) => {
            let rest = ids.split_off(ids.len().min(CHANGE_ROWS_MAX));
            (named(conn, queue, &ids)?, (!rest.is_empty()).then_some(Selection::Ids(rest)))
        }
    };
    for seq in &places {
        match change {
            Change::Redrive => redrive(conn, *seq, now_us)?,
            Change::Discard => discard(conn, *seq, now_us)?,
        }
    }
    Ok((u64::try_from(places.len()).unwrap_or(u64::MAX), rest))
}

fn all(conn: &Connection, queue: &str) -> rusqlite::Result<Vec<i64>> {
    conn.prepare_cached("SELECT seq FROM message WHERE queue = ?1 AND state = 4 ORDER BY seq LIMIT ?2")?
        .query_map(params![queue, i64::try_from(CHANGE_ROWS_MAX).unwrap_or(i64::MAX)], |row| row.get(0))?
        .collect()
}

fn named(conn: &Connection, queue: &str, ids: &[String]) -> rusqlite::Result<Vec<i64>> {
    let mut select = conn.prepare_cached("SELECT seq FROM message WHERE queue = ?1 AND id = ?2 AND state = 4")?;
    let mut places = Vec::with_capacity(ids.len());
    for id in ids {
        places.extend(select.query_row([queue, id], |row| row.get::<_, i64>(0)).optional()?);
    }
    // In the order sent, so that a group comes back in order.
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

fn redrive(conn: &Connection, seq: i64, now_us: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE message AS m SET attempts = 0, reason = NULL, status = NULL, response = NULL, dead_at = NULL,
           due_at = ?2, since = ?2,
           state = CASE WHEN m.group_key IS NOT NULL AND EXISTS
             (SELECT 1 FROM message e WHERE e.queue = m.queue AND e.group_key = m.group_key AND e.state <> 4)
             THEN 2 ELSE 0 END
         WHERE seq = ?1",
    )?
    .execute([seq, now_us])?;
    Ok(())
}

fn discard(conn: &Connection, seq: i64, now_us: i64) -> rusqlite::Result<()> {
    let (queue, id): (String, String) = conn
        .prepare_cached("DELETE FROM message WHERE seq = ?1 RETURNING queue, id")?
        .query_row([seq], |row| Ok((row.get(0)?, row.get(1)?)))?;
    remember(conn, &queue, Seen::Id, &id, now_us)?;
    Ok(())
}

pub(super) fn paused(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    conn.prepare_cached("SELECT queue FROM paused")?.query_map([], |row| row.get(0))?.collect()
}

pub(super) fn set_paused(conn: &Connection, queue: &str, paused: bool) -> rusqlite::Result<()> {
    let sql =
        if paused { "INSERT OR IGNORE INTO paused (queue) VALUES (?1)" } else { "DELETE FROM paused WHERE queue = ?1" };
    conn.prepare_cached(sql)?.execute([queue])?;
    Ok(())
}
