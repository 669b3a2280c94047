//! The embedded backend: one SQLite file, one owner, a commit that is on the disk before anybody is told.

mod broker;
mod carried;
mod dead;
mod lease;
mod publish;
mod schema;
mod spill;
mod store;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures::FutureExt;
use futures::future::BoxFuture;

pub(crate) use self::carried::Entered;
use self::dead::Change;
pub(crate) use self::lease::Settled;
pub(crate) use self::spill::Spilled;
use self::store::Store;
use super::{
    Backend, Batch, Counts, CronKey, DeadLetter, Lease, Publication, ReleaseCounts, Selection, Settlement, Slots,
};
use crate::Error;

/// Messages in a SQLite file.
pub(crate) struct BookBackend {
    store: Store,
    /// The next lease's token. Leases die with the owner of the file, so counting from 1 in each life is enough.
    token: Arc<AtomicI64>,
}

impl BookBackend {
    /// Opens or creates the file, waiting up to 5 s for an owner that is just ending. Blocks; meant for the start.
    ///
    /// # Errors
    /// [`Error::Store`]: not a queue file, or owned by another process; [`Error::Config`]: of a later version.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { store: Store::open(path)?, token: Arc::new(AtomicI64::new(1)) })
    }

    async fn change(&self, queue: &str, which: Selection, change: Change, now_us: i64) -> Result<u64, Error> {
        let mut total: u64 = 0;
        let mut left = Some(which);
        while let Some(which) = left {
            let queue = queue.to_owned();
            let (number, rest) = self
                .store
                .call("changing dead letters", move |conn| dead::change(conn, &queue, (which, change), now_us))
                .await?;
            total = total.saturating_add(number);
            left = rest;
        }
        Ok(total)
    }
}

impl Backend for BookBackend {
    fn publish(&self, batch: Vec<Publication>, now_us: i64) -> BoxFuture<'_, Result<(), Error>> {
        self.store.try_call("publishing", move |conn| publish::publish(conn, &batch, now_us)).boxed()
    }

    fn take(&self, queue: &str, limit: u32, held: Vec<Lease>, now_us: i64) -> BoxFuture<'_, Result<Batch, Error>> {
        let queue = queue.to_owned();
        let token = self.token.fetch_add(i64::from(limit), Ordering::Relaxed);
        let work = move |conn: &rusqlite::Connection| {
            lease::renew(conn, &held, now_us)?;
            lease::take(conn, &queue, limit, token, now_us)
        };
        self.store.call("taking messages", work).boxed()
    }

    fn renew(&self, held: Vec<Lease>, now_us: i64) -> BoxFuture<'_, Result<(), Error>> {
        self.store.call("renewing leases", move |conn| lease::renew(conn, &held, now_us)).boxed()
    }

    fn settle(&self, lease: Lease, settlement: Settlement, now_us: i64) -> BoxFuture<'_, Result<bool, Error>> {
        async move { Ok(self.end(lease, settlement, now_us).await?.done) }.boxed()
    }

    fn counts(&self, queues: Vec<String>) -> BoxFuture<'_, Result<Vec<Counts>, Error>> {
        self.store.call("counting", move |conn| dead::counts(conn, queues)).boxed()
    }

    fn releases(&self) -> BoxFuture<'_, Result<Vec<ReleaseCounts>, Error>> {
        self.store.call("counting by release", dead::releases).boxed()
    }

    fn absent(&self, queue: &str, ids: Vec<String>) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        let queue = queue.to_owned();
        self.store.call("looking for dead letters", move |conn| dead::absent(conn, &queue, ids)).boxed()
    }

    fn dead_letters(&self, queue: &str, limit: u32) -> BoxFuture<'_, Result<Vec<DeadLetter>, Error>> {
        let queue = queue.to_owned();
        self.store.call("reading dead letters", move |conn| dead::letters(conn, &queue, limit)).boxed()
    }

    fn redrive(&self, queue: &str, which: Selection, now_us: i64) -> BoxFuture<'_, Result<u64, Error>> {
        let queue = queue.to_owned();
        async move { self.change(&queue, which, Change::Redrive, now_us).await }.boxed()
    }

    fn discard(&self, queue: &str, which: Selection, now_us: i64) -> BoxFuture<'_, Result<u64, Error>> {
        let queue = queue.to_owned();
        async move { self.change(&queue, which, Change::Discard, now_us).await }.boxed()
    }

    fn paused(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        self.store.call("reading pauses", dead::paused).boxed()
    }

    fn set_paused(&self, queue: &str, paused: bool) -> BoxFuture<'_, Result<(), Error>> {
        let queue = queue.to_owned();
        self.store.call("pausing", move |conn| dead::set_paused(conn, &queue, paused)).boxed()
    }

    fn last_slot(&self, key: CronKey, begin_us: i64) -> BoxFuture<'_, Result<i64, Error>> {
        let work = move |conn: &rusqlite::Connection| publish::last_slot(conn, &key.component, &key.name, begin_us);
        self.store.call("reading a schedule", work).boxed()
    }

    fn fire(
        &self,
        key: CronKey,
        slots: Slots,
        batch: Vec<Publication>,
        now_us: i64,
    ) -> BoxFuture<'_, Result<bool, Error>> {
        let work = move |conn: &rusqlite::Connection| {
            let moved = publish::move_slot(conn, (&key.component, &key.name), (slots.from_us, slots.to_us))
                .map_err(Error::store("firing a schedule"))?;
            if moved {
                publish::publish(conn, &batch, now_us)?;
            }
            Ok(moved)
        };
        self.store.try_call("firing a schedule", work).boxed()
    }

    fn forget(&self, now_us: i64) -> BoxFuture<'_, Result<(), Error>> {
        async move {
            while self.store.call("forgetting", move |conn| publish::forget(conn, now_us)).await? {}
            Ok(())
        }
        .boxed()
    }
}
