//! What an operator sees and does: counts, dead letters, pauses.

use std::collections::BTreeMap;

use super::connection::Connection;
use super::fault::Fault;
use super::lease::{COLUMNS, COLUMNS_LEN, message};
use super::publish::{Seen, remember};
use super::row::Row;
use super::value::values;
use crate::backend::{Counts, DeadLetter, ReleaseCounts, Selection};

/// Dead letters changed in one piece of work, so that sending goes on meanwhile.
const CHANGE_ROWS_MAX: usize = 500;

/// What becomes of a dead letter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Redrive,
    Discard,
}

pub(super) fn counts(conn: &Connection, queues: Vec<String>) -> Result<Vec<Counts>, Fault> {
    let rows = conn.query("SELECT queue, state, count(*), min(since) FROM message GROUP BY queue, state", &[])?;
    let none = |queue: String| (queue.clone(), Counts { queue, ..Counts::default() });
    let mut queues: BTreeMap<String, Counts> = queues.into_iter().map(none).collect();
    for row in rows {
        let queue: String = row.get(0)?;
        let (state, number, since): (i64, u64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
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

pub(super) fn releases(conn: &Connection) -> Result<Vec<ReleaseCounts>, Fault> {
    let sql = "SELECT queue, release, count(*) FILTER (WHERE state <> 4), count(*) FILTER (WHERE state = 4)
               FROM (SELECT queue, release, state FROM message UNION ALL SELECT queue, release, 0 FROM spill) AS held
               GROUP BY queue, release ORDER BY queue, release NULLS FIRST";
    let counts = |row: &Row| {
        let release = row.get::<Option<i64>>(1)?.and_then(|release| u64::try_from(release).ok());
        Ok(ReleaseCounts { queue: row.get(0)?, release, waiting: row.get(2)?, dead: row.get(3)? })
    };
    conn.query(sql, &[])?.iter().map(counts).collect()
}

pub(super) fn absent(conn: &Connection, queue: &str, ids: Vec<String>) -> Result<Vec<String>, Fault> {
    let mut absent = Vec::new();
    for id in ids {
        let sql = "SELECT 1 FROM message WHERE queue = ?1 AND id = ?2 AND state = 4";
        if !conn.exists(sql, values![queue, &id])? {
            absent.push(id);
        }
    }
    Ok(absent)
}

/// How many messages of each queue a broker holds, and may have given to another host.
pub(super) fn away(conn: &Connection) -> Result<BTreeMap<String, Away>, Fault> {
    let rows = conn.query(
        "SELECT queue, count(*) FILTER (WHERE state <> 1), count(*) FILTER (WHERE state = 1)
         FROM message WHERE carried = 2 AND state <> 3 GROUP BY queue",
        &[],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, Away { ready: row.get(1)?, delayed: row.get(2)? }))).collect()
}

/// Messages that the book still has and a broker as well.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Away {
    pub(crate) ready: u64,
    pub(crate) delayed: u64,
}

pub(super) fn letters(conn: &Connection, queue: &str, limit: u32) -> Result<Vec<DeadLetter>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS}, attempts, reason, status, response, dead_at FROM message
         WHERE queue = ?1 AND state = 4 ORDER BY seq LIMIT ?2"
    );
    let letter = |row: &Row| {
        Ok(DeadLetter {
            message: message(row)?,
            attempts: row.get(COLUMNS_LEN)?,
            reason: row.get(COLUMNS_LEN + 1)?,
            status: row.get(COLUMNS_LEN + 2)?,
            response: row.get(COLUMNS_LEN + 3)?,
            dead_at_us: row.get(COLUMNS_LEN + 4)?,
        })
    };
    conn.query(&sql, values![queue, limit])?.iter().map(letter).collect()
}

/// Changes the next dead letters of the selection, and takes their ids out of it; `None`: that was all of it.
pub(super) fn change(
    conn: &Connection,
    queue: &str,
    (which, change): (Selection, Change),
    now_us: i64,
) -> Result<(u64, Option<Selection>), Fault> {
    let (places, rest) = match which {
        Selection::All => {
            let places = all(conn, queue)?;
            let rest = (places.len() >= CHANGE_ROWS_MAX).then_some(Selection::All);
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

fn all(conn: &Connection, queue: &str) -> Result<Vec<i64>, Fault> {
    let limit = i64::try_from(CHANGE_ROWS_MAX).unwrap_or(i64::MAX);
    let sql = "SELECT seq FROM message WHERE queue = ?1 AND state = 4 ORDER BY seq LIMIT ?2";
    conn.query(sql, values![queue, limit])?.iter().map(|row| row.get(0)).collect()
}

fn named(conn: &Connection, queue: &str, ids: &[String]) -> Result<Vec<i64>, Fault> {
    let mut places = Vec::with_capacity(ids.len());
    for id in ids {
        let sql = "SELECT seq FROM message WHERE queue = ?1 AND id = ?2 AND state = 4";
        if let Some(row) = conn.first(sql, values![queue, id])? {
            places.push(row.get(0)?);
        }
    }
    // In the order sent, so that a group comes back in order.
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

fn redrive(conn: &Connection, seq: i64, now_us: i64) -> Result<(), Fault> {
    let sql = "UPDATE message AS m SET attempts = 0, reason = NULL, status = NULL, response = NULL, dead_at = NULL,
                 due_at = ?2, since = ?2,
                 state = CASE WHEN m.group_key IS NOT NULL AND EXISTS
                   (SELECT 1 FROM message e WHERE e.queue = m.queue AND e.group_key = m.group_key AND e.state <> 4)
                   THEN 2 ELSE 0 END
               WHERE seq = ?1";
    conn.execute(sql, values![seq, now_us]).map(drop)
}

fn discard(conn: &Connection, seq: i64, now_us: i64) -> Result<(), Fault> {
    let row = conn.one("DELETE FROM message WHERE seq = ?1 RETURNING queue, id", values![seq])?;
    let (queue, id): (String, String) = (row.get(0)?, row.get(1)?);
    remember(conn, &queue, Seen::Id, &id, now_us).map(drop)
}

pub(super) fn paused(conn: &Connection) -> Result<Vec<String>, Fault> {
    conn.query("SELECT queue FROM paused", &[])?.iter().map(|row| row.get(0)).collect()
}

pub(super) fn set_paused(conn: &Connection, queue: &str, paused: bool) -> Result<(), Fault> {
    let pause = "INSERT INTO paused (queue) VALUES (?1) ON CONFLICT DO NOTHING";
    let sql = if paused { pause } else { "DELETE FROM paused WHERE queue = ?1" };
    conn.execute(sql, values![queue]).map(drop)
}
