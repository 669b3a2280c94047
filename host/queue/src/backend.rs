//! The seam between what the queue promises and where messages are kept.
//!
//! Above it: who may send, which queues a topic reaches, pace, deadlines, retry policy, what a response means. Below
//! it: durability, order, leases, duplicates. A backend counts attempts because only it survives the host.

mod backoff;
mod book;
mod rabbitmq;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::{Error, Message};

pub use book::{Book, BookComplaint, PostgresConfig, PostgresTls};
pub(crate) use book::{BookBackend, Fault};
pub(crate) use rabbitmq::RabbitmqBackend;
pub use rabbitmq::{BrokerTls, Complaint, RabbitmqConfig, Version};

/// How long a message stays taken without a sign of life from the host that took it. With the renewal every
/// [`LEASE_RENEW`] three signs may be lost, and work of a dead host resumes within ten seconds.
pub(crate) const LEASE_US: i64 = 10_000_000;
/// How often leases are renewed while messages are handled.
pub(crate) const LEASE_RENEW: std::time::Duration = std::time::Duration::from_secs(3);
/// How long ids and dedupe keys are remembered: 24 hours in microseconds.
pub(crate) const REMEMBERED_US: i64 = 24 * 3600 * 1_000_000;

/// A message and the queues that get it.
#[derive(Clone, Debug)]
pub(crate) struct Publication {
    pub(crate) message: Message,
    pub(crate) queues: Vec<String>,
}

/// A message on its way to one queue.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) queue: String,
    pub(crate) message: Message,
}

/// The right to settle a taken message; void once another has taken it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    /// Place of the message in the backend.
    pub(crate) seq: i64,
    /// Differs each time the message is taken.
    pub(crate) token: i64,
}

/// A message taken for one attempt.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) lease: Lease,
    pub(crate) message: Message,
    /// 1 for the first.
    pub(crate) attempt: u32,
}

/// What a look at a queue gave.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) taken: Vec<Taken>,
    /// When the next message becomes due or the next lease ends, if any; more may be due already.
    pub(crate) next_due_us: Option<i64>,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub(crate) enum Settlement {
    /// Handled: forget it, remember its id.
    Done,
    /// Try again, not before this time.
    Retry { due_us: i64 },
    /// Not attempted after all: the attempt does not count.
    Return { due_us: i64 },
    /// Never again unless the operator says so.
    Dead(Cause),
}

/// Why a message was given up.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    pub(crate) reason: String,
    pub(crate) status: Option<u16>,
    pub(crate) response: String,
}

/// A message given up, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message as it was sent.
    pub message: Message,
    /// Attempts made.
    pub attempts: u32,
    /// Why it was given up.
    pub reason: String,
    /// Status of the last response, where there was one.
    pub status: Option<u16>,
    /// Beginning of the last response, at most 1 KiB.
    pub response: String,
    /// When it was given up, in microseconds since the epoch.
    pub dead_at_us: i64,
}

/// Which dead letters are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Those with these message ids; ids that are not there are passed over.
    Ids(Vec<String>),
    /// All of the queue.
    All,
}

/// Messages of one queue by state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) queue: String,
    /// Due, or waiting for an earlier message of their group.
    pub(crate) ready: u64,
    /// Waiting for a time: sent with a delay, or between attempts.
    pub(crate) delayed: u64,
    pub(crate) in_flight: u64,
    pub(crate) dead: u64,
    /// The earliest time at which a message not yet handled could have been delivered first.
    pub(crate) oldest_us: Option<i64>,
    /// Of `ready`, in a broker that has not brought them to this host.
    pub(crate) away: u64,
}

/// What is left in a queue of what one release has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseCounts {
    /// The queue.
    pub queue: String,
    /// Number of the release; `None`: nobody said, as with the host's own schedules.
    pub release: Option<u64>,
    /// Messages not handled yet.
    pub waiting: u64,
    /// Dead letters.
    pub dead: u64,
}

/// A schedule in the backend's book.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CronKey {
    pub(crate) component: String,
    pub(crate) name: String,
}

/// Where messages are kept. Every time comes in as an argument, in microseconds since the epoch.
///
/// Futures may be dropped: the change then either happens as a whole or not at all.
pub(crate) trait Backend: Send + Sync + 'static {
    /// Returns once every message is durable in each of its queues: all of them, or none. A message whose id or
    /// dedupe key is known is dropped silently.
    fn publish(&self, batch: Vec<Publication>, now_us: i64) -> BoxFuture<'_, Result<(), Error>>;

    /// Renews `held`, then takes up to `limit` due messages: highest priority first, oldest first inside a priority,
    /// at most one per group and none of a group in flight or between attempts. The attempt counts from here on.
    /// Nothing is taken from a paused queue.
    fn take(&self, queue: &str, limit: u32, held: Vec<Lease>, now_us: i64) -> BoxFuture<'_, Result<Batch, Error>>;

    /// Prolongs leases to [`LEASE_US`] from now; void ones are passed over.
    fn renew(&self, held: Vec<Lease>, now_us: i64) -> BoxFuture<'_, Result<(), Error>>;

    /// Ends an attempt. `false`: the lease was void, nothing was changed.
    fn settle(&self, lease: Lease, settlement: Settlement, now_us: i64) -> BoxFuture<'_, Result<bool, Error>>;

    /// These queues and every other that holds a message, in order of name.
    fn counts(&self, queues: Vec<String>) -> BoxFuture<'_, Result<Vec<Counts>, Error>>;

    /// Returns when nothing accepted here is this host's alone any more, or cannot be helped at the moment.
    fn flush(&self) -> BoxFuture<'_, ()> {
        futures::future::ready(()).boxed()
    }

    /// Returns when messages may have come into the queue that nobody here has sent; of a backend that is this host's
    /// alone, never. Of one that can only look, within a second.
    fn arrived(&self, _queue: &str) -> BoxFuture<'_, ()> {
        futures::future::pending().boxed()
    }

    /// What releases have sent of the messages in each queue, in order of queue and release. A backend that cannot look
    /// into its queues says nothing.
    fn releases(&self) -> BoxFuture<'_, Result<Vec<ReleaseCounts>, Error>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// Of these message ids those that are no dead letter of the queue, in the order given.
    fn absent(&self, queue: &str, ids: Vec<String>) -> BoxFuture<'_, Result<Vec<String>, Error>>;

    /// The oldest dead letters of a queue.
    fn dead_letters(&self, queue: &str, limit: u32) -> BoxFuture<'_, Result<Vec<DeadLetter>, Error>>;

    /// Makes dead letters ordinary messages without attempts; returns how many.
    fn redrive(&self, queue: &str, which: Selection, now_us: i64) -> BoxFuture<'_, Result<u64, Error>>;

    /// Forgets dead letters; returns how many.
    fn discard(&self, queue: &str, which: Selection, now_us: i64) -> BoxFuture<'_, Result<u64, Error>>;

    /// Queues that an operator has paused.
    fn paused(&self) -> BoxFuture<'_, Result<Vec<String>, Error>>;

    /// Remembers across restarts whether a queue is paused.
    fn set_paused(&self, queue: &str, paused: bool) -> BoxFuture<'_, Result<(), Error>>;

    /// The last slot that was fired or passed over. A schedule seen for the first time begins at `begin_us`.
    fn last_slot(&self, key: CronKey, begin_us: i64) -> BoxFuture<'_, Result<i64, Error>>;

    /// Publishes the messages and moves the schedule from slot `from_us` to `to_us`, both or neither. `false`: it no
    /// longer stood at `from_us`, so another has fired these slots.
    fn fire(
        &self,
        key: CronKey,
        slots: Slots,
        batch: Vec<Publication>,
        now_us: i64,
    ) -> BoxFuture<'_, Result<bool, Error>>;

    /// Forgets ids and dedupe keys older than [`REMEMBERED_US`].
    fn forget(&self, now_us: i64) -> BoxFuture<'_, Result<(), Error>>;
}

/// A step of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slots {
    pub(crate) from_us: i64,
    pub(crate) to_us: i64,
}
