//! An open transaction on one connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use futures::FutureExt;
use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::task::AbortHandle;
use tokio::time::{sleep_until, timeout_at};

use super::connection::{Conn, milliseconds};
use super::failure::{After, Failure};
use super::guard::Effect;
use super::judged::Judged;
use super::outbox;
use super::pool::{Lease, State};
use super::statement::{Outcome, Wish, within};
use crate::backend::{Answer, Call, Session, Why};
use crate::value::{RESULT_BYTES_MAX, settle};
use crate::{ConstraintKind, Error, Isolation, Options, OutboxRow, Rows};

/// How much later than the host the server ends a transaction that nobody uses: for a host that died.
const IDLE_SLACK: Duration = Duration::from_secs(5);

/// A commit that was begun is waited for, also past the deadline: its outcome matters.
const COMMIT_WAIT: Duration = Duration::from_secs(10);

/// The savepoint before a statement, renewed once something was changed since.
const RENEW: &str = "RELEASE SAVEPOINT wharf; SAVEPOINT wharf";

/// What all requests to a database have in common.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) judged: Judged,
    /// Told of commits with messages.
    pub(crate) mail: Notify,
}

/// A transaction. The connection is with the session, or with the call that uses it.
#[derive(Debug)]
pub(crate) struct PgSession {
    cell: Mutex<Held>,
    deadline: Instant,
    read_only: bool,
    /// Set when the request ended while a statement ran; what runs puts an end to it.
    abandoned: AtomicBool,
    shared: Arc<Shared>,
    timer: OnceLock<AbortHandle>,
}

#[derive(Debug)]
enum Held {
    Open(Box<Open>),
    Closed(Why),
}

#[derive(Debug)]
struct Open {
    lease: Lease,
    /// Something was changed since the savepoint.
    changed: bool,
    /// Messages, which are written with the commit: so they are in the order of commits, and cost no round trip.
    messages: Vec<OutboxRow>,
    message_bytes: u64,
}

impl PgSession {
    /// Begins on a leased connection.
    pub(crate) async fn begin(
        mut lease: Lease,
        options: Options,
        deadline: Instant,
        shared: Arc<Shared>,
    ) -> Result<Arc<Self>, Failure> {
        let begun = timeout_at(deadline.into(), start(lease.running()?, options, deadline)).await;
        let begun = begun.map_err(|_| Failure::usable(Error::Timeout))?;
        lease.ended(&begun, State::Transaction);
        begun?;
        let open = Box::new(Open { lease, changed: false, messages: vec![], message_bytes: 0 });
        let session = Arc::new(Self {
            cell: Mutex::new(Held::Open(open)),
            deadline,
            read_only: options.read_only,
            abandoned: AtomicBool::new(false),
            shared,
            timer: OnceLock::new(),
        });
        session.limit_idling();
        Ok(session)
    }

    /// Ends the transaction at the deadline also when nobody calls. The task ends with the session.
    fn limit_idling(self: &Arc<Self>) {
        let session = Arc::downgrade(self);
        let deadline = self.deadline;
        let timer = tokio::spawn(async move {
            sleep_until(deadline.into()).await;
            if let Some(session) = session.upgrade() {
                let mut held = session.cell.lock().await;
                if matches!(*held, Held::Open(_)) {
                    *held = Held::Closed(Why::Deadline);
                }
            }
        });
        if self.timer.set(timer.abort_handle()).is_err() {
            tracing::error!("a transaction has two timers");
        }
    }

    /// Takes the connection for one call. Until it is put back the transaction counts as cancelled.
    async fn take(&self) -> Result<(MutexGuard<'_, Held>, Box<Open>), Error> {
        let mut held = timeout_at(self.deadline.into(), self.cell.lock()).await.map_err(|_| Error::Timeout)?;
        match std::mem::replace(&mut *held, Held::Closed(Why::Cancelled)) {
            Held::Open(open) if Instant::now() < self.deadline => Ok((held, open)),
            Held::Open(_) => {
                *held = Held::Closed(Why::Deadline);
                Err(Error::Timeout)
            }
            Held::Closed(why) => {
                *held = Held::Closed(why);
                Err(why.error())
            }
        }
    }

    /// Puts the connection back after a call, unless the transaction ended meanwhile.
    fn put(&self, mut held: MutexGuard<'_, Held>, open: Box<Open>) {
        *held = if self.abandoned.load(Ordering::Acquire) {
            Held::Closed(Why::Cancelled)
        } else if Instant::now() >= self.deadline {
            Held::Closed(Why::Deadline)
        } else {
            Held::Open(open)
        };
    }

    async fn run(&self, mut call: Call, rows: bool) -> Result<Outcome, Error> {
        let effect = self.shared.judged.judge(&call.statement)?;
        settle(&mut call.params)?;
        let (mut held, mut open) = self.take().await?;
        let wish = Wish { call: &call, effect, rows };
        let stopper = open.lease.running()?.stopper();
        let Some(result) = stopper.bound(self.deadline, open.run(&wish)).await else {
            *held = Held::Closed(Why::Deadline);
            return Err(Error::Timeout);
        };
        match &result {
            Err(Failure { after: After::Aborted | After::Lost, .. }) => *held = Held::Closed(Why::Failed),
            Err(Failure { error: Error::Timeout, .. }) => *held = Held::Closed(Why::Deadline),
            _ => self.put(held, open),
        }
        Ok(result?)
    }

    async fn query_rows(&self, call: Call) -> Result<Rows, Error> {
        Ok(self.run(call, true).await?.rows)
    }

    async fn execute_rows(&self, call: Call) -> Result<u64, Error> {
        Ok(self.run(call, false).await?.changed)
    }

    async fn send_message(&self, row: OutboxRow) -> Result<(), Error> {
        if self.read_only {
            return Err(Error::invalid("the transaction is read-only"));
        }
        let (held, mut open) = self.take().await?;
        let sent = open.send(row);
        self.put(held, open);
        sent
    }

    async fn finish(&self, commit: bool) -> Result<(), Error> {
        let (mut held, mut open) = self.take().await?;
        *held = Held::Closed(Why::Finished);
        if !commit {
            let undone = timeout_at(self.deadline.into(), open.lease.running()?.simple("ROLLBACK")).await;
            let undone = undone.map_err(|_| Error::Timeout)?;
            let state = if undone.is_ok() { State::Clean } else { State::Transaction };
            open.lease.ended(&undone, state);
            return Ok(undone?);
        }
        // In a task of its own: whoever waits may go away, and then the relay must be told all the same.
        let shared = Arc::clone(&self.shared);
        let ended = tokio::spawn(async move { open.commit(&shared.mail).await }).await;
        Ok(ended.map_err(|_| Error::unavailable("the committing task stopped"))??)
    }
}

impl Open {
    async fn run(&mut self, wish: &Wish<'_>) -> Result<Outcome, Failure> {
        let changed = self.changed;
        let conn = self.lease.running()?;
        // A read that is prepared fails only with the whole transaction, or by what it computes.
        let renews = changed && (wish.effect != Effect::Read || !conn.knows(&wish.call.statement));
        let result = async {
            if renews {
                conn.simple(RENEW).await?;
            }
            within(conn, wish).await
        };
        let mut result = result.await;
        let unsaved = changed && !renews;
        if let Err(failure) = &mut result {
            if failure.stale {
                conn.stale = true;
                // Run again, the transaction sees the new schema.
                failure.error = Error::Conflict;
                failure.after = After::Aborted;
            } else if unsaved && failure.after == After::Usable {
                // It went back further than to this statement.
                failure.after = After::Aborted;
            }
        }
        self.changed = match &result {
            Ok(_) => unsaved || wish.effect != Effect::Read,
            Err(failure) => unsaved && failure.after == After::Untouched,
        };
        self.lease.ended(&result, State::Transaction);
        result
    }

    fn send(&mut self, row: OutboxRow) -> Result<(), Error> {
        if self.messages.iter().any(|message| message.id == row.id) {
            return Err(outbox::sent_already());
        }
        let bytes = u64::try_from(row.body.len()).unwrap_or(u64::MAX);
        if self.message_bytes.saturating_add(bytes) > RESULT_BYTES_MAX {
            return Err(Error::TooLarge { limit: RESULT_BYTES_MAX });
        }
        self.message_bytes = self.message_bytes.saturating_add(bytes);
        self.messages.push(row);
        Ok(())
    }

    /// Writes the messages and commits, in one exchange.
    async fn commit(mut self, mail: &Notify) -> Result<(), Failure> {
        let messages = !self.messages.is_empty();
        let mut text = if messages { outbox::insert_text(&self.messages)? } else { String::new() };
        text.push_str("COMMIT");
        let late = || Failure::usable(Error::unavailable("the server does not answer; the outcome is not known"));
        let conn = self.lease.running()?;
        let committed = tokio::time::timeout(COMMIT_WAIT, conn.simple(text)).await.map_err(|_| late())?;
        if messages && committed.is_ok() {
            mail.notify_one();
        }
        // A refused commit has ended the transaction; a message that was refused has only failed it.
        let state = if committed.is_ok() || !messages { State::Clean } else { State::Transaction };
        self.lease.ended(&committed, state);
        committed.map_err(|failure| match failure.error {
            Error::Constraint { kind: ConstraintKind::Unique, name: Some(name) } if name == outbox::ID_RULE => {
                Failure::usable(outbox::sent_already())
            }
            _ => failure,
        })
    }
}

/// Begins with the limits of the request and the first savepoint. A statement that waits for a lock is limited as any other.
async fn start(conn: &mut Conn, options: Options, deadline: Instant) -> Result<(), Failure> {
    conn.limit(deadline).await?;
    let level = match options.isolation {
        Isolation::ReadCommitted => "READ COMMITTED",
        Isolation::RepeatableRead => "REPEATABLE READ",
        Isolation::Serializable => "SERIALIZABLE",
    };
    let mode = if options.read_only { " READ ONLY" } else { "" };
    let idle = milliseconds(deadline.saturating_duration_since(Instant::now()) + IDLE_SLACK);
    let begin = format!(
        "BEGIN ISOLATION LEVEL {level}{mode}; SET LOCAL idle_in_transaction_session_timeout = {idle}; SAVEPOINT wharf"
    );
    conn.simple(begin).await
}

impl Session for PgSession {
    fn query(&self, call: Call) -> Answer<'_, Rows> {
        self.query_rows(call).boxed()
    }

    fn execute(&self, call: Call) -> Answer<'_, u64> {
        self.execute_rows(call).boxed()
    }

    fn send(&self, row: OutboxRow) -> Answer<'_, ()> {
        self.send_message(row).boxed()
    }

    fn commit(&self) -> Answer<'_, ()> {
        self.finish(true).boxed()
    }

    fn rollback(&self) -> Answer<'_, ()> {
        self.finish(false).boxed()
    }

    fn abandon(&self) {
        self.abandoned.store(true, Ordering::Release);
        if let Ok(mut held) = self.cell.try_lock()
            && matches!(*held, Held::Open(_))
        {
            *held = Held::Closed(Why::Cancelled);
        }
    }
}

impl Drop for PgSession {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.get() {
            timer.abort();
        }
    }
}
