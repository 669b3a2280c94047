//! One queue's loop: takes what is due while there is a free place, keeps leases alive, drains at the end.
//!
//! It sleeps until a message arrives, one is finished, or the next becomes due. It decides pace, never policy: what an
//! outcome means is `retry`'s business, which message comes next the backend's.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::backend::{Backend, Cause, LEASE_RENEW, Lease, Settlement, Taken};
use crate::lane::{Lane, Pulse};
use crate::table::Table;
use crate::{Clock, Deliver, Outcome, retry};

/// Longest sleep without a look at the clock: the wall clock may be set while we sleep.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Sleep after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Tries to settle one message, 200 ms apart and doubling; after that its lease runs out and it is delivered again.
const SETTLE_TRIES: u32 = 5;
/// Longest time to give unfinished messages back at the end; what is not given back has its lease run out.
const RETURN_WAIT: Duration = Duration::from_secs(10);

/// What every worker works with.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) tables: watch::Receiver<Arc<Table>>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) clock: Clock,
    pub(crate) deliver: Deliver,
    pub(crate) shutdown: CancellationToken,
    pub(crate) drain: Duration,
}

#[derive(Clone)]
pub(crate) struct Worker {
    queue: Arc<str>,
    pulse: Arc<Pulse>,
    post: Post,
}

/// Messages being handled: at most the queue's concurrency.
#[derive(Default)]
struct Flights {
    tasks: JoinSet<()>,
    leases: HashMap<Id, Lease>,
}

impl Flights {
    fn leases(&self) -> Vec<Lease> {
        self.leases.values().copied().collect()
    }

    /// Waits for one to end and clears away all that have. Not to be called when none is under way.
    async fn landed(&mut self) {
        let mut ended = self.tasks.join_next_with_id().await;
        while let Some(result) = ended {
            let id = match result {
                Ok((id, ())) => id,
                Err(error) => error.id(),
            };
            self.leases.remove(&id);
            ended = self.tasks.try_join_next_with_id();
        }
    }
}

impl Worker {
    pub(crate) fn new(queue: String, pulse: Arc<Pulse>, post: Post) -> Self {
        Self { queue: queue.into(), pulse, post }
    }

    pub(crate) async fn run(self) {
        let mut flights = Flights::default();
        let mut renewal = interval(LEASE_RENEW);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.post.shutdown.is_cancelled() {
            let wait = self.take(&mut flights, &mut renewal).await;
            tokio::select! {
                () = self.post.shutdown.cancelled() => break,
                () = self.pulse.wake.notified() => {}
                () = self.post.backend.arrived(&self.queue) => {}
                () = flights.landed(), if !flights.leases.is_empty() => {}
                _ = renewal.tick(), if !flights.leases.is_empty() => self.renew(&flights).await,
                () = sleep(wait) => {}
            }
        }
        self.land(flights).await;
    }

    /// Fills the free places and says how long there is nothing more to do.
    async fn take(&self, flights: &mut Flights, renewal: &mut Interval) -> Duration {
        let lane = self.post.tables.borrow().lane(&self.queue).cloned();
        let Some(lane) = lane else { return LOOK_AGAIN };
        let used = u32::try_from(flights.leases.len()).unwrap_or(u32::MAX);
        let room = lane.consumer.concurrency.saturating_sub(used);
        if room == 0 {
            return LOOK_AGAIN;
        }
        let now_us = (self.post.clock)();
        let batch = match self.post.backend.take(&self.queue, room, flights.leases(), now_us).await {
            Ok(batch) => batch,
            Err(error) => {
                tracing::warn!(queue = &*self.queue, error = %error, "taking messages failed; trying again");
                return STORE_PAUSE;
            }
        };
        // Taking renewed the leases held and gave new ones.
        renewal.reset();
        let stopping = self.post.shutdown.is_cancelled();
        for taken in batch.taken {
            let lease = taken.lease;
            let (worker, lane) = (self.clone(), Arc::clone(&lane));
            let task = async move {
                let settlement =
                    if stopping { Settlement::Return { due_us: now_us } } else { worker.attempt(&lane, taken).await };
                worker.settle(lease, settlement).await;
            };
            flights.leases.insert(flights.tasks.spawn(task).id(), lease);
        }
        let due_us = batch.next_due_us.map_or(i64::MAX, |due| due.saturating_sub(now_us));
        Duration::from_micros(u64::try_from(due_us).unwrap_or(0)).min(LOOK_AGAIN)
    }

    async fn renew(&self, flights: &Flights) {
        if let Err(error) = self.post.backend.renew(flights.leases(), (self.post.clock)()).await {
            tracing::warn!(queue = &*self.queue, error = %error, "renewing leases failed; trying again");
        }
    }

    /// Makes one attempt and says what becomes of the message.
    async fn attempt(&self, lane: &Lane, taken: Taken) -> Settlement {
        let consumer = &lane.consumer;
        let (attempt, id) = (taken.attempt, taken.message.id.clone());
        if attempt > consumer.max_attempts {
            // The host, not the component, ended the attempt before this one.
            return dead("the host stopped during the last attempt");
        }
        let Some(delivery) = lane.delivery(taken) else {
            return dead("its schedule is no longer in the manifest");
        };
        let handling = AssertUnwindSafe(async { (self.post.deliver)(delivery).await }).catch_unwind();
        let outcome = match timeout(consumer.deadline, handling).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_panic)) => Outcome::fault("the host failed while it delivered the message"),
            Err(_elapsed) => Outcome::fault(format!("the deadline of {:?} passed", consumer.deadline)),
        };
        let reason = outcome.reason.clone();
        let settlement = retry::settlement(consumer, attempt, outcome, (self.post.clock)(), retry::jitter());
        let queue = &*self.queue;
        match &settlement {
            Settlement::Retry { .. } => tracing::info!(queue, id, attempt, reason, "a message is tried again later"),
            Settlement::Dead(_) => tracing::warn!(queue, id, attempt, reason, "a message became a dead letter"),
            Settlement::Done | Settlement::Return { .. } => {}
        }
        settlement
    }

    async fn settle(&self, lease: Lease, settlement: Settlement) {
        let mut pause = Duration::from_millis(200);
        for _ in 0..SETTLE_TRIES {
            match self.post.backend.settle(lease, settlement.clone(), (self.post.clock)()).await {
                Ok(true) => return self.count(&settlement),
                Ok(false) => {
                    tracing::warn!(queue = &*self.queue, "a lease was lost; the message is delivered again");
                    return;
                }
                Err(error) => {
                    tracing::warn!(queue = &*self.queue, error = %error, "settling failed; trying again");
                    sleep(pause).await;
                    pause *= 2;
                }
            }
        }
    }

    /// Counts what is settled, and only then: the totals never run ahead of the queue itself.
    fn count(&self, settlement: &Settlement) {
        match settlement {
            Settlement::Done => Pulse::count(&self.pulse.handled),
            Settlement::Retry { .. } => Pulse::count(&self.pulse.retried),
            Settlement::Dead(_) | Settlement::Return { .. } => {}
        }
    }

    /// Lets running attempts end until the drain limit, then gives the rest back as if they had not begun.
    async fn land(&self, mut flights: Flights) {
        let end = Instant::now() + self.post.drain;
        let mut renewal = interval(LEASE_RENEW);
        while !flights.leases.is_empty() {
            tokio::select! {
                () = flights.landed() => {}
                _ = renewal.tick() => self.renew(&flights).await,
                () = sleep_until(end) => break,
            }
        }
        flights.tasks.shutdown().await;
        let due_us = (self.post.clock)();
        let leases = flights.leases();
        let returns = leases.into_iter().map(|lease| self.settle(lease, Settlement::Return { due_us }));
        if timeout(RETURN_WAIT, join_all(returns)).await.is_err() {
            tracing::warn!(queue = &*self.queue, "messages could not be given back; their leases run out");
        }
    }
}

fn dead(reason: &str) -> Settlement {
    Settlement::Dead(Cause { reason: reason.to_owned(), status: None, response: String::new() })
}
