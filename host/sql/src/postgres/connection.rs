//! One connection: how it is opened, limited, stopped and closed.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, Row as _};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;
use tokio::time::{timeout, timeout_at};

use super::config::{PostgresConfig, Tls};
use super::failure::{After, Failure, translate};
use crate::Error;

/// Bound of a connection attempt, with its log-in.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// The server ends a statement by itself after so long, if the host forgot it; longer than any request by default.
const STATEMENT_LIMIT: Duration = Duration::from_mins(1);

/// How much later than the host the server may end a statement.
const LIMIT_SLACK: Duration = Duration::from_secs(1);

/// The server looks this often, in milliseconds, whether the host is still there while a statement runs.
const PRESENCE_CHECK_MS: u32 = 2000;

/// Prepared statements per connection: more than a service has, each some ten kilobytes in the server.
pub(crate) const STATEMENTS_CACHED: usize = 128;

/// Longer statements are prepared each time.
pub(crate) const CACHED_BYTES_MAX: usize = 16 << 10;

/// Bound of what is done to end a statement.
pub(crate) const STOP_WAIT: Duration = Duration::from_secs(5);

/// Errors that may arrive before a stopped connection is ready again: of the statement, and of what followed it.
const DRAIN_ERRORS_MAX: u32 = 4;

/// Options for the host's own role.
pub(crate) fn options(config: &PostgresConfig) -> PgConnectOptions {
    let mode = match config.tls {
        Tls::Disable => PgSslMode::Disable,
        Tls::Require => PgSslMode::Require,
        Tls::VerifyFull => PgSslMode::VerifyFull,
    };
    // All that the environment could say otherwise is said here.
    let options = PgConnectOptions::new_without_pgpass()
        .host(&config.host)
        .port(config.port)
        .username(&config.user)
        .password(config.password.as_deref().unwrap_or_default())
        .database(&config.database)
        .ssl_mode(mode)
        .application_name("wharf")
        .statement_cache_capacity(STATEMENTS_CACHED)
        .options([
            ("statement_timeout", STATEMENT_LIMIT.as_millis().to_string()),
            ("client_connection_check_interval", PRESENCE_CHECK_MS.to_string()),
            ("standard_conforming_strings", "on".to_owned()),
            ("search_path", "public".to_owned()),
            // Short statements lose more by it than they gain.
            ("jit", "off".to_owned()),
        ])
        .disable_statement_logging();
    match &config.ca_file {
        Some(file) => options.ssl_root_cert(file),
        None => options,
    }
}

/// Connects, within five seconds.
///
/// In a thread beside those that serve: the driver steps back eight hundred times while it proves the password
/// (SCRAM-SHA-256, RFC 7677), and among requests each step waits for all of them, which took seconds.
///
/// # Cancellation
/// The attempt goes on to its end, and what it brought is closed.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Failure> {
    let (options, runtime) = (options.clone(), Handle::current());
    let attempt = move || runtime.block_on(async { timeout(CONNECT_WAIT, PgConnection::connect_with(&options)).await });
    let ended = |error: JoinError| {
        Failure::usable(if error.is_panic() {
            Error::other("the database driver failed while it connected")
        } else {
            Error::unavailable("the host is stopping")
        })
    };
    match tokio::task::spawn_blocking(attempt).await.map_err(ended)? {
        Ok(Ok(raw)) => Ok(raw),
        Ok(Err(error)) => {
            let failure = translate(&error, "");
            tracing::warn!(error = %error, "a connection to the database server failed");
            // Whatever the reason, there is no connection.
            Err(Failure { after: After::Lost, ..failure })
        }
        Err(_) => {
            Err(Failure { after: After::Lost, ..Failure::usable(Error::unavailable("the server does not answer")) })
        }
    }
}

/// Runs statements of the host that take no parameters.
pub(crate) async fn simple(raw: &mut PgConnection, statements: impl Into<String>) -> Result<(), Failure> {
    let statements: String = statements.into();
    let done = raw.execute(sqlx::raw_sql(AssertSqlSafe(statements))).await;
    done.map(drop).map_err(|error| translate(&error, ""))
}

/// Tells a server to end what a connection runs. Over connections of their own, two at a time.
pub(crate) struct Canceller {
    pub(crate) options: PgConnectOptions,
    pub(crate) turns: Arc<Semaphore>,
}

/// Without the options, which hold a password.
impl fmt::Debug for Canceller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canceller")
    }
}

impl Canceller {
    /// Returns once the server has passed the order on.
    async fn cancel(&self, process: i32) -> Result<(), Failure> {
        let closed = |_| Failure::usable(Error::unavailable("the host is stopping"));
        let turn = self.turns.acquire().await.map_err(closed)?;
        let mut raw = connect(&self.options).await?;
        let told = simple(&mut raw, format!("select pg_cancel_backend({process})")).await;
        drop(timeout(STOP_WAIT, raw.close()).await);
        drop(turn);
        told
    }
}

/// A way to stop what a connection runs, while somebody waits for its end.
#[derive(Clone, Debug)]
pub(crate) struct Stopper {
    canceller: Arc<Canceller>,
    process: i32,
}

impl Stopper {
    /// Waits for work on the connection until the deadline; then the server is told to stop, and its word is waited
    /// for: a statement that came to its end all the same is not reported as stopped. `None` for a server that does
    /// not answer; then the connection must not be used again.
    pub(crate) async fn bound<T>(self, deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        if let Ok(done) = timeout_at(deadline.into(), &mut work).await {
            return Some(done);
        }
        let told = async { tokio::join!(self.canceller.cancel(self.process), work).1 };
        timeout(STOP_WAIT, told).await.ok()
    }
}

/// A connection of a component's role.
#[derive(Debug)]
pub(crate) struct Conn {
    pub(crate) raw: PgConnection,
    pub(crate) opened: Instant,
    pub(crate) idle_since: Instant,
    /// Of the schema, as far as this connection's prepared statements know it.
    pub(crate) generation: u64,
    /// What is prepared has to be forgotten before the next use.
    pub(crate) stale: bool,
    process: i32,
    limit: Duration,
    /// Hashes of statements that are prepared.
    known: HashSet<u64>,
    canceller: Arc<Canceller>,
    #[expect(dead_code, reason = "given back when the connection goes")]
    place: OwnedSemaphorePermit,
}

impl Conn {
    pub(crate) async fn open(
        canceller: Arc<Canceller>,
        place: OwnedSemaphorePermit,
        generation: u64,
    ) -> Result<Self, Failure> {
        let mut raw = connect(&canceller.options).await?;
        let row = raw.fetch_one(sqlx::raw_sql("select pg_backend_pid()")).await;
        let row = row.map_err(|error| translate(&error, ""))?;
        let process = row.try_get_unchecked::<i32, _>(0).map_err(|error| translate(&error, ""))?;
        let now = Instant::now();
        Ok(Self {
            raw,
            opened: now,
            idle_since: now,
            generation,
            stale: false,
            process,
            limit: STATEMENT_LIMIT,
            known: HashSet::new(),
            canceller,
            place,
        })
    }

    /// Runs statements of the host that take no parameters.
    pub(crate) async fn simple(&mut self, statements: impl Into<String>) -> Result<(), Failure> {
        simple(&mut self.raw, statements).await
    }

    /// Makes the server's own limit fit a statement that ends by `deadline`: not before it, and not long after. The
    /// host ends it in time; this is for a host that died. Costs a round trip only where deadlines differ much.
    pub(crate) async fn limit(&mut self, deadline: Instant) -> Result<(), Failure> {
        let rest = deadline.saturating_duration_since(Instant::now());
        if self.limit >= rest && self.limit <= rest * 4 + LIMIT_SLACK {
            return Ok(());
        }
        let limit = rest * 2 + LIMIT_SLACK;
        self.simple(format!("SET statement_timeout = {}", milliseconds(limit))).await?;
        self.limit = limit;
        Ok(())
    }

    /// Whether the statement is prepared, as far as is known.
    pub(crate) fn knows(&self, statement: &str) -> bool {
        self.known.contains(&key(statement))
    }

    pub(crate) fn remember(&mut self, statement: &str) {
        if statement.len() > CACHED_BYTES_MAX {
            self.stale = true;
            return;
        }
        if self.known.len() >= STATEMENTS_CACHED {
            self.known.clear();
        }
        self.known.insert(key(statement));
    }

    /// Forgets what is prepared.
    pub(crate) async fn forget(&mut self) -> Result<(), Failure> {
        self.known.clear();
        self.raw.clear_cached_statements().await.map_err(|error| translate(&error, ""))?;
        self.stale = false;
        Ok(())
    }

    /// For work on this connection that is about to begin.
    pub(crate) fn stopper(&self) -> Stopper {
        Stopper { canceller: Arc::clone(&self.canceller), process: self.process }
    }

    /// Ends the statement whose answer nobody reads any more; the connection is ready again afterwards.
    pub(crate) async fn stop(&mut self) -> Result<(), Failure> {
        let late =
            || Failure { after: After::Lost, ..Failure::usable(Error::unavailable("the server does not answer")) };
        timeout(STOP_WAIT, self.canceller.cancel(self.process)).await.map_err(|_| late())??;
        timeout(STOP_WAIT, self.drain()).await.map_err(|_| late())?
    }

    async fn drain(&mut self) -> Result<(), Failure> {
        let mut errors = 0;
        while let Err(error) = self.raw.ping().await {
            errors += 1;
            let failure = translate(&error, "");
            if errors >= DRAIN_ERRORS_MAX || failure.after == After::Lost {
                return Err(failure);
            }
        }
        Ok(())
    }

    /// Whether the server is still there.
    pub(crate) async fn is_alive(&mut self) -> bool {
        matches!(timeout(STOP_WAIT, self.raw.ping()).await, Ok(Ok(())))
    }

    /// Says goodbye.
    pub(crate) async fn close(self) {
        if timeout(STOP_WAIT, self.raw.close()).await.is_err() {
            tracing::debug!("a connection to the database server was not closed in time");
        }
    }
}

/// Whole milliseconds, at least one: zero means no limit to the server.
pub(crate) fn milliseconds(duration: Duration) -> u128 {
    duration.as_millis().clamp(1, u128::from(i32::MAX.unsigned_abs()))
}

fn key(statement: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    statement.hash(&mut hasher);
    hasher.finish()
}
