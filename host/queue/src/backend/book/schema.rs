//! Tables of the embedded queue, and how the file is opened.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use crate::Error;

/// A host that starts while its predecessor still ends waits this long for the file.
const OWNER_WAIT: Duration = Duration::from_secs(5);
/// Statements kept prepared; there are about thirty.
const STATEMENTS_MAX: usize = 64;

/// A message waits for its time or its lease to end (`due_at`), for its group, or for a free place.
///
/// | state | meaning | leaves it by |
/// |---|---|---|
/// | 0 ready | may be taken | being taken |
/// | 1 waiting | not before `due_at` | time |
/// | 2 held | another message of its group comes first | that one being settled |
/// | 3 leased | being handled until `due_at` | being settled, or time |
/// | 4 dead | given up | the operator |
///
/// `carried` says what a broker has to do with a message, where there is one: 0 nothing (or nothing any more), 1 it
/// holds the message until this host has settled it, 2 it does, but the connection that brought the message is gone:
/// the message is not taken before it is brought again, since another host may have it meanwhile.
///
/// Of the messages of a group that are not dead exactly one is not held: the earliest, except while a later one was
/// already under way when the operator brought an earlier one back. `since` is the time at which a message could
/// first have been delivered; it stands in the index so that counting reads no rows.
const TABLES: &str = "
CREATE TABLE message (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL,
  id TEXT NOT NULL,
  state INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  since INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  lease INTEGER,
  group_key TEXT,
  source TEXT NOT NULL,
  topic TEXT NOT NULL,
  subject TEXT,
  content_type TEXT NOT NULL,
  dedupe_key TEXT,
  deliver_at INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  reason TEXT,
  status INTEGER,
  response TEXT,
  dead_at INTEGER,
  body BLOB NOT NULL,
  UNIQUE (queue, id)
) STRICT;
CREATE INDEX message_next ON message (queue, state, priority DESC, seq, since);
CREATE INDEX message_due ON message (queue, due_at) WHERE state IN (1, 3);
CREATE INDEX message_group ON message (queue, group_key, seq) WHERE group_key IS NOT NULL AND state <> 4;
CREATE TABLE seen (
  queue TEXT NOT NULL,
  kind INTEGER NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (queue, kind, key)
) STRICT;
CREATE INDEX seen_at ON seen (at);
CREATE TABLE paused (queue TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE cron (
  component TEXT NOT NULL,
  name TEXT NOT NULL,
  last_slot INTEGER NOT NULL,
  PRIMARY KEY (component, name)
) STRICT, WITHOUT ROWID;
";
/// What a broker needs beside: what it holds for this host, messages that wait for it, and which message first had a
/// dedupe key, since a broker may bring that one again.
const BROKER: &str = "
ALTER TABLE message ADD COLUMN carried INTEGER NOT NULL DEFAULT 0;
CREATE INDEX message_carried ON message (queue) WHERE carried = 1;
CREATE INDEX message_away ON message (queue, state) WHERE carried = 2;
ALTER TABLE seen ADD COLUMN id TEXT;
CREATE TABLE spill (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL,
  id TEXT NOT NULL,
  source TEXT NOT NULL,
  topic TEXT NOT NULL,
  subject TEXT,
  content_type TEXT NOT NULL,
  body BLOB NOT NULL,
  group_key TEXT,
  dedupe_key TEXT,
  priority INTEGER NOT NULL,
  deliver_at INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  release INTEGER
) STRICT;
CREATE INDEX spill_queue ON spill (queue);
";
/// What leads from each version of the tables to the next, from none to the present one.
const STEPS: [&str; 4] = [TABLES, "ALTER TABLE message ADD COLUMN release INTEGER", RELEASE_IN_INDEX, BROKER];
/// The release comes after the body in a row. In the index it is counted by without reading either.
const RELEASE_IN_INDEX: &str = "
DROP INDEX message_next;
CREATE INDEX message_next ON message (queue, state, priority DESC, seq, since, release);
";

/// Opens or creates the file as its only owner and gives back what an earlier owner had taken.
///
/// # Errors
/// [`Error::Store`]: not a queue file, or another process owns it.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    let mut conn = Connection::open(path).map_err(Error::store("opening the file"))?;
    prepare(&mut conn).map_err(Error::store("preparing the file, which another process may own"))?;
    let version = version(&conn).map_err(Error::store("reading the version"))?;
    if version != STEPS.len() {
        return Err(Error::Config {
            what: path.display().to_string(),
            problem: format!("is of version {version}, this host knows version {}", STEPS.len()),
        });
    }
    Ok(conn)
}

fn prepare(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    conn.busy_timeout(OWNER_WAIT)?;
    // Exclusive: leases of an earlier life can only be given back at once where nobody else can hold one.
    conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update_and_check(None, "journal_size_limit", 64 << 20, |_| Ok(()))?;
    let setup = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version = version(&setup)?;
    if let Some(missing) = STEPS.get(version..) {
        for step in missing {
            setup.execute_batch(step)?;
        }
        setup.pragma_update(None, "user_version", i64::try_from(STEPS.len()).unwrap_or(i64::MAX))?;
        setup.execute("UPDATE message SET state = 0, lease = NULL WHERE state = 3", [])?;
        setup.execute("UPDATE message SET carried = 2 WHERE carried = 1", [])?;
    }
    setup.commit()
}

/// How many of the [`STEPS`] the file has behind it. A later host's file may have more.
fn version(conn: &Connection) -> rusqlite::Result<usize> {
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_first_version_keeps_its_messages_and_gains_the_release() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("q");
        let first = Connection::open(&path).expect("a file");
        first.execute_batch(TABLES).expect("the tables of the first version");
        let insert = "INSERT INTO message (queue, id, state, priority, due_at, since, source, topic, content_type,
                        deliver_at, sent_at, body) VALUES ('q', 'm', 0, 4, 0, 0, 's', 't', 'text/plain', 0, 0, x'')";
        first.execute(insert, []).expect("room");
        first.pragma_update(None, "user_version", 1).expect("a version");
        drop(first);
        for _ in 0..2 {
            let conn = open(&path).expect("it opens, also again");
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
            let kept: (String, Option<i64>) =
                conn.query_row("SELECT id, release FROM message", [], row).expect("the message");
            assert_eq!(kept, ("m".to_owned(), None));
        }
    }

    #[test]
    fn a_file_of_a_later_version_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("q");
        let later = Connection::open(&path).expect("a file");
        later.pragma_update(None, "user_version", 99).expect("a version");
        drop(later);
        let Err(Error::Config { problem, .. }) = open(&path) else { panic!("it opened") };
        assert!(problem.starts_with("is of version 99"), "{problem}");
        assert_eq!(version(&Connection::open(&path).expect("a file")).expect("a version"), 99);
    }
}
