//! The table of messages that wait for the relay.

use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::connection::Conn;
use super::failure::{Failure, translate};
use crate::{ConstraintKind, Error, OutboxRow};

/// Bodies handed to the relay at once.
const PENDING_BYTES_MAX: i64 = 4 << 20;

/// Locks of the host in a database: this number, and one of those below.
pub(crate) const LOCKS: i32 = 0x7768_6172;

/// Held from the writing of messages to the end of their commit, so that `seq` follows the order of commits.
const LOCK_OUTBOX: i32 = 1;

/// The rule that an id waits once.
pub(crate) const ID_RULE: &str = "wharf_outbox_id";

/// Created by the host in each database, for the host's own role; the component's role may add, read and remove, and
/// its statements may not name it.
pub(crate) const TABLE: &str = "create table if not exists wharf_outbox (
  seq bigint generated always as identity primary key, id text not null constraint wharf_outbox_id unique,
  component text not null, topic text not null, subject text, content_type text not null, body bytea not null,
  group_key text, dedupe_key text, priority smallint not null, delay_ms bigint not null, created_us bigint not null,
  release bigint)";

/// The limits of bodies are the server's affair: what is not handed over is not sent.
const PENDING: &str = "select id, component, topic, subject, content_type, body, group_key, dedupe_key,
  priority, delay_ms, created_us, release
  from (select *, sum(octet_length(body)) over (order by seq) as bytes
        from (select * from wharf_outbox order by seq limit $1) oldest) counted
  where bytes <= $2 or bytes = octet_length(body) order by seq";

/// Does not wait for the disk: what a crash of the server brings back is handed over once more, with the same id. Waiting, it
/// would keep the commits of requests from the disk.
const DELETE: &str = "delete from wharf_outbox using (select set_config('synchronous_commit', 'off', true)) lazily
  where id = any($1)";

/// The error of an id that is there already.
pub(crate) fn sent_already() -> Error {
    Error::Constraint { kind: ConstraintKind::Unique, name: Some("outgoing.id".to_owned()) }
}

/// Statements that write messages, with a semicolon at the end. They are text, so that they can go to the server
/// together with the commit.
pub(crate) fn insert_text(messages: &[OutboxRow]) -> Result<String, Failure> {
    let bytes: usize = messages.iter().map(|message| message.body.len() * 2 + 512).sum();
    let mut text = format!("SELECT pg_advisory_xact_lock({LOCKS}, {LOCK_OUTBOX}); ");
    text.reserve(bytes);
    text.push_str(
        "INSERT INTO wharf_outbox (id, component, topic, subject, content_type, body, group_key, dedupe_key, priority,
         delay_ms, created_us, release) VALUES ",
    );
    let too_large = |_| Failure::untouched(Error::invalid("delay-ms or the release's number is too large"));
    for (index, message) in messages.iter().enumerate() {
        let delay_ms = i64::try_from(message.delay_ms).map_err(too_large)?;
        let release = message.release.map(i64::try_from).transpose().map_err(too_large)?;
        let optional = |text: &Option<String>| text.as_deref().map_or_else(|| "NULL".to_owned(), quote);
        text.push_str(if index == 0 { "(" } else { ", (" });
        let fields = [
            quote(&message.id),
            quote(&message.component),
            quote(&message.topic),
            optional(&message.subject),
            quote(&message.content_type),
            bytes_text(&message.body),
            optional(&message.group_key),
            optional(&message.dedupe_key),
            message.priority.to_string(),
            delay_ms.to_string(),
            message.created_us.to_string(),
            release.map_or_else(|| "NULL".to_owned(), |release| release.to_string()),
        ];
        text.push_str(&fields.join(", "));
        text.push(')');
    }
    text.push_str("; ");
    Ok(text)
}

/// The oldest messages.
pub(crate) async fn pending(conn: &mut Conn, limit: u32) -> Result<Vec<OutboxRow>, Failure> {
    let failed = |error: sqlx::Error| translate(&error, "");
    let query = sqlx::query(PENDING).bind(i64::from(limit)).bind(PENDING_BYTES_MAX);
    let rows = query.fetch_all(&mut conn.raw).await.map_err(failed)?;
    rows.iter().map(|row| read(row).map_err(failed)).collect()
}

fn read(row: &PgRow) -> Result<OutboxRow, sqlx::Error> {
    Ok(OutboxRow {
        id: row.try_get(0)?,
        component: row.try_get(1)?,
        topic: row.try_get(2)?,
        subject: row.try_get(3)?,
        content_type: row.try_get(4)?,
        body: row.try_get(5)?,
        group_key: row.try_get(6)?,
        dedupe_key: row.try_get(7)?,
        priority: u8::try_from(row.try_get::<i16, _>(8)?).unwrap_or(0),
        delay_ms: u64::try_from(row.try_get::<i64, _>(9)?).unwrap_or(0),
        created_us: row.try_get(10)?,
        release: row.try_get::<Option<i64>, _>(11)?.and_then(|release| u64::try_from(release).ok()),
    })
}

/// Forgets messages, all or none.
pub(crate) async fn delete(conn: &mut Conn, ids: &[String]) -> Result<(), Failure> {
    let deleted = sqlx::query(DELETE).bind(ids).execute(&mut conn.raw).await;
    deleted.map(drop).map_err(|error| translate(&error, ""))
}

/// A string literal. Backslashes mean themselves, for every connection has `standard_conforming_strings` on.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name in quotes.
pub(crate) fn quote_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn bytes_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2 + 5);
    text.push_str("'\\x");
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::{bytes_text, quote, quote_name};

    #[test]
    fn literals_cannot_be_left() {
        assert_eq!(quote("it's \\' ok"), "'it''s \\'' ok'");
        assert_eq!(quote_name("a\"b"), "\"a\"\"b\"");
        assert_eq!(bytes_text(&[0, 39, 255]), "'\\x0027ff'");
    }
}
