//! Requests at set times: each slot of a schedule becomes one message of the component's own cron queue.
//!
//! That a slot was fired is written in the same transaction as its message, so it happens once, crash or not; retries,
//! deadline and dead letters are those of any message.

mod schedule;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use manifest::{Consumer, Cron, MissedRuns};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

pub use schedule::Schedule;

use crate::backend::{Backend, CronKey, Publication, Slots};
use crate::lane;
use crate::table::Table;
use crate::{Clock, Error, Message};

/// The topic of a firing.
const TOPIC: &str = "wharf.cron";
/// Missed runs made up for at most.
const MISSED_MAX: usize = 100;
/// Longest sleep without a look at the clock.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How often old ids and keys are forgotten, in microseconds of the wall clock.
const FORGET_US: i64 = 60_000_000;

/// One schedule.
#[derive(Clone)]
pub(crate) struct Entry {
    key: CronKey,
    queue: String,
    schedule: Schedule,
    cron: Cron,
    /// When this host began to keep it.
    since_us: i64,
}

impl Entry {
    /// Whether it is the same schedule, whenever it began.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.key == other.key && self.cron == other.cron
    }
}

/// Paths by component and name of the schedule.
type Paths = BTreeMap<String, BTreeMap<String, http::Uri>>;

/// Reads the schedules of the application: where those of each component go, and what to fire when.
pub(crate) fn entries(crons: Vec<(String, Cron)>, since_us: i64) -> Result<(Paths, Vec<Entry>), Error> {
    let mut paths = Paths::new();
    let mut entries = Vec::with_capacity(crons.len());
    for (component, cron) in crons {
        let what = format!("schedule {} of {component}", cron.name);
        let refuse = |problem: &str| Error::Config { what: what.clone(), problem: problem.to_owned() };
        let schedule = Schedule::parse(&cron.schedule, &cron.time_zone).map_err(|problem| refuse(&problem))?;
        let path = lane::path(&what, &cron.path)?;
        if paths.entry(component.clone()).or_default().insert(cron.name.clone(), path).is_some() {
            return Err(refuse("is named twice"));
        }
        let key = CronKey { component, name: cron.name.clone() };
        entries.push(Entry { queue: queue(&key.component), key, schedule, cron, since_us });
    }
    Ok((paths, entries))
}

fn queue(component: &str) -> String {
    format!("cron:{component}")
}

/// The component's own queue of firings: the manifest's defaults of a consumer, bound to no topic.
pub(crate) fn consumer(component: &str) -> Consumer {
    Consumer {
        queue: queue(component),
        topics: Vec::new(),
        path: "/".to_owned(),
        concurrency: 4,
        max_attempts: 8,
        backoff: Duration::from_secs(1),
        backoff_max: Duration::from_mins(5),
        deadline: Duration::from_mins(1),
    }
}

/// Slots to fire after `last_us` and up to `now_us`, oldest first, and how far the schedule has then come; `None`:
/// nothing is due.
///
/// Slots up to the entry's beginning were missed while the host was down. Several at once after that mean that the machine slept
/// or its clock was moved: then the latest is on time and those before it were missed.
fn due(entry: &Entry, last_us: i64, now_us: i64) -> Option<(Vec<i64>, i64)> {
    let max = if entry.cron.missed == MissedRuns::All { MISSED_MAX } else { 1 };
    let mut slots = entry.schedule.between(last_us, now_us, max);
    let to_us = *slots.last()?;
    if entry.cron.missed == MissedRuns::Skip {
        slots.retain(|slot_us| *slot_us > entry.since_us);
    }
    Some((slots, to_us))
}

/// The task that fires schedules, and forgets old ids along the way.
pub(crate) struct Keeper {
    pub(crate) tables: watch::Receiver<Arc<Table>>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) clock: Clock,
    /// The clock was moved, or there is a new table.
    pub(crate) wake: Arc<Notify>,
    pub(crate) shutdown: CancellationToken,
}

/// Where a schedule stands.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_field_names, reason = "all three are times, and the unit belongs to the name")]
struct Stand {
    /// [`Entry::since_us`] of the entry that stands there: another one is looked at anew.
    since_us: i64,
    /// `None`: to be read from the backend.
    last_us: Option<i64>,
    /// No slot before this time.
    next_us: i64,
}

impl Keeper {
    pub(crate) async fn run(self) {
        let mut stands = BTreeMap::<CronKey, Stand>::new();
        let mut forget_us = i64::MIN;
        while !self.shutdown.is_cancelled() {
            let now_us = (self.clock)();
            let table = self.tables.borrow().clone();
            let mut next_us = i64::MAX;
            stands.retain(|key, _| table.crons().iter().any(|entry| entry.key == *key));
            for entry in table.crons() {
                let stand = stands.entry(entry.key.clone()).or_default();
                self.step(&table, entry, stand, now_us).await;
                next_us = next_us.min(stand.next_us);
            }
            if now_us >= forget_us {
                forget_us = now_us.saturating_add(FORGET_US);
                if let Err(error) = self.backend.forget(now_us).await {
                    tracing::warn!(error = %error, "forgetting old message ids failed; trying again");
                }
            }
            let wait_us = u64::try_from(next_us.saturating_sub((self.clock)())).unwrap_or(0);
            tokio::select! {
                () = self.shutdown.cancelled() => break,
                () = self.wake.notified() => {}
                () = tokio::time::sleep(Duration::from_micros(wait_us).min(LOOK_AGAIN)) => {}
            }
        }
    }

    async fn step(&self, table: &Table, entry: &Entry, stand: &mut Stand, now_us: i64) {
        let since_us = entry.since_us;
        if stand.since_us != since_us {
            *stand = Stand { since_us, ..Stand::default() };
        }
        if stand.last_us.is_some() && now_us < stand.next_us {
            return;
        }
        match self.fire(table, entry, stand.last_us, now_us).await {
            Ok(last_us) => {
                let next_us = entry.schedule.next_after(last_us.max(now_us)).unwrap_or(i64::MAX);
                *stand = Stand { since_us, last_us: Some(last_us), next_us };
            }
            Err(error) => {
                tracing::warn!(
                    component = entry.key.component, cron = entry.key.name, error = %error,
                    "firing a schedule failed; trying again"
                );
                *stand = Stand { since_us, last_us: None, next_us: now_us.saturating_add(1_000_000) };
            }
        }
    }

    /// Fires what is due and returns the slot the schedule then stands at.
    async fn fire(&self, table: &Table, entry: &Entry, last_us: Option<i64>, now_us: i64) -> Result<i64, Error> {
        let last_us = match last_us {
            Some(last_us) => last_us,
            None => self.backend.last_slot(entry.key.clone(), entry.since_us).await?,
        };
        let Some((fired, to_us)) = due(entry, last_us, now_us) else { return Ok(last_us) };
        let batch = fired.into_iter().map(|slot_us| firing(entry, slot_us)).collect();
        let slots = Slots { from_us: last_us, to_us };
        if !self.backend.fire(entry.key.clone(), slots, batch, now_us).await? {
            return self.backend.last_slot(entry.key.clone(), entry.since_us).await;
        }
        if let Some(lane) = table.lane(&entry.queue) {
            lane.pulse.wake.notify_one();
        }
        Ok(to_us)
    }
}

fn firing(entry: &Entry, slot_us: i64) -> Publication {
    let CronKey { component, name } = &entry.key;
    let mut message = Message::new("", TOPIC, "application/json", "{}");
    message.id = format!("cron-{component}-{name}-{}", slot_us.div_euclid(1_000_000));
    message.subject = Some(name.clone());
    message.group_key = Some(name.clone());
    message.sent_at_us = slot_us;
    Publication { message, queues: vec![entry.queue.clone()] }
}
