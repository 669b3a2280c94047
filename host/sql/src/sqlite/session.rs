//! An open transaction on one connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use futures::FutureExt;
use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::task::AbortHandle;
use tokio::time::{sleep_until, timeout_at};

use super::connection::Conn;
use super::pool::Lease;
use super::{outbox, statement};
use crate::backend::{Answer, Call, Session, Why};
use crate::guard::{Class, inspect};
use crate::value::settle;
use crate::{Error, OutboxRow, Rows};

/// A transaction. The connection is with the session, or with the thread that runs a statement on it.
#[derive(Debug)]
pub(crate) struct SqliteSession {
    cell: Mutex<Held>,
    deadline: Instant,
    read_only: bool,
    /// Set when the request ended while a statement ran; what runs puts an end to it.
    abandoned: AtomicBool,
    /// Told of commits with messages.
    mail: Arc<Notify>,
    timer: OnceLock<AbortHandle>,
}

#[derive(Debug)]
enum Held {
    Open(Open),
    Closed(Why),
}

#[derive(Debug)]
struct Open {
    lease: Lease,
    /// Messages sent so far.
    messages: u32,
}

impl SqliteSession {
    /// Begins on a leased connection.
    pub(crate) async fn begin(
        lease: Lease,
        read_only: bool,
        deadline: Instant,
        mail: Arc<Notify>,
    ) -> Result<Arc<Self>, Error> {
        let work =
            move |conn: &Conn| if read_only { statement::begin_read(conn) } else { statement::begin_write(conn) };
        let lease = if let Some(result) = lease.inline(deadline, work) {
            result?;
            lease
        } else {
            // Another process holds the lock.
            let (lease, result) = lease.run(deadline, work).await;
            result?;
            lease.ok_or_else(|| Error::other("the connection is gone"))?
        };
        let session = Arc::new(Self {
            cell: Mutex::new(Held::Open(Open { lease, messages: 0 })),
            deadline,
            read_only,
            abandoned: AtomicBool::new(false),
            mail,
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
    async fn take(&self) -> Result<(MutexGuard<'_, Held>, Open), Error> {
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
    fn put(&self, mut held: MutexGuard<'_, Held>, open: Open) {
        let alive = open.lease.conn().is_ok_and(Conn::in_transaction);
        *held = if self.abandoned.load(Ordering::Acquire) {
            Held::Closed(Why::Cancelled)
        } else if Instant::now() >= self.deadline {
            Held::Closed(Why::Deadline)
        } else if alive {
            Held::Open(open)
        } else {
            Held::Closed(Why::Failed)
        };
    }

    /// Runs work on a thread that may block.
    async fn run<T: Send + 'static>(
        &self,
        held: MutexGuard<'_, Held>,
        open: Open,
        work: impl FnOnce(&Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let messages = open.messages;
        let (lease, result) = open.lease.run(self.deadline, work).await;
        if let Some(lease) = lease {
            self.put(held, Open { lease, messages });
        }
        result
    }

    async fn query_rows(&self, mut call: Call) -> Result<Rows, Error> {
        let class = inspect(&call.statement)?;
        settle(&mut call.params)?;
        let (held, open) = self.take().await?;
        // Stopping a statement that writes would take the whole transaction with it.
        if self.read_only || class == Class::Read {
            let short = open.lease.inline(self.deadline, |conn| statement::read(conn, &call));
            match short {
                Some(Ok(Some(rows))) => {
                    self.put(held, open);
                    return Ok(rows);
                }
                Some(Err(error)) => {
                    self.put(held, open);
                    return Err(error);
                }
                Some(Ok(None)) | None => {}
            }
        }
        self.run(held, open, move |conn| statement::query(conn, &call)).await
    }

    async fn execute_rows(&self, mut call: Call) -> Result<u64, Error> {
        let class = inspect(&call.statement)?;
        settle(&mut call.params)?;
        let (held, open) = self.take().await?;
        self.run(held, open, move |conn| statement::execute(conn, &call, class)).await
    }

    async fn send_message(&self, row: OutboxRow) -> Result<(), Error> {
        if self.read_only {
            return Err(Error::invalid("the transaction is read-only"));
        }
        let (held, mut open) = self.take().await?;
        open.messages += 1;
        self.run(held, open, move |conn| outbox::add(conn, &row)).await
    }

    async fn finish(&self, commit: bool) -> Result<(), Error> {
        let (mut held, open) = self.take().await?;
        *held = Held::Closed(Why::Finished);
        if !commit || self.read_only {
            drop(open);
            return Ok(());
        }
        let mail = (open.messages > 0).then(|| Arc::clone(&self.mail));
        let work = move |conn: &Conn| {
            statement::commit(conn)?;
            // Here, and not after the wait: whoever waited may be gone.
            if let Some(mail) = mail {
                mail.notify_one();
            }
            Ok(())
        };
        let (lease, result) = open.lease.run(self.deadline, work).await;
        drop(lease);
        result
    }
}

impl Session for SqliteSession {
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

impl Drop for SqliteSession {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.get() {
            timer.abort();
        }
    }
}
