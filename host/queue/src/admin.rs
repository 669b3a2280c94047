//! The operator's side: what is in the queues, dead letters, pausing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::backend::{Counts, DeadLetter, ReleaseCounts, Selection};
use crate::lane::{Lane, Totals};
use crate::table::Table;
use crate::{Error, QueueProvider};

/// Dead letters in one answer; each may be 256 KiB.
const PEEK_MAX: u32 = 100;

/// A queue at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueStatus {
    /// Name of the queue; `cron:<component>` for schedules.
    pub queue: String,
    /// The component that handles it; `None`: no component of the manifest does, the messages are left over.
    pub component: Option<String>,
    /// Messages not handled yet, those in flight and delayed included, dead letters not.
    pub depth: u64,
    /// Of these, being handled.
    pub in_flight: u64,
    /// Of these, waiting for a time: sent with a delay, or between attempts.
    pub delayed: u64,
    /// Of these, in a broker that has not brought them to this host: who sent them is known when they come.
    pub away: u64,
    /// Dead letters.
    pub dead: u64,
    /// Seconds since the oldest message not handled yet could first have been delivered.
    pub oldest_age_s: u64,
    /// Messages handled since the host started.
    pub handled_total: u64,
    /// Attempts that were followed by another since the host started.
    pub retried_total: u64,
    /// Whether an operator paused it.
    pub paused: bool,
}

impl QueueProvider {
    /// Every queue of the manifest, and those that still hold messages of an earlier one, in order of name.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Store`].
    pub async fn list(&self) -> Result<Vec<QueueStatus>, Error> {
        let (inner, table) = (&self.inner, self.inner.table());
        // Before the counts: what a total has, the queue no longer holds.
        let totals: BTreeMap<String, Totals> =
            table.pulses().map(|(name, pulse)| (name.clone(), pulse.totals())).collect();
        let paused: BTreeSet<String> = inner.backend.paused().await?.into_iter().collect();
        let counts = inner.backend.counts(table.lanes().map(|(queue, _)| queue.clone()).collect()).await?;
        let now_us = (inner.clock)();
        let described = |count: Counts| {
            let totals = totals.get(&count.queue).copied().unwrap_or_default();
            QueueStatus { paused: paused.contains(&count.queue), ..status(&table, count, totals, now_us) }
        };
        Ok(counts.into_iter().map(described).collect())
    }

    /// What releases have sent of the messages in each queue, in order of queue and release. Looks at every message
    /// there is: for an operator's question, not for a probe.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Store`].
    pub async fn releases(&self) -> Result<Vec<ReleaseCounts>, Error> {
        self.inner.backend.releases().await
    }

    /// Of these message ids those that are no dead letter of the queue at this moment, in the order given.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Store`].
    pub async fn absent(&self, queue: &str, ids: Vec<String>) -> Result<Vec<String>, Error> {
        self.inner.backend.absent(queue, ids).await
    }

    /// The oldest dead letters of a queue, at most `limit` and at most 100.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Store`].
    pub async fn peek_dead(&self, queue: &str, limit: u32) -> Result<Vec<DeadLetter>, Error> {
        self.inner.backend.dead_letters(queue, limit.min(PEEK_MAX)).await
    }

    /// Makes dead letters ordinary messages again, due now, with every attempt before them; returns how many. Of many
    /// a part may have been done when an error is returned.
    ///
    /// # Errors
    /// [`Error::NoQueue`] where nothing would handle them; [`Error::Unavailable`], [`Error::Store`].
    pub async fn redrive(&self, queue: &str, which: Selection) -> Result<u64, Error> {
        let lane = self.lane(queue)?;
        let done = self.inner.backend.redrive(queue, which, (self.inner.clock)()).await;
        lane.pulse.wake.notify_one();
        done
    }

    /// Forgets dead letters for good; returns how many. Of many a part may have been done when an error is returned.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Store`].
    pub async fn discard(&self, queue: &str, which: Selection) -> Result<u64, Error> {
        self.inner.backend.discard(queue, which, (self.inner.clock)()).await
    }

    /// Stops taking messages of a queue, across restarts, until [`QueueProvider::resume`]. It goes on accepting them;
    /// what is in flight ends as usual.
    ///
    /// # Errors
    /// [`Error::NoQueue`], [`Error::Unavailable`], [`Error::Store`].
    pub async fn pause(&self, queue: &str) -> Result<(), Error> {
        self.set_paused(queue, true).await
    }

    /// Takes messages of a queue again.
    ///
    /// # Errors
    /// [`Error::NoQueue`], [`Error::Unavailable`], [`Error::Store`].
    pub async fn resume(&self, queue: &str) -> Result<(), Error> {
        self.set_paused(queue, false).await
    }

    async fn set_paused(&self, queue: &str, paused: bool) -> Result<(), Error> {
        let lane = self.lane(queue)?;
        self.inner.backend.set_paused(queue, paused).await?;
        lane.pulse.wake.notify_one();
        Ok(())
    }

    fn lane(&self, queue: &str) -> Result<Arc<Lane>, Error> {
        self.inner.table().lane(queue).cloned().ok_or_else(|| Error::NoQueue { queue: queue.to_owned() })
    }
}

fn status(table: &Table, count: Counts, totals: Totals, now_us: i64) -> QueueStatus {
    let age_us = count.oldest_us.map_or(0, |oldest| now_us.saturating_sub(oldest));
    QueueStatus {
        paused: false,
        component: table.lane(&count.queue).map(|lane| lane.component.clone()),
        depth: count.ready + count.delayed + count.in_flight,
        in_flight: count.in_flight,
        delayed: count.delayed,
        away: count.away,
        dead: count.dead,
        oldest_age_s: u64::try_from(age_us / 1_000_000).unwrap_or(0),
        handled_total: totals.handled,
        retried_total: totals.retried,
        queue: count.queue,
    }
}
