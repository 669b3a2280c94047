//! The table of messages that wait for the relay.

use rusqlite::{Connection, params};

use super::connection::Conn;
use crate::{ConstraintKind, Error, OutboxRow};

/// Bodies handed to the relay at once.
const PENDING_BYTES_MAX: usize = 4 << 20;

/// Created by the host in each database. `seq` follows the order of commits, for transactions that write run one after
/// the other; it is never used twice.
const TABLE: &str = "create table if not exists wharf_outbox (
  seq integer primary key autoincrement, id text not null unique, component text not null, topic text not null,
  subject text, content_type text not null, body blob not null, group_key text, dedupe_key text,
  priority integer not null, delay_ms bigint not null, created_us bigint not null,
  release integer)";

const HAS_RELEASE: &str = "select count(*) > 0 from pragma_table_info('wharf_outbox') where name = 'release'";
const ADD_RELEASE: &str = "alter table wharf_outbox add column release integer";

const ADD: &str = "/*wharf*/ insert into wharf_outbox (id, component, topic, subject, content_type, body, group_key,
  dedupe_key, priority, delay_ms, created_us, release) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

const PENDING: &str = "/*wharf*/ select id, component, topic, subject, content_type, body, group_key, dedupe_key,
  priority, delay_ms, created_us, release from wharf_outbox order by seq limit ?1";

const DELETE: &str = "/*wharf*/ delete from wharf_outbox where id = ?1";

/// Creates the table, and the column that an earlier host did not know.
pub(crate) fn create(raw: &Connection) -> rusqlite::Result<()> {
    raw.execute_batch(TABLE)?;
    if raw.query_row(HAS_RELEASE, [], |row| row.get(0))? { Ok(()) } else { raw.execute_batch(ADD_RELEASE) }
}

/// Adds a message to the transaction that is open.
pub(crate) fn add(conn: &Conn, row: &OutboxRow) -> Result<(), Error> {
    let delay_ms = i64::try_from(row.delay_ms).map_err(|_| Error::invalid("delay-ms is too large"))?;
    let release = row.release.map(i64::try_from).transpose().map_err(|_| Error::invalid("no such release"))?;
    let fields = params![
        row.id,
        row.component,
        row.topic,
        row.subject,
        row.content_type,
        row.body,
        row.group_key,
        row.dedupe_key,
        row.priority,
        delay_ms,
        row.created_us,
        release
    ];
    let added = conn.as_host(|raw| raw.prepare_cached(ADD)?.execute(fields).map(drop));
    added.map_err(|error| match error {
        Error::Constraint { kind: ConstraintKind::Unique, .. } => {
            Error::Constraint { kind: ConstraintKind::Unique, name: Some("outgoing.id".to_owned()) }
        }
        error => error,
    })
}

/// The oldest messages.
pub(crate) fn pending(conn: &Conn, limit: u32) -> Result<Vec<OutboxRow>, Error> {
    conn.as_host(|raw| {
        let mut statement = raw.prepare_cached(PENDING)?;
        let mut rows = statement.query([limit])?;
        let mut pending = Vec::new();
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            let message = OutboxRow {
                id: row.get(0)?,
                component: row.get(1)?,
                topic: row.get(2)?,
                subject: row.get(3)?,
                content_type: row.get(4)?,
                body: row.get(5)?,
                group_key: row.get(6)?,
                dedupe_key: row.get(7)?,
                priority: row.get(8)?,
                delay_ms: u64::try_from(row.get::<_, i64>(9)?).unwrap_or(0),
                created_us: row.get(10)?,
                release: row.get::<_, Option<i64>>(11)?.and_then(|release| u64::try_from(release).ok()),
            };
            bytes += message.body.len();
            if bytes > PENDING_BYTES_MAX && !pending.is_empty() {
                break;
            }
            pending.push(message);
        }
        Ok(pending)
    })
}

/// Forgets messages, all or none.
pub(crate) fn delete(conn: &Conn, ids: &[String]) -> Result<(), Error> {
    super::statement::begin_write(conn)?;
    conn.as_host(|raw| {
        let mut statement = raw.prepare_cached(DELETE)?;
        for id in ids {
            statement.execute([id])?;
        }
        Ok(())
    })?;
    super::statement::commit(conn)
}
