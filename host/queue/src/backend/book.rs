//! The book: what the host knows of messages, in a SQLite file of its own or on a PostgreSQL server that hosts share. A
//! commit is on the disk before anybody is told. By itself it is the embedded backend; with a broker, what decides.

mod broker;
mod carried;
mod complaint;
mod config;
mod connection;
mod dead;
mod fault;
mod file;
mod lease;
mod publish;
mod row;
mod schema;
mod server;
mod setup;
mod spill;
mod store;
#[cfg(test)]
mod tests;
mod value;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

pub(crate) use self::carried::Entered;
pub use self::complaint::BookComplaint;
pub use self::config::{Book, PostgresConfig, PostgresTls};
use self::connection::Connection;
use self::dead::Change;
pub(crate) use self::fault::Fault;
pub(crate) use self::lease::Settled;
use self::lease::Wish;
pub(crate) use self::spill::Spilled;
use self::store::Store;
use super::{
    Backend, Batch, Counts, CronKey, DeadLetter, Lease, Publication, ReleaseCounts, Selection, Settlement, Slots,
};
use crate::Error;

/// How often a book that is shared is looked at for what another host has put there.
const LOOK: Duration = Duration::from_secs(1);

/// Messages in a book.
pub(crate) struct BookBackend {
    store: Store,
    /// Of this life: no other host, and no other start of this one, has it.
    carrier: i64,
    /// The next lease's token, from a random beginning: no two hosts count through the same.
    token: AtomicI64,
}

impl BookBackend {
    /// Opens or creates the book. Blocks; meant for the start. A file may still belong to an owner that is just ending,
    /// for which up to 5 s are waited; so they are for a server.
    ///
    /// # Errors
    /// [`Error::Store`]: not a queue file, or owned by another process; [`Error::Config`]: of a later version;
    /// [`Error::Book`]: what is wrong with the server.
    pub(crate) fn open(book: Book) -> Result<Self, Error> {
        let (carrier, token) = (random(), random() / 2);
        Ok(Self { store: Store::open(book, carrier)?, carrier, token: AtomicI64::new(token) })
    }

    /// Whether other hosts may use the book as well.
    pub(crate) fn is_shared(&self) -> bool {
        self.store.is_shared()
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
        self.store.send("publishing", move |conn| publish::publish(conn, &batch, now_us)).boxed()
    }

    fn take(&self, queue: &str, limit: u32, held: Vec<Lease>, now_us: i64) -> BoxFuture<'_, Result<Batch, Error>> {
        let queue = queue.to_owned();
        let (carrier, token) = (self.carrier, self.token.fetch_add(1, Ordering::Relaxed));
        let work = move |conn: &Connection| {
            lease::renew(conn, &held, now_us)?;
            lease::take(conn, Wish { queue: &queue, limit, carrier, token }, now_us)
        };
        self.store.call("taking messages", work).boxed()
    }

    fn renew(&self, held: Vec<Lease>, now_us: i64) -> BoxFuture<'_, Result<(), Error>> {
        self.store.call("renewing leases", move |conn| lease::renew(conn, &held, now_us)).boxed()
    }

    fn settle(&self, lease: Lease, settlement: Settlement, now_us: i64) -> BoxFuture<'_, Result<bool, Error>> {
        async move { Ok(self.end(lease, settlement, now_us).await?.done) }.boxed()
    }

    fn arrived(&self, _queue: &str) -> BoxFuture<'_, ()> {
        if self.is_shared() { tokio::time::sleep(LOOK).boxed() } else { futures::future::pending().boxed() }
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
        let work = move |conn: &Connection| publish::last_slot(conn, &key.component, &key.name, begin_us);
        self.store.call("reading a schedule", work).boxed()
    }

    fn fire(
        &self,
        key: CronKey,
        slots: Slots,
        batch: Vec<Publication>,
        now_us: i64,
    ) -> BoxFuture<'_, Result<bool, Error>> {
        let work = move |conn: &Connection| {
            let moved = publish::move_slot(conn, (&key.component, &key.name), (slots.from_us, slots.to_us))
                .map_err(Error::store("firing a schedule"))?;
            if moved {
                publish::publish(conn, &batch, now_us)?;
            }
            Ok(moved)
        };
        self.store.send("firing a schedule", work).boxed()
    }

    fn forget(&self, now_us: i64) -> BoxFuture<'_, Result<(), Error>> {
        async move {
            while self.store.call("forgetting", move |conn| publish::forget(conn, now_us)).await? {}
            Ok(())
        }
        .boxed()
    }
}

/// A positive number that nobody else has.
fn random() -> i64 {
    i64::try_from(uuid::Uuid::new_v4().as_u64_pair().1 >> 2).unwrap_or(1)
}
