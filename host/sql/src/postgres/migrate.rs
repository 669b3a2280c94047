//! Runs migrations: each once, in one transaction, with its checksum recorded, by one host at a time.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{Connection as _, Row as _};
use tokio::time::{sleep, timeout};

use super::connection::{STOP_WAIT, connect, simple};
use super::failure::{Failure, translate};
use super::guard::judge;
use super::lexer::{Token, tokens};
use super::outbox::{LOCKS, quote};
use crate::migration::pending;
use crate::{AppliedMigration, Clock, Error, Migration, Phase};

/// Created by the host in each database.
pub(crate) const TABLE: &str = "create table if not exists schema_migrations (
  version integer primary key, name text not null, phase text not null, checksum text not null,
  applied_at timestamptz not null)";

/// Held while a host runs migrations of a database.
const LOCK_MIGRATIONS: i32 = 2;

/// How long another host may run migrations of the same database.
const OTHER_HOST_WAIT: Duration = Duration::from_mins(5);

/// How long a change of a table may wait for those who use it: whoever comes after waits behind it.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Pauses before another attempt to get the locks of a migration.
const LOCK_PAUSES: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// Runs what is pending of one phase, in the order of versions, over a connection of its own. Unbounded in time on
/// purpose: a large table takes as long as it takes, and whoever else uses the database goes on.
pub(crate) async fn run(
    options: &PgConnectOptions,
    migrations: Vec<Migration>,
    phase: Phase,
    clock: &Clock,
) -> Result<(), Error> {
    let mut raw = connect(options).await?;
    let (lock, wait) = (format!("{LOCKS}, {LOCK_MIGRATIONS}"), OTHER_HOST_WAIT.as_millis());
    // The connection is closed at the end, and the lock with it.
    let begin = format!("SET statement_timeout = 0; SET lock_timeout = {wait}; SELECT pg_advisory_lock({lock})");
    simple(&mut raw, begin).await.map_err(|failure| match failure.error {
        Error::Timeout => Error::unavailable("another host runs its migrations"),
        error => error,
    })?;
    for migration in pending(migrations, phase, &applied(&mut raw).await?)? {
        apply(&mut raw, &migration, clock).await?;
        tracing::info!(file = migration.file_name(), "migration applied");
    }
    drop(timeout(STOP_WAIT, raw.close()).await);
    Ok(())
}

/// What has run.
pub(crate) async fn list(raw: &mut PgConnection) -> Result<Vec<AppliedMigration>, Failure> {
    let failed = |error: sqlx::Error| translate(&error, "");
    let select = "select version, name, phase, checksum from schema_migrations order by version";
    let rows = sqlx::query(select).fetch_all(raw).await.map_err(failed)?;
    let read = |row: &PgRow| {
        let version = u32::try_from(row.try_get::<i32, _>(0)?).unwrap_or(0);
        let (name, phase): (String, String) = (row.try_get(1)?, row.try_get(2)?);
        Ok(AppliedMigration::new(version, &name, &phase, row.try_get(3)?))
    };
    rows.iter().map(|row| read(row).map_err(failed)).collect()
}

async fn applied(raw: &mut PgConnection) -> Result<BTreeMap<u32, String>, Failure> {
    let failed = |error: sqlx::Error| translate(&error, "");
    let rows = sqlx::query("select version, checksum from schema_migrations").fetch_all(raw).await.map_err(failed)?;
    let version = |row: &PgRow| row.try_get::<i32, _>(0).map(|version| u32::try_from(version).unwrap_or(0));
    rows.iter().map(|row| Ok((version(row).map_err(failed)?, row.try_get(1).map_err(failed)?))).collect()
}

async fn apply(raw: &mut PgConnection, migration: &Migration, clock: &Clock) -> Result<(), Error> {
    let statements = statements(migration)?;
    let mut pauses = LOCK_PAUSES.iter();
    loop {
        let result = attempt(raw, migration, &statements, clock()).await;
        let Err(failure) = result else { return Ok(()) };
        simple(raw, "ROLLBACK").await?;
        match (&failure.error, pauses.next()) {
            (Error::Timeout | Error::Conflict, Some(pause)) => sleep(*pause).await,
            (Error::Timeout, None) => return Err(migration.refuse("a table it changes is in use all the time")),
            (error, _) => return Err(migration.refuse(&error.to_string())),
        }
    }
}

async fn attempt(
    raw: &mut PgConnection,
    migration: &Migration,
    statements: &[&str],
    now_us: i64,
) -> Result<(), Failure> {
    simple(raw, format!("BEGIN; SET LOCAL lock_timeout = {}", LOCK_WAIT.as_millis())).await?;
    for statement in statements {
        simple(raw, *statement).await?;
    }
    let recorded = format!(
        "INSERT INTO schema_migrations (version, name, phase, checksum, applied_at) VALUES ({}, {}, {}, {},
         timestamptz 'epoch' + {now_us} * interval '1 microsecond'); COMMIT",
        migration.version,
        quote(&migration.name),
        quote(migration.phase.as_str()),
        quote(&migration.checksum()),
    );
    simple(raw, recorded).await
}

/// The statements of a migration, each of which keeps to the component's own tables.
fn statements(migration: &Migration) -> Result<Vec<&str>, Error> {
    let refuse = |error: &Error| match error {
        Error::Denied => migration.refuse("it touches a table of the host"),
        error => migration.refuse(&error.to_string()),
    };
    let text = migration.sql.as_str();
    let tokens = tokens(text).map_err(|unreadable| migration.refuse(unreadable.reason))?;
    let mut statements = Vec::new();
    let (mut start, mut filled) = (0, false);
    let end = (Token::Sign(';'), text.len());
    for (token, at) in tokens.iter().chain([&end]) {
        if *token != Token::Sign(';') {
            filled = true;
            continue;
        }
        let statement = text.get(start..*at).unwrap_or_default();
        if filled {
            judge(statement).map_err(|error| refuse(&error))?;
            statements.push(statement);
        }
        (start, filled) = (at.saturating_add(1), false);
    }
    Ok(statements)
}

#[cfg(test)]
mod tests {
    use super::statements;
    use crate::{Error, Migration};

    fn migration(text: &str) -> Migration {
        Migration::parse_dir_entry("0001_a.expand.sql", text).unwrap().unwrap()
    }

    #[test]
    fn statements_end_at_semicolons_outside_of_texts() {
        let migration =
            migration("-- one; two\ncreate table a (b text default ';');\n;\ninsert into a values ($$;$$)\n");
        let found = statements(&migration).unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[1].contains("insert"));
    }

    #[test]
    fn a_migration_keeps_to_its_own_tables() {
        for text in ["select 1; commit;", "drop table wharf_outbox", "create extension x", "select 'open"] {
            assert!(matches!(statements(&migration(text)), Err(Error::Migration { .. })), "{text}");
        }
    }
}
