//! Connections in turn, for all databases under one budget: who may use one, and that it comes back clean.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout, timeout_at};

use super::connection::{Canceller, Conn, STOP_WAIT};
use super::failure::{After, Failure};
use crate::Error;

/// A connection that was idle for longer is asked whether the server is still there.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// A connection is closed after so long, so that what the server keeps for it does not grow for ever.
const LIFETIME_MAX: Duration = Duration::from_mins(30);

/// Pauses before another attempt to connect: a server that restarts is back after a moment.
const CONNECT_PAUSES: [Duration; 3] =
    [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(500)];

/// Places of the budget that transactions and streams leave to single statements.
const SHORT_RESERVE: usize = 2;

/// How long a connection is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// For one statement.
    Short,
    /// As long as a guest likes.
    Long,
}

/// The connections of all databases together.
#[derive(Debug)]
pub(crate) struct Budget {
    places: Arc<Semaphore>,
    long: Arc<Semaphore>,
    waiting: AtomicUsize,
    pools: Mutex<Vec<Weak<Pool>>>,
}

impl Budget {
    pub(crate) fn new(connections: u32) -> Arc<Self> {
        let places = usize::try_from(connections).unwrap_or(1).max(SHORT_RESERVE + 1);
        Arc::new(Self {
            places: Arc::new(Semaphore::new(places)),
            long: Arc::new(Semaphore::new(places - SHORT_RESERVE)),
            waiting: AtomicUsize::new(0),
            pools: Mutex::default(),
        })
    }

    /// A place for one more connection, of an idle one of another database where none is left.
    async fn place(&self) -> Result<OwnedSemaphorePermit, Error> {
        for _ in 0..2 {
            if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
                return Ok(place);
            }
            if !self.reclaim() {
                break;
            }
        }
        let _counted = Counted::new(&self.waiting);
        Arc::clone(&self.places).acquire_owned().await.map_err(|_| stopping())
    }

    /// Closes one idle connection of the database that has most; false where there is none.
    fn reclaim(&self) -> bool {
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // What comes back where somebody waits is for whoever waits there.
        let spare = pools.iter().filter_map(Weak::upgrade).filter(|pool| pool.waiting.load(Ordering::Acquire) == 0);
        let most = spare.max_by_key(|pool| pool.idle().len());
        most.is_some_and(|pool| pool.idle().pop().is_some())
    }
}

/// Counts those who wait, also when they go away.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn stopping() -> Error {
    Error::unavailable("the host is stopping")
}

/// What a caller goes on with.
enum Next {
    Idle(Box<Conn>),
    Place(OwnedSemaphorePermit),
}

/// Connections to one database.
#[derive(Debug)]
pub(crate) struct Pool {
    canceller: Arc<Canceller>,
    budget: Arc<Budget>,
    size: u32,
    turns: Arc<Semaphore>,
    long_turns: Arc<Semaphore>,
    idle: Mutex<Vec<Conn>>,
    /// Whoever holds it is the next to get a connection.
    door: tokio::sync::Mutex<()>,
    waiting: AtomicUsize,
    returned: Notify,
    generation: AtomicU64,
    /// Connections that were idle before this moment may be gone.
    doubted: Mutex<Instant>,
}

impl Pool {
    pub(crate) fn new(canceller: Canceller, budget: &Arc<Budget>, size: u32) -> Arc<Self> {
        let turns = usize::try_from(size).unwrap_or(1).max(SHORT_RESERVE + 1);
        let pool = Arc::new(Self {
            canceller: Arc::new(canceller),
            budget: Arc::clone(budget),
            size: u32::try_from(turns).unwrap_or(size),
            turns: Arc::new(Semaphore::new(turns)),
            long_turns: Arc::new(Semaphore::new(turns - SHORT_RESERVE)),
            idle: Mutex::default(),
            door: tokio::sync::Mutex::default(),
            waiting: AtomicUsize::new(0),
            returned: Notify::new(),
            generation: AtomicU64::new(0),
            doubted: Mutex::new(Instant::now()),
        });
        budget.pools.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&pool));
        pool
    }

    /// Waits for a connection until the deadline, first come, first served.
    pub(crate) async fn lease(self: &Arc<Self>, deadline: Instant, span: Span) -> Result<Lease, Failure> {
        match timeout_at(deadline.into(), self.lease_some_time(span)).await {
            // Whoever had it may have lost it to the very deadline that this caller waits for.
            Ok(Ok(_)) if Instant::now() >= deadline => Err(Failure::usable(Error::Timeout)),
            Ok(lease) => lease,
            Err(_) => Err(Failure::usable(Error::Timeout)),
        }
    }

    async fn lease_some_time(self: &Arc<Self>, span: Span) -> Result<Lease, Failure> {
        let turn = |turns: &Arc<Semaphore>| {
            let turns = Arc::clone(turns);
            async move { turns.acquire_owned().await.map_err(|_| Failure::usable(stopping())) }
        };
        let mut turns = Vec::with_capacity(3);
        if span == Span::Long {
            turns.push(turn(&self.long_turns).await?);
        }
        turns.push(turn(&self.turns).await?);
        if span == Span::Long {
            turns.push(turn(&self.budget.long).await?);
        }
        let conn = self.conn().await?;
        Ok(Lease { conn: Some(conn), pool: Arc::clone(self), turns, state: State::Clean })
    }

    async fn conn(&self) -> Result<Conn, Failure> {
        loop {
            let next = self.next().await?;
            match next {
                Next::Idle(conn) => {
                    if let Some(conn) = self.refresh(*conn).await {
                        return Ok(conn);
                    }
                }
                Next::Place(place) => return self.open(place).await,
            }
        }
    }

    /// An idle connection, or a place for a new one.
    async fn next(&self) -> Result<Next, Failure> {
        // One after the other: otherwise the last to come, who need not be woken, takes what comes back each time, and another
        // waits for seconds.
        let _door = self.door.lock().await;
        let _counted = Counted::new(&self.waiting);
        loop {
            if let Some(conn) = self.pop() {
                return Ok(Next::Idle(Box::new(conn)));
            }
            let place = tokio::select! {
                place = self.budget.place() => Some(place.map_err(Failure::usable)?),
                () = self.returned.notified() => None,
            };
            // One that came back meanwhile leaves the place to another database.
            if let Some(place) = place
                && self.idle().is_empty()
            {
                return Ok(Next::Place(place));
            }
        }
    }

    fn pop(&self) -> Option<Conn> {
        self.idle().pop()
    }

    /// Makes an idle connection fit for use; `None` for one that is not.
    async fn refresh(&self, mut conn: Conn) -> Option<Conn> {
        let now = Instant::now();
        if now.duration_since(conn.opened) > LIFETIME_MAX {
            conn.close().await;
            return None;
        }
        let doubted = *self.doubted.lock().unwrap_or_else(PoisonError::into_inner);
        let trusted = now.duration_since(conn.idle_since) < TRUSTED_IDLE && conn.idle_since > doubted;
        if !trusted && !conn.is_alive().await {
            return None;
        }
        let generation = self.generation.load(Ordering::Acquire);
        if conn.stale || conn.generation != generation {
            conn.forget().await.ok()?;
            conn.generation = generation;
        }
        Some(conn)
    }

    async fn open(&self, place: OwnedSemaphorePermit) -> Result<Conn, Failure> {
        let generation = self.generation.load(Ordering::Acquire);
        let mut place = Some(place);
        let mut pauses = CONNECT_PAUSES.iter();
        loop {
            let taken = match place.take() {
                Some(place) => place,
                None => self.budget.place().await.map_err(Failure::usable)?,
            };
            match Conn::open(Arc::clone(&self.canceller), taken, generation).await {
                Err(failure) => match pauses.next() {
                    Some(pause) => sleep(*pause).await,
                    None => return Err(failure),
                },
                opened => return opened,
            }
        }
    }

    /// The schema changed: what is prepared on other connections may no longer fit.
    pub(crate) fn schema_changed(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// A connection was lost, so the others may be too.
    fn doubt(&self) {
        *self.doubted.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Refuses new leases, waits for those that are out, closes the connections.
    pub(crate) async fn close(&self, deadline: Instant) {
        let all = timeout_at(deadline.into(), self.turns.acquire_many(self.size)).await;
        self.turns.close();
        self.long_turns.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle());
        for conn in idle {
            conn.close().await;
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Conn>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a clean connection back, unless another database needs its place more.
    fn put(&self, mut conn: Conn) {
        let wanted_elsewhere =
            self.waiting.load(Ordering::Acquire) == 0 && self.budget.waiting.load(Ordering::Acquire) > 0;
        if self.turns.is_closed() || wanted_elsewhere {
            return;
        }
        conn.idle_since = Instant::now();
        self.idle().push(conn);
        if self.waiting.load(Ordering::Acquire) > 0 {
            self.returned.notify_one();
        }
    }
}

/// What a lease's connection is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing.
    Clean,
    /// A transaction, between two statements.
    Transaction,
    /// A statement, or another exchange with the server.
    Running,
    /// The connection is gone.
    Broken,
}

/// A connection for some time. Dropping it ends what it is in the middle of, in the server too, and only then returns
/// it.
#[derive(Debug)]
pub(crate) struct Lease {
    conn: Option<Conn>,
    pool: Arc<Pool>,
    turns: Vec<OwnedSemaphorePermit>,
    state: State,
}

impl Lease {
    /// The connection, for an exchange with the server that begins now. If the exchange is given up, the server is
    /// told; so its end has to be told to [`Lease::ended`].
    ///
    /// # Errors
    /// None in practice: it is there until the lease is dropped.
    pub(crate) fn running(&mut self) -> Result<&mut Conn, Failure> {
        self.state = State::Running;
        self.conn.as_mut().ok_or_else(|| Failure::usable(Error::other("the connection is gone")))
    }

    /// The exchange came to its end, and left the connection in `state` unless it was lost.
    pub(crate) fn ended<T>(&mut self, result: &Result<T, Failure>, state: State) {
        self.state = match result {
            Err(Failure { after: After::Lost, .. }) => {
                self.pool.doubt();
                State::Broken
            }
            _ => state,
        };
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        let turns = std::mem::take(&mut self.turns);
        let pool = Arc::clone(&self.pool);
        let state = self.state;
        if state == State::Clean {
            pool.put(conn);
            // Only now may the next one come and look for it.
            drop(turns);
        } else if let Ok(runtime) = Handle::try_current()
            && state != State::Broken
        {
            runtime.spawn(async move {
                clean(conn, &pool, state).await;
                drop(turns);
            });
        }
    }
}

/// Ends a transaction or a statement that nobody waits for.
async fn clean(mut conn: Conn, pool: &Pool, state: State) {
    if state == State::Transaction {
        match timeout(STOP_WAIT, conn.simple("ROLLBACK")).await {
            Ok(Ok(())) => pool.put(conn),
            _ => pool.doubt(),
        }
        return;
    }
    match conn.stop().await {
        // What the driver was in the middle of is not known: a new connection is.
        Ok(()) => conn.close().await,
        Err(failure) => {
            tracing::warn!(error = %failure.error, "a statement that nobody waits for could not be ended");
            pool.doubt();
        }
    }
}
