//! A statement whose rows are handed over while it runs.

use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout_at;

use super::connection::Conn;
use super::pool::Lease;
use super::statement::{Shape, prepare};
use crate::backend::Call;
use crate::stream::{BATCH_BYTES, BATCHES_WAITING, Batch};
use crate::value::RESULT_BYTES_MAX;
use crate::{Column, Error, RowStream};

/// Starts a statement on its own thread; returns once its first row or its end is known.
pub(crate) async fn start(lease: Lease, call: Call, deadline: Instant) -> Result<RowStream, Error> {
    let (batches, receiver) = mpsc::channel(BATCHES_WAITING);
    let (columns, described) = oneshot::channel();
    let (end, ended) = oneshot::channel();
    let pump = Pump { batches, deadline, runtime: Handle::current() };
    let canceller = lease.watch(deadline)?;
    tokio::task::spawn_blocking(move || {
        let result = lease.conn().and_then(|conn| pump.run(conn, &call, columns));
        // The connection is free before its reader knows the end.
        drop(lease);
        drop(pump);
        if end.send(result).is_err() {
            tracing::trace!("the reader of a stream went away");
        }
    });
    match described.await {
        Ok(columns) => Ok(RowStream { columns, batches: receiver, end: ended, guard: Box::new(canceller) }),
        Err(_) => Err(crate::stream::ended(ended.await).err().unwrap_or_else(|| Error::other("no columns"))),
    }
}

struct Pump {
    batches: mpsc::Sender<Batch>,
    deadline: Instant,
    runtime: Handle,
}

impl Pump {
    fn run(&self, conn: &Conn, call: &Call, columns: oneshot::Sender<Vec<Column>>) -> Result<(), Error> {
        let mut statement = prepare(conn, call)?;
        if !statement.readonly() {
            return Err(Error::invalid("the statement changes data: use query or execute"));
        }
        let mut rows = statement.raw_query();
        let failure = |error| conn.failure(error, &call.statement);
        let Some(first) = rows.next().map_err(failure)? else {
            drop(rows);
            announce(columns, Shape::of(&statement).columns);
            return Ok(());
        };
        let mut shape = Shape::of(first.as_ref());
        announce(columns, std::mem::take(&mut shape.columns));
        let mut batch = Batch::new();
        let mut pending = 0_u64;
        let mut next = Some(first);
        while let Some(row) = next {
            let (values, bytes) = shape.read(row)?;
            if bytes > RESULT_BYTES_MAX {
                return Err(Error::TooLarge { limit: RESULT_BYTES_MAX });
            }
            batch.push(values);
            pending = pending.saturating_add(bytes);
            let starving = self.batches.capacity() == BATCHES_WAITING;
            if starving || pending >= u64::try_from(BATCH_BYTES).unwrap_or(u64::MAX) {
                if !self.hand_over(std::mem::take(&mut batch))? {
                    return Ok(());
                }
                pending = 0;
            }
            next = rows.next().map_err(failure)?;
        }
        if !batch.is_empty() {
            self.hand_over(batch)?;
        }
        Ok(())
    }

    /// Waits for room until the deadline; false when nobody reads any more.
    fn hand_over(&self, batch: Batch) -> Result<bool, Error> {
        let batch = match self.batches.try_send(batch) {
            Ok(()) => return Ok(true),
            Err(mpsc::error::TrySendError::Closed(_)) => return Ok(false),
            Err(mpsc::error::TrySendError::Full(batch)) => batch,
        };
        let sent = self.runtime.block_on(timeout_at(self.deadline.into(), self.batches.send(batch)));
        match sent {
            Ok(sent) => Ok(sent.is_ok()),
            Err(_) => Err(Error::Timeout),
        }
    }
}

fn announce(to: oneshot::Sender<Vec<Column>>, columns: Vec<Column>) {
    if to.send(columns).is_err() {
        tracing::trace!("the reader of a stream went away");
    }
}
