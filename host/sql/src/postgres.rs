//! The engine for production: a database and a role on a PostgreSQL server for each name.
//!
//! Transactions run side by side. What SQLite gives by letting writers follow one another is had here by asking for
//! `serializable`. Connections of all databases come from one budget; each is used by one caller at a time, and whoever
//! goes away or runs out of time takes along what the server did for him.

mod cell;
mod config;
mod connection;
mod cursor;
mod decimal;
mod failure;
mod guard;
mod judged;
mod kind;
mod lexer;
mod migrate;
mod outbox;
mod own;
mod param;
mod pool;
mod probe;
mod provision;
mod role;
mod server;
mod session;
mod statement;
mod verifier;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::postgres::PgConnectOptions;
use tokio::time::{timeout, timeout_at};

pub use self::config::{PostgresConfig, Tls};
use self::failure::{After, Failure};
use self::guard::Effect;
pub use self::own::OwnDatabase;
use self::pool::{Lease, Pool, Span, State};
pub use self::probe::Complaint;
pub(crate) use self::server::Server;
use self::session::{PgSession, Shared};
use self::statement::{Outcome, Stopped, Wish, alone};
use crate::backend::{Answer, Backend, Call, Session};
use crate::value::settle;
use crate::{AppliedMigration, Clock, Dialect, Error, Migration, Options, OutboxRow, Phase, RowStream, Rows};

/// Bound of the host's own work.
const HOST_WAIT: Duration = Duration::from_secs(10);

/// The outbox is looked into at least this often: another host may have left something there.
const OUTBOX_WAIT: Duration = Duration::from_secs(5);

/// A statement that had not begun when its connection was lost, or that only reads, is run at most so often.
const ATTEMPTS_MAX: u32 = 3;

/// One database.
pub(crate) struct Postgres {
    pool: Arc<Pool>,
    login: PgConnectOptions,
    shared: Arc<Shared>,
    clock: Clock,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("pool", &self.pool).finish_non_exhaustive()
    }
}

impl Postgres {
    fn new(pool: Arc<Pool>, login: PgConnectOptions, clock: Clock) -> Self {
        Self { pool, login, shared: Arc::default(), clock }
    }

    async fn run(&self, mut call: Call, rows: bool, deadline: Instant) -> Result<Outcome, Error> {
        let effect = self.shared.judged.judge(&call.statement)?;
        settle(&mut call.params)?;
        let wish = Wish { call: &call, effect, rows };
        let mut attempt = 1;
        loop {
            let lease = self.pool.lease(deadline, Span::Short).await?;
            let stopped = match run_alone(lease, &wish, deadline).await {
                Ok(outcome) => return Ok(outcome),
                Err(stopped) => stopped,
            };
            let lost = stopped.failure.after == After::Lost && (!stopped.begun || effect == Effect::Read);
            if attempt >= ATTEMPTS_MAX || !(lost || stopped.failure.stale) {
                return Err(stopped.failure.error);
            }
            attempt += 1;
        }
    }

    async fn query_rows(&self, call: Call, deadline: Instant) -> Result<Rows, Error> {
        Ok(self.run(call, true, deadline).await?.rows)
    }

    async fn execute_rows(&self, call: Call, deadline: Instant) -> Result<u64, Error> {
        Ok(self.run(call, false, deadline).await?.changed)
    }

    async fn start_stream(&self, mut call: Call, deadline: Instant) -> Result<RowStream, Error> {
        if self.shared.judged.judge(&call.statement)? != Effect::Read {
            // What is no SQL at all is for the server to explain.
            self.refuse_change(&call, deadline).await?;
        }
        settle(&mut call.params)?;
        let lease = self.pool.lease(deadline, Span::Long).await?;
        cursor::start(lease, call, deadline).await
    }

    async fn refuse_change(&self, call: &Call, deadline: Instant) -> Result<(), Error> {
        let mut lease = self.pool.lease(deadline, Span::Short).await?;
        let prepared = timeout_at(deadline.into(), statement::prepare(lease.running()?, call)).await;
        let prepared = prepared.map_err(|_| Error::Timeout)?;
        lease.ended(&prepared, State::Clean);
        prepared?;
        Err(Error::invalid("the statement changes data: use query or execute"))
    }

    async fn begin_session(&self, options: Options, deadline: Instant) -> Result<Arc<dyn Session>, Error> {
        let mut attempt = 1;
        loop {
            let lease = self.pool.lease(deadline, Span::Long).await?;
            match PgSession::begin(lease, options, deadline, Arc::clone(&self.shared)).await {
                Ok(session) => return Ok(session),
                Err(failure) if failure.after == After::Lost && attempt < ATTEMPTS_MAX => attempt += 1,
                Err(failure) => return Err(failure.error),
            }
        }
    }

    async fn run_migrations(&self, migrations: Vec<Migration>, phase: Phase) -> Result<(), Error> {
        let result = migrate::run(&self.login, migrations, phase, &self.clock).await;
        // Also after an error: those before it ran.
        self.pool.schema_changed();
        result
    }

    async fn host_lease(&self) -> Result<(Lease, Instant), Failure> {
        let deadline = Instant::now() + HOST_WAIT;
        Ok((self.pool.lease(deadline, Span::Short).await?, deadline))
    }

    async fn list_applied(&self) -> Result<Vec<AppliedMigration>, Error> {
        let (mut lease, deadline) = self.host_lease().await?;
        let list = timeout_at(deadline.into(), migrate::list(&mut lease.running()?.raw)).await;
        let list = list.map_err(|_| Error::Timeout)?;
        lease.ended(&list, State::Clean);
        Ok(list?)
    }

    async fn pending(&self, limit: u32) -> Result<Vec<OutboxRow>, Error> {
        let (mut lease, deadline) = self.host_lease().await?;
        let rows = timeout_at(deadline.into(), outbox::pending(lease.running()?, limit)).await;
        let rows = rows.map_err(|_| Error::Timeout)?;
        lease.ended(&rows, State::Clean);
        Ok(rows?)
    }

    async fn delete(&self, ids: Vec<String>) -> Result<(), Error> {
        let (mut lease, deadline) = self.host_lease().await?;
        let done = timeout_at(deadline.into(), outbox::delete(lease.running()?, &ids)).await;
        let done = done.map_err(|_| Error::Timeout)?;
        lease.ended(&done, State::Clean);
        Ok(done?)
    }

    async fn look(&self) -> Result<(), Error> {
        let (mut lease, deadline) = self.host_lease().await?;
        let done = timeout_at(deadline.into(), lease.running()?.simple("SELECT 1")).await;
        let done = done.map_err(|_| Error::Timeout)?;
        lease.ended(&done, State::Clean);
        Ok(done?)
    }
}

async fn run_alone(mut lease: Lease, wish: &Wish<'_>, deadline: Instant) -> Result<Outcome, Stopped> {
    let before = |failure| Stopped { failure, begun: false };
    let conn = lease.running().map_err(before)?;
    let late = || before(Failure::usable(Error::Timeout));
    let result = conn.stopper().bound(deadline, alone(conn, wish, deadline)).await.ok_or_else(late)?;
    if let Err(stopped) = &result {
        conn.stale |= stopped.failure.stale;
    }
    let (result, begun) = match result {
        Ok(outcome) => (Ok(outcome), true),
        Err(stopped) => (Err(stopped.failure), stopped.begun),
    };
    lease.ended(&result, State::Clean);
    result.map_err(|failure| Stopped { failure, begun })
}

impl Backend for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn query(&self, call: Call, deadline: Instant) -> Answer<'_, Rows> {
        self.query_rows(call, deadline).boxed()
    }

    fn execute(&self, call: Call, deadline: Instant) -> Answer<'_, u64> {
        self.execute_rows(call, deadline).boxed()
    }

    fn stream(&self, call: Call, deadline: Instant) -> Answer<'_, RowStream> {
        self.start_stream(call, deadline).boxed()
    }

    fn begin(&self, options: Options, deadline: Instant) -> Answer<'_, Arc<dyn Session>> {
        self.begin_session(options, deadline).boxed()
    }

    fn migrate(&self, migrations: Vec<Migration>, phase: Phase) -> Answer<'_, ()> {
        self.run_migrations(migrations, phase).boxed()
    }

    fn applied(&self) -> Answer<'_, Vec<AppliedMigration>> {
        self.list_applied().boxed()
    }

    fn outbox_pending(&self, limit: u32) -> Answer<'_, Vec<OutboxRow>> {
        self.pending(limit).boxed()
    }

    fn outbox_delete(&self, ids: Vec<String>) -> Answer<'_, ()> {
        self.delete(ids).boxed()
    }

    fn outbox_wait(&self) -> BoxFuture<'_, ()> {
        async {
            // Late or told, somebody should look.
            drop(timeout(OUTBOX_WAIT, self.shared.mail.notified()).await);
        }
        .boxed()
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.look().boxed()
    }

    fn checkpoint(&self) -> Answer<'_, ()> {
        // The server keeps its own log.
        futures::future::ready(Ok(())).boxed()
    }

    fn close(&self) -> Answer<'_, ()> {
        async {
            self.pool.close(Instant::now() + HOST_WAIT).await;
            Ok(())
        }
        .boxed()
    }
}
