//! What the clock does, every minute: it looks at what runs out of time, and at what waits for somebody.
//!
//! Each item and each ticket is a transaction of its own, in bounded batches; what is left is done at the next tick.

use sdk::sql::{self, Isolation};
use sdk::{Problem, clock, log};
use serde_json::json;
use tasks::Allocation;
use tasks::desk::{self, Failure};
use tasks::store::{self, Due, Snapshot, Trace};

use crate::events::problem;

/// Items looked at in one batch, tasks flagged, and tickets allocated.
const BATCH: u32 = 100;
/// Batches of one tick: 500 items stay far within a request's deadline.
const BATCHES_MAX: u32 = 5;

/// What one tick did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Items whose clock was looked at.
    pub(crate) items: u32,
    /// Of these, those that will be looked at again because of an error.
    pub(crate) failed: u32,
    /// Tasks found to be past their target.
    pub(crate) late_tasks: u64,
}

/// Tells of every item that reached a level of its time.
///
/// # Errors
/// Those of the database, except for single items: one that fails does not keep the others.
pub(crate) async fn scan() -> Result<Scan, Problem> {
    let now = clock::now().0;
    let mut scan = Scan::default();
    for _ in 0..BATCHES_MAX {
        let due = due_items(now).await?;
        let is_last = u32::try_from(due.len()).is_ok_and(|found| found < BATCH);
        for item in due {
            scan.items += 1;
            if let Err(failure) = desk::watch(item, now).await {
                scan.failed += 1;
                let fields = json!({ "item.id": item.item.to_string(), "reason": format!("{failure:?}") });
                log::error("the time of an assignment could not be looked at", &fields);
            }
        }
        if is_last {
            break;
        }
    }
    let flagged = sql::retry(|| async {
        let tx = sql::begin().await?;
        let flagged = store::flag_late_tasks(&tx, now, BATCH).await?;
        tx.commit().await?;
        Ok::<_, sql::Error>(flagged)
    });
    scan.late_tasks = flagged.await?;
    Ok(scan)
}

async fn due_items(now: i64) -> Result<Vec<Due>, sql::Error> {
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    let due = store::due_items(&tx, now, BATCH).await?;
    tx.rollback().await?;
    Ok(due)
}

/// Gives tickets their tasks that nobody could be found for and somebody can now; returns how many got one.
///
/// # Errors
/// Those of the database; what was not reached waits for the next time.
pub(crate) async fn allocate_waiting(because: &str) -> Result<u32, Problem> {
    let trace = Trace { correlation_id: Some(because.to_owned()), ..Trace::default() };
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    let waiting = store::waiting(&tx, BATCH).await?;
    tx.rollback().await?;
    let mut allocated = 0;
    for snapshot in &waiting {
        allocated += u32::from(allocate(snapshot, &trace).await.map_err(problem)?);
    }
    Ok(allocated)
}

/// Whether the ticket got its task, and from here.
async fn allocate(waiting: &Snapshot, trace: &Trace) -> Result<bool, Failure> {
    sql::retry(|| async {
        let tx = sql::begin().await?;
        // As it is now: somebody else may have been faster, or the ticket gone.
        let current = store::snapshot(&tx, &waiting.ticket.number).await?;
        let Some(current) = current.filter(|current| current.allocation == Allocation::NoStaff) else {
            return Ok(false);
        };
        let allocation = desk::allocate(&tx, &current.ticket, trace).await?;
        tx.commit().await?;
        Ok(allocation == Allocation::Allocated)
    })
    .await
}
