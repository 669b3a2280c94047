//! The queues and schedules of the application as they stand now. A deploy puts a new table in the place of the old
//! one; what a queue has done and who waits for it goes over from one to the next.

use std::collections::BTreeMap;
use std::sync::Arc;

use manifest::{Consumer, Cron};

use crate::Error;
use crate::cron::{self, Entry};
use crate::lane::{self, Lane, Pulse, Target};

#[derive(Default)]
pub(crate) struct Table {
    /// By queue name.
    lanes: BTreeMap<String, Arc<Lane>>,
    /// By queue name, also of queues that only an earlier table had: a few names in the life of a host.
    pulses: BTreeMap<String, Arc<Pulse>>,
    crons: Vec<Entry>,
}

impl Table {
    /// The table that follows this one. Schedules that are new or changed begin at `now_us`.
    ///
    /// # Errors
    /// [`Error::Config`]: what cannot be run, or is named twice.
    pub(crate) fn next(
        &self,
        consumers: Vec<(String, Consumer)>,
        crons: Vec<(String, Cron)>,
        now_us: i64,
    ) -> Result<Self, Error> {
        let mut next = Self { lanes: BTreeMap::new(), pulses: self.pulses.clone(), crons: Vec::new() };
        for (component, consumer) in consumers {
            let target = Target::Path(lane::path(&format!("queue {}", consumer.queue), &consumer.path)?);
            next.add(component, consumer, target)?;
        }
        let (paths, entries) = cron::entries(crons, now_us)?;
        for (component, paths) in paths {
            let consumer = cron::consumer(&component);
            next.add(component, consumer, Target::Cron(paths))?;
        }
        next.crons = entries.into_iter().map(|entry| self.same(&entry).unwrap_or(entry)).collect();
        Ok(next)
    }

    fn add(&mut self, component: String, consumer: Consumer, target: Target) -> Result<(), Error> {
        let queue = consumer.queue.clone();
        let pulse = Arc::clone(self.pulses.entry(queue.clone()).or_default());
        let lane = Lane::new(component, consumer, target, pulse)?;
        match self.lanes.insert(queue.clone(), Arc::new(lane)) {
            None => Ok(()),
            Some(_) => Err(Error::Config { what: format!("queue {queue}"), problem: "is named twice".to_owned() }),
        }
    }

    /// The schedule as it stands here already, with the time it began.
    fn same(&self, entry: &Entry) -> Option<Entry> {
        self.crons.iter().find(|known| known.is_same(entry)).cloned()
    }

    pub(crate) fn lane(&self, queue: &str) -> Option<&Arc<Lane>> {
        self.lanes.get(queue)
    }

    pub(crate) fn lanes(&self) -> impl Iterator<Item = (&String, &Arc<Lane>)> {
        self.lanes.iter()
    }

    pub(crate) fn pulses(&self) -> impl Iterator<Item = (&String, &Arc<Pulse>)> {
        self.pulses.iter()
    }

    pub(crate) fn crons(&self) -> &[Entry] {
        &self.crons
    }

    /// Queues that get a message of this topic.
    pub(crate) fn bound(&self, topic: &str) -> impl Iterator<Item = &String> {
        let bound = move |lane: &Lane| lane.consumer.topics.iter().any(|pattern| pattern.matches(topic));
        self.lanes.iter().filter(move |(_, lane)| bound(lane)).map(|(queue, _)| queue)
    }
}
