//! Connections in turn: who may use one, where the work runs, and that it comes back clean.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout_at;

use super::connection::{Conn, Role};
use super::watch::Watch;
use crate::guard::HOST_MARK;
use crate::{Clock, Error};

/// Wall time a statement may take on the caller's own thread before it is moved to one that may block.
const INLINE_MAX: Duration = Duration::from_millis(2);

const ROLLBACK: &str = "/*wharf*/ ROLLBACK";
const _: () = assert!(HOST_MARK.len() == 9, "the statements of this module begin with the mark");

/// Connections of one role to one file, opened as they are first needed.
#[derive(Debug)]
pub(crate) struct Pool {
    source: Source,
    size: u32,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Conn>>,
}

/// How to open one more.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) role: Role,
    pub(crate) clock: Clock,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("path", &self.path).field("role", &self.role).finish_non_exhaustive()
    }
}

impl Pool {
    pub(crate) fn new(source: Source, size: u32, first: Option<Conn>) -> Arc<Self> {
        let permits = usize::try_from(size).unwrap_or(1);
        let idle = Mutex::new(first.into_iter().collect());
        Arc::new(Self { source, size, turns: Arc::new(Semaphore::new(permits)), idle })
    }

    /// Waits for a connection, first come, first served.
    pub(crate) async fn lease(self: &Arc<Self>, deadline: Instant) -> Result<Lease, Error> {
        let closed = |_| Error::unavailable("the host is stopping");
        let turn = match Arc::clone(&self.turns).try_acquire_owned() {
            Ok(turn) => turn,
            Err(_) => timeout_at(deadline.into(), Arc::clone(&self.turns).acquire_owned())
                .await
                .map_err(|_| Error::Timeout)?
                .map_err(closed)?,
        };
        // Whoever had it may have lost it to the very deadline that this caller waits for.
        if Instant::now() >= deadline {
            return Err(Error::Timeout);
        }
        let idle = self.idle().pop();
        if let Some(conn) = idle {
            return Ok(Lease { conn: Some(conn), pool: Arc::clone(self), turn: Some(turn) });
        }
        let source = self.source.clone();
        let conn = tokio::task::spawn_blocking(move || Conn::open(&source.path, source.role, &source.clock))
            .await
            .map_err(|_| Error::unavailable("the opening thread stopped"))??;
        Ok(Lease { conn: Some(conn), pool: Arc::clone(self), turn: Some(turn) })
    }

    /// Refuses new leases, waits for those that are out, closes the connections.
    pub(crate) async fn close(&self, deadline: Instant) {
        let all = timeout_at(deadline.into(), self.turns.acquire_many(self.size)).await;
        self.turns.close();
        drop(all);
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Conn>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection for some time. Dropping it rolls back what is open and returns it.
#[derive(Debug)]
pub(crate) struct Lease {
    conn: Option<Conn>,
    pool: Arc<Pool>,
    turn: Option<OwnedSemaphorePermit>,
}

impl Lease {
    /// The connection.
    ///
    /// # Errors
    /// None in practice: it is there until the lease is dropped.
    pub(crate) fn conn(&self) -> Result<&Conn, Error> {
        self.conn.as_ref().ok_or_else(|| Error::other("the connection is gone"))
    }

    /// Runs a statement on the caller's thread if it is short: `None` where it was not and has to be run again on a
    /// thread that may block. Only for work that leaves no trace when it is stopped.
    pub(crate) fn inline<T>(
        &self,
        deadline: Instant,
        work: impl FnOnce(&Conn) -> Result<T, Error>,
    ) -> Option<Result<T, Error>> {
        let conn = match self.conn() {
            Ok(conn) => conn,
            Err(error) => return Some(Err(error)),
        };
        let now = Instant::now();
        conn.watch.arm(deadline.min(now + INLINE_MAX), true);
        match work(conn) {
            Err(Error::Timeout | Error::Unavailable { .. }) if Instant::now() < deadline => None,
            result => Some(result),
        }
    }

    /// Runs work on a thread that may block and gives the connection back with the result.
    ///
    /// Dropping the future stops the statement in the engine; the connection then returns to its pool by itself.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        deadline: Instant,
        work: impl FnOnce(&Conn) -> Result<T, Error> + Send + 'static,
    ) -> (Option<Self>, Result<T, Error>) {
        let canceller = match self.watch(deadline) {
            Ok(canceller) => canceller,
            Err(error) => return (None, Err(error)),
        };
        let task = tokio::task::spawn_blocking(move || {
            let result = self.conn().and_then(work);
            (self, result)
        });
        let ended = task.await;
        drop(canceller);
        match ended {
            // A lock that another process held until the deadline.
            Ok((lease, Err(Error::Unavailable { .. }))) if Instant::now() >= deadline => {
                (Some(lease), Err(Error::Timeout))
            }
            Ok((lease, result)) => (Some(lease), result),
            Err(_) => (None, Err(Error::unavailable("the working thread stopped"))),
        }
    }

    /// Begins a run on this connection that its work carries out elsewhere; dropping the result stops it.
    pub(crate) fn watch(&self, deadline: Instant) -> Result<Canceller, Error> {
        let watch = Arc::clone(&self.conn()?.watch);
        let run = watch.arm(deadline, false);
        Ok(Canceller { watch, run })
    }

    /// Takes the connection out of service, for one whose state is in doubt; the pool opens another.
    pub(crate) fn discard(mut self) {
        self.conn = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        if conn.in_transaction() {
            conn.watch.disarm();
            if let Err(error) = conn.control(ROLLBACK)
                && conn.in_transaction()
            {
                // Closing it rolls back for certain.
                tracing::error!(%error, "a rollback failed");
                return;
            }
        }
        if !self.pool.turns.is_closed() {
            self.pool.idle().push(conn);
        }
        // Only now may the next one come and look for it.
        drop(self.turn.take());
    }
}

/// Stops a run when its caller goes away. Harmless when the run has ended.
pub(crate) struct Canceller {
    watch: Arc<Watch>,
    run: u64,
}

impl Drop for Canceller {
    fn drop(&mut self) {
        self.watch.cancel(self.run);
    }
}
