//! Carries committed messages from the components' databases to the queue.
//!
//! A row leaves a database only after the queue has it safe, and the queue takes an id once: a crash between the two
//! repeats the publication and changes nothing.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use queue::{Message, QueueProvider};
use sql::{Outbox, OutboxRow};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::capabilities::Capabilities;

/// Rows carried at once: one durable write of the queue for all of them.
const BATCH: u32 = 100;

/// Pause between two batches: what is committed meanwhile is carried at once. Each batch costs the database two exchanges and
/// the queue a wait for its disk, whatever its size; nobody notices so short a delay, and the first message after a while has
/// none.
const GATHER: Duration = Duration::from_millis(5);

/// Pause after the queue or the database refused.
const PAUSE: Duration = Duration::from_secs(1);

/// One relay for each database, also for those that a later release brings.
pub struct Relays {
    tasks: TaskTracker,
    shutdown: CancellationToken,
    databases: Mutex<BTreeSet<String>>,
}

impl Relays {
    /// None yet. They are tasks of `tasks` and end at `shutdown`.
    pub fn new(tasks: TaskTracker, shutdown: CancellationToken) -> Self {
        Self { tasks, shutdown, databases: Mutex::default() }
    }

    /// Starts those that are missing.
    pub fn follow(&self, capabilities: &Capabilities) {
        for database in capabilities.sql.databases() {
            // A name is added whole.
            let new = self.databases.lock().unwrap_or_else(PoisonError::into_inner).insert(database.clone());
            if let Some(outbox) = capabilities.sql.outbox(&database).filter(|_| new) {
                self.tasks.spawn(run(outbox, capabilities.queue.clone(), self.shutdown.clone()));
            }
        }
    }
}

/// Carries messages of one database until `shutdown`. What is left then waits for the next start.
async fn run(outbox: Outbox, queue: QueueProvider, shutdown: CancellationToken) {
    while let Some(()) = shutdown.run_until_cancelled(step(&outbox, &queue)).await {}
}

async fn step(outbox: &Outbox, queue: &QueueProvider) {
    let pending = match outbox.pending(BATCH).await {
        Ok(pending) => pending,
        Err(error) => return pause(&error).await,
    };
    if pending.is_empty() {
        return outbox.wait().await;
    }
    let ids: Vec<_> = pending.iter().map(|row| row.id.clone()).collect();
    let more = u32::try_from(ids.len()).is_ok_and(|number| number >= BATCH);
    let messages = pending.into_iter().map(message).collect();
    if let Err(error) = queue.publish_batch(messages).await {
        return pause(&error).await;
    }
    match outbox.delete(ids).await {
        Err(error) => pause(&error).await,
        Ok(()) if more => {}
        Ok(()) => tokio::time::sleep(GATHER).await,
    }
}

async fn pause(error: &(dyn std::error::Error + Send + Sync + 'static)) {
    tracing::error!(error = crate::rescue::chain(error), "the outbox waits");
    tokio::time::sleep(PAUSE).await;
}

fn message(row: OutboxRow) -> Message {
    let delay_us = i64::try_from(row.delay_ms).unwrap_or(i64::MAX).saturating_mul(1000);
    Message {
        id: row.id,
        source: row.component,
        topic: row.topic,
        subject: row.subject,
        content_type: row.content_type,
        body: row.body.into(),
        group_key: row.group_key,
        dedupe_key: row.dedupe_key,
        priority: row.priority,
        deliver_at_us: row.created_us.saturating_add(delay_us),
        sent_at_us: row.created_us,
        release: row.release,
    }
}
