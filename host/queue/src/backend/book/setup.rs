//! Makes the book's schema on a server where it is absent, and brings it to the present version.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};
use tokio::time::timeout;

use super::complaint::BookComplaint;
use super::config::PostgresConfig;
use super::schema::SERVER_STEPS;
use crate::Clock;

/// The oldest server that is supported, as it numbers itself.
const VERSION_MIN: u32 = 150_000;
/// Bound of a probe.
const PROBE_WAIT: Duration = Duration::from_secs(10);
/// How far the server's clock may be from the host's. Two hosts are then at most twice as far apart, and a lease that is
/// renewed every three of its ten seconds never ends early for either.
const SKEW_MAX_US: i64 = 3_000_000;

/// Waits for the transactions of other hosts with this book.
pub(super) fn lock(config: &PostgresConfig) -> String {
    format!("SELECT pg_advisory_xact_lock(hashtextextended('{}', 0))", config.schema)
}

/// Leaves the schema at the version that this host knows.
pub(super) async fn prepare(raw: &mut PgConnection, config: &PostgresConfig) -> Result<(), BookComplaint> {
    suffices(raw)?;
    let failed = |error| BookComplaint::of(config, &error);
    run(raw, format!("BEGIN; {}", lock(config))).await.map_err(failed)?;
    let version = version(raw, config).await?;
    let known = SERVER_STEPS.len();
    let Some(missing) = SERVER_STEPS.get(version..) else {
        let count = |number| u64::try_from(number).unwrap_or(u64::MAX);
        return Err(BookComplaint::Later { version: count(version), known: count(known) });
    };
    for step in missing {
        run(raw, *step).await.map_err(failed)?;
    }
    if !missing.is_empty() {
        run(raw, format!("UPDATE version SET version = {known}")).await.map_err(failed)?;
    }
    run(raw, "COMMIT").await.map_err(failed)
}

/// How many of the [`SERVER_STEPS`] the schema has behind it; makes what says so where it is absent.
async fn version(raw: &mut PgConnection, config: &PostgresConfig) -> Result<usize, BookComplaint> {
    let failed = |error| BookComplaint::of(config, &error);
    let schema = &config.schema;
    let known = format!("SELECT to_regnamespace('{schema}') IS NOT NULL, to_regclass('{schema}.version') IS NOT NULL");
    let known = sqlx::query(AssertSqlSafe(known)).persistent(false).fetch_one(&mut *raw).await.map_err(failed)?;
    let is_there = |index: usize| known.try_get::<bool, _>(index).map_err(failed);
    // An operator may have made it for a role that may make none.
    if !is_there(0)? {
        run(raw, format!("CREATE SCHEMA {schema}")).await.map_err(failed)?;
    }
    if !is_there(1)? {
        let make =
            format!("CREATE TABLE {schema}.version (version BIGINT NOT NULL); INSERT INTO {schema}.version VALUES (0)");
        run(raw, make).await.map_err(failed)?;
    }
    let version = sqlx::query("SELECT version FROM version").persistent(false).fetch_one(&mut *raw).await;
    let version: i64 = version.and_then(|row| row.try_get(0)).map_err(failed)?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

async fn run(raw: &mut PgConnection, statements: impl Into<String>) -> sqlx::Result<()> {
    raw.execute(sqlx::raw_sql(AssertSqlSafe(statements.into()))).await.map(drop)
}

fn suffices(raw: &PgConnection) -> Result<(), BookComplaint> {
    match raw.server_version_num() {
        Some(version) if version < VERSION_MIN => Err(BookComplaint::Version { major: version / 10_000 }),
        _ => Ok(()),
    }
}

impl PostgresConfig {
    /// Logs in and looks whether the server will do; what is wrong, nothing if all is well. Within 10 s, on a tokio
    /// runtime. Changes nothing there. `clock` tells the host's wall-clock time.
    pub async fn probe(&self, clock: &Clock) -> Vec<BookComplaint> {
        match timeout(PROBE_WAIT, examine(self, clock)).await {
            Ok(Ok(())) => Vec::new(),
            Ok(Err(complaint)) => vec![complaint],
            Err(_) => vec![BookComplaint::unreachable(self, &"no answer within 10 s")],
        }
    }
}

async fn examine(config: &PostgresConfig, clock: &Clock) -> Result<(), BookComplaint> {
    if !config.is_plain() {
        return Err(BookComplaint::Name { schema: config.schema.clone() });
    }
    let failed = |error| BookComplaint::of(config, &error);
    let mut raw = PgConnection::connect_with(&config.options(&[])).await.map_err(failed)?;
    suffices(&raw)?;
    let schema = &config.schema;
    let facts = format!(
        "SELECT CASE WHEN to_regnamespace('{schema}') IS NULL THEN has_database_privilege(current_database(), 'CREATE')
           ELSE has_schema_privilege(to_regnamespace('{schema}')::oid, 'CREATE') END,
           (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    );
    let before_us = clock();
    let row = sqlx::query(AssertSqlSafe(facts)).fetch_one(&mut raw).await.map_err(failed)?;
    let middle_us = before_us / 2 + clock() / 2;
    let may: bool = row.try_get(0).map_err(failed)?;
    let ahead_us = row.try_get::<i64, _>(1).map_err(failed)?.saturating_sub(middle_us);
    drop(raw.close().await);
    if !may {
        let (user, schema) = (config.user.clone(), config.schema.clone());
        return Err(BookComplaint::Right { user, schema, reason: "CREATE is missing".to_owned() });
    }
    if ahead_us.abs() > SKEW_MAX_US {
        return Err(BookComplaint::Clock { seconds: ahead_us / 1_000_000 });
    }
    Ok(())
}
