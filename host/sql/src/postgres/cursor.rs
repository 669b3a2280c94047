//! A statement whose rows are handed over while the server reads.
//!
//! The server keeps a cursor and is asked for some rows at a time, about one batch: so it is no further ahead of the
//! reader than that, and a first row arrives even if the second takes long.

use std::time::Instant;

use futures::TryStreamExt;
use sqlx::postgres::PgArguments;
use sqlx::{AssertSqlSafe, Either, Executor as _, Statement as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout_at;

use super::cell::Shape;
use super::connection::Conn;
use super::failure::{Failure, translate};
use super::pool::{Lease, State};
use super::statement::{arguments, prepare};
use crate::backend::Call;
use crate::stream::{BATCH_BYTES, BATCHES_WAITING, Batch};
use crate::value::RESULT_BYTES_MAX;
use crate::{Column, Error, RowStream};

/// Only a read may stream: the server itself refuses changes.
const BEGIN: &str = "BEGIN READ ONLY";

/// Before the statement.
const DECLARE: &str = "DECLARE wharf NO SCROLL CURSOR FOR ";

/// Most rows asked for at once.
const FETCH_MAX: u64 = 1000;

/// Starts a statement in a task of its own; returns once its first row or its end is known.
pub(crate) async fn start(lease: Lease, call: Call, deadline: Instant) -> Result<RowStream, Error> {
    let (batches, receiver) = mpsc::channel(BATCHES_WAITING);
    let (columns, described) = oneshot::channel();
    let (end, ended) = oneshot::channel();
    let (guard, gone) = oneshot::channel::<()>();
    let pump = Pump { batches, columns: Some(columns) };
    tokio::spawn(async move {
        let mut lease = lease;
        let mut pump = pump;
        let result = tokio::select! {
            result = timeout_at(deadline.into(), pump.run(&mut lease, &call)) => {
                result.unwrap_or(Err(Error::Timeout))
            }
            // The reader wants no more; the lease stops the server.
            _ = gone => Ok(()),
        };
        // The connection is free before its reader knows the end.
        drop(lease);
        drop(pump);
        if end.send(result).is_err() {
            tracing::trace!("the reader of a stream went away");
        }
    });
    match described.await {
        Ok(columns) => Ok(RowStream { columns, batches: receiver, end: ended, guard: Box::new(guard) }),
        Err(_) => Err(crate::stream::ended(ended.await).err().unwrap_or_else(|| Error::other("no columns"))),
    }
}

struct Pump {
    batches: mpsc::Sender<Batch>,
    columns: Option<oneshot::Sender<Vec<Column>>>,
}

/// Rows of one exchange with the server.
#[derive(Default)]
struct Fetched {
    rows: u64,
    bytes: u64,
}

impl Pump {
    async fn run(&mut self, lease: &mut Lease, call: &Call) -> Result<(), Error> {
        let conn = lease.running()?;
        match self.read(conn, call).await {
            Ok(()) => {
                let ended = conn.simple("COMMIT").await;
                lease.ended(&ended, State::Clean);
                Ok(())
            }
            Err(Halt::Server(failure)) => {
                let result = Err::<(), _>(failure);
                lease.ended(&result, State::Transaction);
                Ok(result?)
            }
            // Rows are still on their way: the lease stops them.
            Err(Halt::Here(error)) => Err(error),
            Err(Halt::Unread) => Ok(()),
        }
    }

    async fn read(&mut self, conn: &mut Conn, call: &Call) -> Result<(), Halt> {
        conn.simple(BEGIN).await?;
        let prepared = prepare(conn, call).await?;
        let arguments = arguments(call, &prepared)?;
        let shape = Shape::of(prepared.columns());
        declare(conn, call, arguments).await?;
        let mut wanted = 1;
        loop {
            let Fetched { rows, bytes } = self.fetch(conn, &shape, wanted).await?;
            self.announce(&shape);
            if rows < wanted {
                return Ok(());
            }
            // As many as make a batch, if they go on as they are.
            let batch = u64::try_from(BATCH_BYTES).unwrap_or(u64::MAX);
            wanted = (batch.saturating_mul(rows) / bytes.max(1)).clamp(1, FETCH_MAX);
        }
    }

    /// Asks for some rows and hands them over; fewer than were asked for are the last.
    async fn fetch(&mut self, conn: &mut Conn, shape: &Shape, wanted: u64) -> Result<Fetched, Halt> {
        // Not kept prepared: the next cursor of this name has other columns.
        let fetch = format!("FETCH FORWARD {wanted} FROM wharf");
        let query = sqlx::query_with(AssertSqlSafe(fetch), PgArguments::default()).persistent(false);
        let mut items = conn.raw.fetch_many(query);
        let mut batch = Batch::new();
        let (mut fetched, mut pending) = (Fetched::default(), 0_u64);
        while let Some(item) = items.try_next().await.map_err(|error| translate(&error, ""))? {
            let Either::Right(row) = item else { continue };
            let (values, bytes) = shape.read(&row).map_err(Halt::Here)?;
            if bytes > RESULT_BYTES_MAX {
                return Err(Halt::Here(Error::TooLarge { limit: RESULT_BYTES_MAX }));
            }
            batch.push(values);
            pending = pending.saturating_add(bytes);
            fetched.rows += 1;
            fetched.bytes = fetched.bytes.saturating_add(bytes);
            if pending >= u64::try_from(BATCH_BYTES).unwrap_or(u64::MAX) {
                pending = 0;
                self.announce(shape);
                self.hand_over(std::mem::take(&mut batch)).await?;
            }
        }
        drop(items);
        if !batch.is_empty() {
            self.announce(shape);
            self.hand_over(batch).await?;
        }
        Ok(fetched)
    }

    async fn hand_over(&self, batch: Batch) -> Result<(), Halt> {
        self.batches.send(batch).await.map_err(|_| Halt::Unread)
    }

    fn announce(&mut self, shape: &Shape) {
        if let Some(to) = self.columns.take()
            && to.send(shape.columns.clone()).is_err()
        {
            tracing::trace!("the reader of a stream went away");
        }
    }
}

async fn declare(conn: &mut Conn, call: &Call, arguments: PgArguments) -> Result<(), Failure> {
    let statement = call.statement.trim_start_matches([';', ' ', '\t', '\n', '\r']);
    let declare = AssertSqlSafe(format!("{DECLARE}{statement}"));
    let declared = conn.raw.execute(sqlx::query_with(declare, arguments).persistent(false)).await;
    declared.map(drop).map_err(|error| Failure { stale: false, ..translate(&error, "") })
}

/// Why the reading ended early.
enum Halt {
    /// The server said so; its exchange is over.
    Server(Failure),
    /// Here; the server may still send.
    Here(Error),
    /// Nobody reads any more.
    Unread,
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Server(failure)
    }
}
