//! The backend over a RabbitMQ broker: the broker carries messages between hosts, the book decides about them.
//!
//! ```text
//! publish ─▶ Outlet ─▶ broker, confirmed        (else ─▶ book, and from there to the broker when it is back)
//!            broker ─▶ Inlet ─▶ book ─▶ take, attempt, settle ─▶ acknowledged
//! ```
//!
//! The book is the embedded backend's. Order, priorities, attempts, leases, delays, duplicates, dead letters and
//! pauses are its business, so that they are the same on either backend. What waits for a time is the book's alone;
//! everything else stays the broker's until it is settled, so that another host gets it when this one dies.
//!
//! A book in a file is this host's alone: ids and dedupe keys are remembered by the host that works the queue, and after a
//! change of host a message may be handled twice, never not at all. In a book on a server they are remembered for
//! all, and delays and dead letters are everybody's.

mod complaint;
mod config;
mod desk;
mod engine;
mod envelope;
mod hands;
mod inlet;
mod kit;
mod link;
mod outlet;
mod probe;
mod sender;
mod tls;
mod version;
mod wire;
mod young;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::timeout;

pub use self::complaint::Complaint;
pub use self::config::{BrokerTls, RabbitmqConfig};
use self::engine::Engine;
use self::inlet::Inlet;
use self::outlet::Outlet;
pub use self::version::Version;
use super::book::{Book, BookBackend};
use super::{
    Backend, Batch, Counts, CronKey, DeadLetter, Lease, Parcel, Publication, ReleaseCounts, Selection, Settlement,
    Slots,
};
use crate::{Clock, Error};

/// Longest time to ask the broker how much is in its queues; after that its last answer counts.
const COUNT_WAIT: Duration = Duration::from_secs(2);

/// Messages with a broker, and a book of them.
pub(crate) struct RabbitmqBackend {
    book: Arc<BookBackend>,
    outlet: Arc<Outlet>,
    inlet: Arc<Inlet>,
    engine: Engine,
    /// What was ready in the broker when it was asked last.
    ready: Mutex<BTreeMap<String, u64>>,
}

impl RabbitmqBackend {
    /// Opens or creates the book, and begins to look for the broker: it need not be there. Blocks as the embedded
    /// backend does.
    ///
    /// # Errors
    /// Those of [`BookBackend::open`].
    pub(crate) fn open(book: Book, config: RabbitmqConfig, clock: Clock) -> Result<Self, Error> {
        let book = Arc::new(BookBackend::open(book)?);
        let outlet = Arc::new(Outlet::new(Arc::clone(&book)));
        let inlet = Arc::new(Inlet::new(Arc::clone(&book), clock));
        let engine = Engine::start(config, Arc::clone(&outlet), Arc::clone(&inlet))?;
        Ok(Self { book, outlet, inlet, engine, ready: Mutex::default() })
    }

    /// What is ready in the broker; `None`: it cannot say, and the last answer is all there is.
    async fn ready(&self, queues: BTreeSet<String>) -> (Option<()>, BTreeMap<String, u64>) {
        let inlet = Arc::clone(&self.inlet);
        let ask = async move {
            let link = inlet.link().ok_or(Error::Unavailable { what: "counting" })?;
            let unknown = |_| Error::Unavailable { what: "counting" };
            let channel = link.channel().await.map_err(unknown)?;
            let mut ready = BTreeMap::new();
            for queue in queues {
                let number = link.declare_on(&channel, &queue).await.map_err(unknown)?;
                ready.insert(queue, number);
            }
            drop(channel.close(200, "done".into()).await);
            Ok(ready)
        };
        let answer = timeout(COUNT_WAIT, self.engine.run("counting", ask)).await;
        let mut last = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(Ok(ready)) => {
                last.clone_from(&ready);
                (Some(()), ready)
            }
            Ok(Err(_)) | Err(_) => (None, last.clone()),
        }
    }

    /// In the order in which messages move on, so that one that moves meanwhile is counted twice rather than not.
    async fn count(&self, queues: Vec<String>) -> Result<Vec<Counts>, Error> {
        let spilled = self.book.spill_counts().await?;
        let mut names: BTreeSet<String> =
            queues.into_iter().chain(spilled.iter().map(|(queue, _)| queue.clone())).collect();
        names.extend(self.book.counts(Vec::new()).await?.into_iter().map(|counts| counts.queue));
        let (fresh, ready) = self.ready(names.clone()).await;
        let away = if fresh.is_some() { self.book.away().await? } else { BTreeMap::new() };
        let mut counts = self.book.counts(names.into_iter().collect()).await?;
        for one in &mut counts {
            let away = away.get(&one.queue).copied().unwrap_or_default();
            one.ready = one.ready.saturating_sub(away.ready);
            one.delayed = one.delayed.saturating_sub(away.delayed);
            one.away = ready.get(&one.queue).copied().unwrap_or(0);
            one.ready = one.ready.saturating_add(one.away);
            let waiting = spilled.iter().filter(|(queue, _)| *queue == one.queue).map(|(_, number)| number);
            one.ready = one.ready.saturating_add(waiting.sum());
        }
        Ok(counts)
    }
}

/// One parcel for each queue of each message, in the order sent.
fn parcels(batch: Vec<Publication>) -> Vec<Parcel> {
    let parcels = batch.into_iter().flat_map(|Publication { message, queues }| {
        queues.into_iter().map(move |queue| Parcel { queue, message: message.clone() })
    });
    parcels.collect()
}

impl Backend for RabbitmqBackend {
    fn publish(&self, batch: Vec<Publication>, _now_us: i64) -> BoxFuture<'_, Result<(), Error>> {
        let outlet = Arc::clone(&self.outlet);
        let work = async move { outlet.publish(parcels(batch)).await };
        self.engine.run("publishing", work).boxed()
    }

    fn take(&self, queue: &str, limit: u32, held: Vec<Lease>, now_us: i64) -> BoxFuture<'_, Result<Batch, Error>> {
        self.inlet.desk(queue).widen(limit);
        self.book.take(queue, limit, held, now_us)
    }

    fn renew(&self, held: Vec<Lease>, now_us: i64) -> BoxFuture<'_, Result<(), Error>> {
        self.book.renew(held, now_us)
    }

    fn settle(&self, lease: Lease, settlement: Settlement, now_us: i64) -> BoxFuture<'_, Result<bool, Error>> {
        async move {
            let settled = self.book.end(lease, settlement, now_us).await?;
            for seq in settled.freed {
                self.inlet.free(seq, &settled.queue).await;
            }
            Ok(settled.done)
        }
        .boxed()
    }

    fn counts(&self, queues: Vec<String>) -> BoxFuture<'_, Result<Vec<Counts>, Error>> {
        self.count(queues).boxed()
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        self.outlet.flushed().boxed()
    }

    fn arrived(&self, queue: &str) -> BoxFuture<'_, ()> {
        let desk = self.inlet.desk(queue);
        let others = self.book.arrived(queue);
        async move {
            tokio::select! {
                () = desk.arrived.notified() => {}
                () = others => {}
            }
        }
        .boxed()
    }

    fn dead_letters(&self, queue: &str, limit: u32) -> BoxFuture<'_, Result<Vec<DeadLetter>, Error>> {
        self.book.dead_letters(queue, limit)
    }

    /// Of what is in the book, also of what waits there for the broker. What lies in the broker says who sent it when it
    /// comes; until then [`Counts::away`] tells how much that is.
    fn releases(&self) -> BoxFuture<'_, Result<Vec<ReleaseCounts>, Error>> {
        self.book.releases()
    }

    fn absent(&self, queue: &str, ids: Vec<String>) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        self.book.absent(queue, ids)
    }

    fn redrive(&self, queue: &str, which: Selection, now_us: i64) -> BoxFuture<'_, Result<u64, Error>> {
        self.book.redrive(queue, which, now_us)
    }

    fn discard(&self, queue: &str, which: Selection, now_us: i64) -> BoxFuture<'_, Result<u64, Error>> {
        self.book.discard(queue, which, now_us)
    }

    fn paused(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        self.book.paused()
    }

    fn set_paused(&self, queue: &str, paused: bool) -> BoxFuture<'_, Result<(), Error>> {
        self.book.set_paused(queue, paused)
    }

    fn last_slot(&self, key: CronKey, begin_us: i64) -> BoxFuture<'_, Result<i64, Error>> {
        self.book.last_slot(key, begin_us)
    }

    /// By way of the broker as any message, so that of the hosts that keep the same schedule, each in a book of its own,
    /// one handles each slot.
    fn fire(
        &self,
        key: CronKey,
        slots: Slots,
        batch: Vec<Publication>,
        _now_us: i64,
    ) -> BoxFuture<'_, Result<bool, Error>> {
        let (outlet, book) = (Arc::clone(&self.outlet), Arc::clone(&self.book));
        let work = async move {
            let parcels = parcels(batch);
            let _writing = outlet.write(parcels.len());
            book.fire_later(key, slots, parcels).await
        };
        self.engine.run("firing a schedule", work).boxed()
    }

    fn forget(&self, now_us: i64) -> BoxFuture<'_, Result<(), Error>> {
        self.book.forget(now_us)
    }
}
