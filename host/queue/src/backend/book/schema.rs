//! Tables of the book on either engine.

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
/// holds the message until the host that it brought it to has settled it, 2 it does, but the connection that brought the
/// message is gone: the message is not taken before it is brought again, since another host may have it meanwhile.
/// `carrier` is the life of a host that a carried message was brought to: a number that each start of a host draws.
///
/// Of the messages of a group that are not dead exactly one is not held: the earliest, except while a later one was
/// already under way when the operator brought an earlier one back. `since` is the time at which a message could
/// first have been delivered; it stands in the index so that counting reads no rows.
pub(super) const FIRST_TABLES: &str = "
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
/// The release comes after the body in a row. In the index it is counted by without reading either.
const RELEASE_IN_INDEX: &str = "
DROP INDEX message_next;
CREATE INDEX message_next ON message (queue, state, priority DESC, seq, since, release);
";
/// Which life of which host a carried message was brought to.
const CARRIER: &str = "ALTER TABLE message ADD COLUMN carrier INTEGER";
/// What leads from each version of the file to the next, from none to the present one.
pub(super) const FILE_STEPS: [&str; 5] =
    [FIRST_TABLES, "ALTER TABLE message ADD COLUMN release INTEGER", RELEASE_IN_INDEX, BROKER, CARRIER];

/// The same tables on a server. Names of queues, ids and keys are compared as SQLite does, byte by byte. Rows come and
/// go all the time, so the tables are cleaned often; the server's own default is for tables that grow.
const SERVER_TABLES: &str = "
CREATE TABLE message (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue TEXT COLLATE \"C\" NOT NULL,
  id TEXT COLLATE \"C\" NOT NULL,
  state BIGINT NOT NULL,
  priority BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  since BIGINT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  lease BIGINT,
  carried BIGINT NOT NULL DEFAULT 0,
  carrier BIGINT,
  group_key TEXT COLLATE \"C\",
  source TEXT NOT NULL,
  topic TEXT NOT NULL,
  subject TEXT,
  content_type TEXT NOT NULL,
  dedupe_key TEXT,
  deliver_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  release BIGINT,
  reason TEXT,
  status BIGINT,
  response TEXT,
  dead_at BIGINT,
  body BYTEA NOT NULL,
  UNIQUE (queue, id)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
        autovacuum_analyze_scale_factor = 0.1);
CREATE INDEX message_next ON message (queue, state, priority DESC, seq, since, release);
CREATE INDEX message_due ON message (queue, due_at) WHERE state IN (1, 3);
CREATE INDEX message_group ON message (queue, group_key, seq) WHERE group_key IS NOT NULL AND state <> 4;
CREATE INDEX message_carried ON message (queue) WHERE carried > 0;
CREATE TABLE seen (
  queue TEXT COLLATE \"C\" NOT NULL,
  kind BIGINT NOT NULL,
  key TEXT COLLATE \"C\" NOT NULL,
  at BIGINT NOT NULL,
  id TEXT,
  PRIMARY KEY (queue, kind, key)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX seen_at ON seen (at);
CREATE TABLE paused (queue TEXT COLLATE \"C\" PRIMARY KEY);
CREATE TABLE cron (
  component TEXT COLLATE \"C\" NOT NULL,
  name TEXT COLLATE \"C\" NOT NULL,
  last_slot BIGINT NOT NULL,
  PRIMARY KEY (component, name)
);
CREATE TABLE spill (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue TEXT COLLATE \"C\" NOT NULL,
  id TEXT NOT NULL,
  source TEXT NOT NULL,
  topic TEXT NOT NULL,
  subject TEXT,
  content_type TEXT NOT NULL,
  body BYTEA NOT NULL,
  group_key TEXT,
  dedupe_key TEXT,
  priority BIGINT NOT NULL,
  deliver_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  release BIGINT
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX spill_queue ON spill (queue);
";
/// What leads from each version of the server's tables to the next.
pub(super) const SERVER_STEPS: [&str; 1] = [SERVER_TABLES];
