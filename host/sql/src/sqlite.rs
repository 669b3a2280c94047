//! The embedded engine: one file per database.
//!
//! One connection writes, in turn; some read beside it (write-ahead log), each seeing the last commit. Reads that last
//! as long as a guest likes (streams, read-only transactions) have connections of their own, so that they cannot keep
//! short ones waiting. Short reads run on the caller's thread; whatever proves long, and every write, runs on one that
//! may block.

mod authority;
mod connection;
mod cursor;
mod failure;
mod migrate;
mod outbox;
mod pool;
mod session;
mod statement;
mod value;
mod watch;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::Notify;

use self::connection::{Conn, Role, make_file};
use self::pool::{Lease, Pool, Source};
use self::session::SqliteSession;
use crate::backend::{Answer, Backend, Call, Session};
use crate::guard::{Class, inspect};
use crate::value::settle;
use crate::{AppliedMigration, Clock, Dialect, Error, Migration, Options, OutboxRow, Phase, RowStream, Rows};

/// Connections for single reads. They are never held across a guest's code, so few serve many.
const READERS: u32 = 4;

/// Connections for streams and read-only transactions.
const LONG_READERS: u32 = 4;

/// Bound of the host's own work.
const HOST_WAIT: Duration = Duration::from_secs(10);

/// Statements known to be long; beyond it the memory starts afresh.
const SLOW_KNOWN_MAX: usize = 1024;

/// One database.
#[derive(Debug)]
pub(crate) struct Sqlite {
    writer: Arc<Pool>,
    readers: Arc<Pool>,
    long_readers: Arc<Pool>,
    /// Hashes of reads that were too long for the caller's thread.
    slow: Mutex<HashSet<u64>>,
    /// Told of commits with messages.
    mail: Arc<Notify>,
    clock: Clocked,
}

/// A clock that can be part of debug output.
#[derive(Clone)]
struct Clocked(Clock);

impl std::fmt::Debug for Clocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl Sqlite {
    /// Opens the file, creates it and the host's tables where they are absent.
    pub(crate) async fn open(path: PathBuf, clock: Clock) -> Result<Self, Error> {
        let source = |role| Source { path: path.clone(), role, clock: Arc::clone(&clock) };
        let (for_writer, for_readers) = (source(Role::Writer), source(Role::Reader));
        let opened = tokio::task::spawn_blocking({
            let (writer, reader) = (for_writer.clone(), for_readers.clone());
            move || open_first(&writer, &reader)
        });
        let (writer, reader) = opened.await.map_err(|_| Error::unavailable("the opening thread stopped"))??;
        Ok(Self {
            writer: Pool::new(for_writer, 1, Some(writer)),
            readers: Pool::new(for_readers.clone(), READERS, Some(reader)),
            long_readers: Pool::new(for_readers, LONG_READERS, None),
            slow: Mutex::default(),
            mail: Arc::new(Notify::new()),
            clock: Clocked(clock),
        })
    }

    /// Unbounded in time on purpose: a large table takes as long as it takes, and other writers wait, each to its own
    /// deadline.
    async fn run_migrations(&self, migrations: Vec<Migration>, phase: Phase) -> Result<(), Error> {
        let lease = self.writer.lease(Instant::now() + HOST_WAIT).await?;
        let clock = self.clock.0.clone();
        let work = move |conn: &Conn| {
            conn.watch.disarm();
            migrate::run(conn, migrations, phase, &clock)
        };
        finish(lease.run(Instant::now() + HOST_WAIT, work).await)
    }

    /// The rows of a read, if it is one; else the call comes back.
    async fn read(&self, call: Call, deadline: Instant) -> Result<Result<Rows, Call>, Error> {
        let lease = self.readers.lease(deadline).await?;
        let key = key(&call.statement);
        if !self.is_slow(key) {
            match lease.inline(deadline, |conn| statement::read(conn, &call)) {
                Some(Ok(Some(rows))) => return Ok(Ok(rows)),
                Some(Ok(None)) => return Ok(Err(call)),
                Some(Err(error)) => return Err(error),
                None => {
                    if lease.conn()?.watch.is_over_inline() {
                        self.remember_slow(key);
                    }
                }
            }
        }
        let work = move |conn: &Conn| Ok(statement::read(conn, &call)?.ok_or(call));
        finish(lease.run(deadline, work).await)
    }

    fn is_slow(&self, key: u64) -> bool {
        self.slow.lock().unwrap_or_else(PoisonError::into_inner).contains(&key)
    }

    fn remember_slow(&self, key: u64) {
        let mut slow = self.slow.lock().unwrap_or_else(PoisonError::into_inner);
        if slow.len() >= SLOW_KNOWN_MAX {
            slow.clear();
        }
        slow.insert(key);
    }

    async fn query_rows(&self, mut call: Call, deadline: Instant) -> Result<Rows, Error> {
        let class = inspect(&call.statement)?;
        settle(&mut call.params)?;
        if matches!(class, Class::Read | Class::Mixed) {
            match self.read(call, deadline).await? {
                Ok(rows) => return Ok(rows),
                Err(back) => call = back,
            }
        }
        let lease = self.writer.lease(deadline).await?;
        finish(lease.run(deadline, move |conn| statement::query(conn, &call)).await)
    }

    async fn execute_rows(&self, mut call: Call, deadline: Instant) -> Result<u64, Error> {
        let class = inspect(&call.statement)?;
        settle(&mut call.params)?;
        let pool = if class == Class::Read { &self.readers } else { &self.writer };
        let lease = pool.lease(deadline).await?;
        finish(lease.run(deadline, move |conn| statement::execute(conn, &call, class)).await)
    }

    async fn start_stream(&self, mut call: Call, deadline: Instant) -> Result<RowStream, Error> {
        inspect(&call.statement)?;
        settle(&mut call.params)?;
        let lease = self.long_readers.lease(deadline).await?;
        cursor::start(lease, call, deadline).await
    }

    async fn begin_session(&self, options: Options, deadline: Instant) -> Result<Arc<dyn Session>, Error> {
        // Writers follow one another and readers see one snapshot: every level asked for is given, and more.
        let pool = if options.read_only { &self.long_readers } else { &self.writer };
        let lease = pool.lease(deadline).await?;
        let session = SqliteSession::begin(lease, options.read_only, deadline, Arc::clone(&self.mail)).await?;
        Ok(session)
    }

    async fn on<T: Send + 'static>(
        &self,
        pool: &Arc<Pool>,
        work: impl FnOnce(&Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let deadline = Instant::now() + HOST_WAIT;
        finish(pool.lease(deadline).await?.run(deadline, work).await)
    }

    async fn shut(&self) -> Result<(), Error> {
        let checkpointed = self.checkpoint().await;
        let deadline = Instant::now() + HOST_WAIT;
        for pool in [&self.long_readers, &self.readers, &self.writer] {
            pool.close(deadline).await;
        }
        checkpointed
    }
}

/// Returns the connection and the result; one whose file failed is replaced.
fn finish<T>((lease, result): (Option<Lease>, Result<T, Error>)) -> Result<T, Error> {
    if let (Some(lease), Err(Error::Other { .. })) = (lease, &result) {
        lease.discard();
    }
    result
}

fn key(statement: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    statement.hash(&mut hasher);
    hasher.finish()
}

fn open_first(writer: &Source, reader: &Source) -> Result<(Conn, Conn), Error> {
    make_file(&writer.path).map_err(|error| {
        tracing::error!(path = %writer.path.display(), %error, "a database file cannot be made");
        Error::unavailable("its file cannot be made")
    })?;
    let writer = Conn::open(&writer.path, writer.role, &writer.clock)?;
    writer.as_host(|raw| {
        raw.execute_batch(migrate::TABLE)?;
        outbox::create(raw)
    })?;
    let reader = Conn::open(&reader.path, reader.role, &reader.clock)?;
    Ok((writer, reader))
}

impl Backend for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
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
        self.on(&self.readers, migrate::list).boxed()
    }

    fn outbox_pending(&self, limit: u32) -> Answer<'_, Vec<OutboxRow>> {
        self.on(&self.readers, move |conn| outbox::pending(conn, limit)).boxed()
    }

    fn outbox_delete(&self, ids: Vec<String>) -> Answer<'_, ()> {
        self.on(&self.writer, move |conn| outbox::delete(conn, &ids)).boxed()
    }

    fn outbox_wait(&self) -> BoxFuture<'_, ()> {
        self.mail.notified().boxed()
    }

    fn ping(&self) -> Answer<'_, ()> {
        self.on(&self.readers, |conn| conn.as_host(|raw| raw.query_row("select 1", [], |_| Ok(())))).boxed()
    }

    fn checkpoint(&self) -> Answer<'_, ()> {
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        self.on(&self.writer, move |conn| conn.as_host(|raw| raw.query_row(checkpoint, [], |_| Ok(())))).boxed()
    }

    fn close(&self) -> Answer<'_, ()> {
        self.shut().boxed()
    }
}
