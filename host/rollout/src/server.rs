//! A PostgreSQL server that keeps journal and releases beside the state folder.
//!
//! ```text
//! wharf_rollout.journal   one row: the sequence of the record, and the record as the file has it
//! wharf_rollout.release   number, and the sealed record
//! wharf_rollout.object    digest, and the bytes
//! ```
//!
//! The server's word counts; the folder is a copy from which this host works, so that a machine may be lost with its disk.
//! Every change is such that doing it again changes nothing: a connection that breaks is made anew, and the change tried
//! again, for [`PATIENCE`].

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Row};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

use crate::{Digest, Error, ReleaseId, Swept};

/// How long a server that is away is waited for: a restart takes some seconds, and who deploys is waiting.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bound of one attempt; the largest objects take a second or two.
const ATTEMPT: Duration = Duration::from_secs(10);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(250);
/// The oldest server that is supported, as it numbers itself.
const VERSION_MIN: u32 = 150_000;

/// Held while tables are made, so that hosts that start at once do not trip over each other.
const TABLES: &str = "
BEGIN;
SELECT pg_advisory_xact_lock(8705401, 1);
CREATE SCHEMA IF NOT EXISTS wharf_rollout;
CREATE TABLE IF NOT EXISTS wharf_rollout.journal (
  one BOOLEAN PRIMARY KEY CHECK (one),
  sequence BIGINT NOT NULL,
  record BYTEA NOT NULL
);
CREATE TABLE IF NOT EXISTS wharf_rollout.release (id BIGINT PRIMARY KEY, record BYTEA NOT NULL);
CREATE TABLE IF NOT EXISTS wharf_rollout.object (digest TEXT PRIMARY KEY, bytes BYTEA NOT NULL);
COMMIT;
";

/// A server, connected when it is needed. Calls block; they come from any thread.
pub struct Server {
    line: Mutex<Line>,
}

/// Without the options, which hold a password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

struct Line {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
    // The connection is that of this runtime. Gone only while the line is dropped.
    runtime: Option<Runtime>,
}

impl Server {
    /// Connects, and makes the tables where they are absent. The options name a database of the host's own.
    ///
    /// # Errors
    /// [`Error::Server`] when there is no such server, it is older than 15, or refuses.
    pub fn open(options: PgConnectOptions) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::Server { reason: error.to_string() })?;
        let options = options.options([("statement_timeout", ATTEMPT.as_millis().to_string())]);
        let line = Line { options, connection: None, runtime: Some(runtime) };
        let server = Self { line: Mutex::new(line) };
        server.run(async |connection| sqlx::raw_sql(TABLES).execute(connection).await.map(drop))?;
        Ok(server)
    }

    /// The journal's record, as it was written last.
    pub(crate) fn journal(&self) -> Result<Option<Vec<u8>>, Error> {
        let read = async |connection: &mut PgConnection| {
            let row = sqlx::query("SELECT record FROM wharf_rollout.journal").fetch_optional(connection).await?;
            row.map(|row| row.try_get(0)).transpose()
        };
        self.run(read)
    }

    /// Whether anything was ever deployed.
    ///
    /// # Errors
    /// [`Error::Server`].
    pub fn has_journal(&self) -> Result<bool, Error> {
        self.journal().map(|record| record.is_some())
    }

    /// Puts a record in the place of the one with sequence `before`; any, where there is none yet.
    ///
    /// # Errors
    /// [`Error::Conflict`] where another host has written since; [`Error::Server`].
    pub(crate) fn write_journal(&self, before: u64, after: u64, record: &[u8]) -> Result<(), Error> {
        let [before, after] = [before, after].map(|sequence| i64::try_from(sequence).unwrap_or(i64::MAX));
        let write = async |connection: &mut PgConnection| {
            let sql = "INSERT INTO wharf_rollout.journal AS there (one, sequence, record) VALUES (true, $2, $3)
                       ON CONFLICT (one) DO UPDATE SET sequence = excluded.sequence, record = excluded.record
                       WHERE there.sequence = $1 OR there.record = excluded.record";
            sqlx::query(sql).bind(before).bind(after).bind(record).execute(connection).await
        };
        if self.run(write)?.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict) }
    }

    /// The releases on record.
    pub(crate) fn releases(&self) -> Result<BTreeSet<ReleaseId>, Error> {
        let read = async |connection: &mut PgConnection| {
            let rows = sqlx::query("SELECT id FROM wharf_rollout.release").fetch_all(connection).await?;
            rows.iter().map(|row| Ok(ReleaseId(row.try_get::<i64, _>(0)?.unsigned_abs()))).collect()
        };
        self.run(read)
    }

    /// A release's sealed record.
    pub(crate) fn release(&self, id: ReleaseId) -> Result<Option<Vec<u8>>, Error> {
        let read = async |connection: &mut PgConnection| {
            let sql = "SELECT record FROM wharf_rollout.release WHERE id = $1";
            let row = sqlx::query(sql).bind(number(id)).fetch_optional(connection).await?;
            row.map(|row| row.try_get(0)).transpose()
        };
        self.run(read)
    }

    /// # Errors
    /// [`Error::Exists`] where the number is another release's.
    pub(crate) fn put_release(&self, id: ReleaseId, record: &[u8]) -> Result<(), Error> {
        let write = async |connection: &mut PgConnection| {
            let sql = "INSERT INTO wharf_rollout.release AS there (id, record) VALUES ($1, $2)
                       ON CONFLICT (id) DO UPDATE SET record = excluded.record WHERE there.record = excluded.record";
            sqlx::query(sql).bind(number(id)).bind(record).execute(connection).await
        };
        if self.run(write)?.rows_affected() == 1 { Ok(()) } else { Err(Error::Exists(id)) }
    }

    /// An object's bytes, as they came: whoever reads them checks their digest.
    pub(crate) fn object(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let name = digest.to_string();
        let read = async |connection: &mut PgConnection| {
            let sql = "SELECT bytes FROM wharf_rollout.object WHERE digest = $1";
            let row = sqlx::query(sql).bind(&name).fetch_optional(connection).await?;
            row.map(|row| row.try_get(0)).transpose()
        };
        self.run(read)
    }

    pub(crate) fn put_object(&self, digest: &Digest, bytes: &[u8]) -> Result<(), Error> {
        let name = digest.to_string();
        let write = async |connection: &mut PgConnection| {
            // Most are there already, and are not sent.
            let known = "SELECT 1 FROM wharf_rollout.object WHERE digest = $1";
            if sqlx::query(known).bind(&name).fetch_optional(&mut *connection).await?.is_some() {
                return Ok(());
            }
            let sql = "INSERT INTO wharf_rollout.object (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            sqlx::query(sql).bind(&name).bind(bytes).execute(connection).await.map(drop)
        };
        self.run(write)
    }

    /// Removes what a sweep has removed from the folder; first the records, then what they needed.
    pub(crate) fn remove(&self, swept: &Swept) -> Result<(), Error> {
        let releases: Vec<_> = swept.releases.iter().map(|id| number(*id)).collect();
        let objects: Vec<_> = swept.objects.iter().map(ToString::to_string).collect();
        let write = async |connection: &mut PgConnection| {
            let sql = "DELETE FROM wharf_rollout.release WHERE id = ANY($1)";
            sqlx::query(sql).bind(&releases).execute(&mut *connection).await?;
            let sql = "DELETE FROM wharf_rollout.object WHERE digest = ANY($1)";
            sqlx::query(sql).bind(&objects).execute(connection).await.map(drop)
        };
        self.run(write)
    }

    /// On a thread of its own: a runtime cannot be waited for inside another one, and callers may be in one.
    fn run<T: Send>(&self, work: impl AsyncFn(&mut PgConnection) -> sqlx::Result<T> + Send) -> Result<T, Error> {
        let on_thread = move || self.line().run(&work);
        let done = thread::scope(|scope| scope.spawn(on_thread).join());
        done.unwrap_or_else(|_| Err(Error::Server { reason: "the host failed while it asked".to_owned() }))
    }

    // A panic under the lock leaves a connection in an unknown state, which the next call makes anew.
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(|poisoned| {
            let mut line = PoisonError::into_inner(poisoned);
            line.connection = None;
            line
        })
    }
}

impl Line {
    fn run<T>(&mut self, work: &impl AsyncFn(&mut PgConnection) -> sqlx::Result<T>) -> Result<T, Error> {
        let Self { options, connection, runtime } = self;
        let Some(runtime) = runtime else { return Err(Error::Server { reason: "the host is stopping".to_owned() }) };
        let begun = Instant::now();
        runtime.block_on(async {
            loop {
                let failure = match timeout(ATTEMPT, attempt(options, connection, work)).await {
                    Ok(Ok(done)) => return Ok(done),
                    Ok(Err(failure)) => failure,
                    Err(_) => Failure { reason: "no answer".to_owned(), passes: true },
                };
                *connection = None;
                if !failure.passes || begun.elapsed() > PATIENCE {
                    return Err(Error::Server { reason: failure.reason });
                }
                sleep(PAUSE).await;
            }
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.connection = None;
        if let Some(runtime) = self.runtime.take() {
            // The last owner may be a task, which must not wait.
            runtime.shutdown_background();
        }
    }
}

/// Why an attempt failed.
struct Failure {
    reason: String,
    /// Whether trying again may help.
    passes: bool,
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            // Shutting down, starting, out of connections or of memory: these pass. A wrong password does not.
            sqlx::Error::Database(refused) => {
                let code = refused.code().unwrap_or_default();
                let passes = ["57", "53", "08", "40"].iter().any(|class| code.starts_with(class));
                Self { reason: refused.message().to_owned(), passes }
            }
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
                Self { reason: error.to_string(), passes: true }
            }
            _ => Self { reason: error.to_string(), passes: false },
        }
    }
}

async fn attempt<T>(
    options: &PgConnectOptions,
    connection: &mut Option<PgConnection>,
    work: impl AsyncFn(&mut PgConnection) -> sqlx::Result<T>,
) -> Result<T, Failure> {
    if connection.is_none() {
        let fresh = PgConnection::connect_with(options).await?;
        if fresh.server_version_num().is_some_and(|version| version < VERSION_MIN) {
            return Err(Failure { reason: "it is older than PostgreSQL 15".to_owned(), passes: false });
        }
        *connection = Some(fresh);
    }
    match connection {
        Some(there) => Ok(work(there).await?),
        None => Err(Failure { reason: "there is no connection".to_owned(), passes: true }),
    }
}

fn number(id: ReleaseId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}
