//! Runs migrations: each once, in one transaction, with its checksum recorded.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rusqlite::params;

use super::authority::Mode;
use super::connection::Conn;
use super::statement;
use crate::migration::pending;
use crate::{AppliedMigration, Clock, Error, Migration, Phase};

/// How long another process may hold the file.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// Created by the host in each database.
pub(crate) const TABLE: &str = "create table if not exists schema_migrations (
  version integer primary key, name text not null, phase text not null, checksum text not null,
  applied_at timestamptz not null)";

/// Runs what is pending of one phase, in the order of versions.
pub(crate) fn run(conn: &Conn, migrations: Vec<Migration>, phase: Phase, clock: &Clock) -> Result<(), Error> {
    for migration in pending(migrations, phase, &applied(conn)?)? {
        // Dropped half-way, the connection rolls back.
        apply(conn, &migration, clock).inspect_err(|_| undo(conn))?;
        tracing::info!(file = migration.file_name(), "migration applied");
    }
    Ok(())
}

/// What has run.
pub(crate) fn list(conn: &Conn) -> Result<Vec<AppliedMigration>, Error> {
    conn.as_host(|raw| {
        let select = "select version, name, phase, checksum from schema_migrations order by version";
        let mut statement = raw.prepare(select)?;
        let rows = statement.query_map([], |row| {
            let (name, phase): (String, String) = (row.get(1)?, row.get(2)?);
            Ok(AppliedMigration::new(row.get(0)?, &name, &phase, row.get(3)?))
        })?;
        rows.collect()
    })
}

fn applied(conn: &Conn) -> Result<BTreeMap<u32, String>, Error> {
    conn.as_host(|raw| {
        let mut statement = raw.prepare("select version, checksum from schema_migrations")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    })
}

fn apply(conn: &Conn, migration: &Migration, clock: &Clock) -> Result<(), Error> {
    conn.watch.arm(Instant::now() + LOCK_WAIT, false);
    statement::begin_write(conn)?;
    conn.watch.disarm();
    conn.with_mode(Mode::Migration, |raw| raw.execute_batch(&migration.sql)).map_err(|error| match error {
        Error::Denied => migration.refuse("it touches a table of the host"),
        error => migration.refuse(&error.to_string()),
    })?;
    let fields = params![migration.version, migration.name, migration.phase.as_str(), migration.checksum(), clock()];
    conn.as_host(|raw| {
        let insert = "insert into schema_migrations (version, name, phase, checksum, applied_at)
                      values (?1, ?2, ?3, ?4, ?5)";
        raw.execute(insert, fields)
    })?;
    statement::commit(conn).map_err(|error| migration.refuse(&error.to_string()))
}

fn undo(conn: &Conn) {
    conn.watch.disarm();
    if conn.in_transaction()
        && let Err(error) = conn.as_host(|raw| raw.execute_batch("ROLLBACK"))
    {
        tracing::error!(%error, "a rollback failed");
    }
}
