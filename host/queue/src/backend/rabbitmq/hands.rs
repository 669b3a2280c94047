//! Messages that the broker holds until this host has settled them, by their place in the book.
//!
//! A message may be taken as soon as the book has it, so that it can be settled before its delivery is laid down
//! here. Of the two that meet here, the second acknowledges.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lapin::Acker;
use tokio::time::Instant;

/// At most one slot for each message in the windows of this host's queues.
#[derive(Default)]
pub(super) struct Hands(Mutex<HashMap<i64, Slot>>);

struct Slot {
    queue: Arc<str>,
    since: Instant,
    /// `None`: settled, and its delivery is still to come.
    acker: Option<Acker>,
}

impl Hands {
    fn slots<T>(&self, work: impl FnOnce(&mut HashMap<i64, Slot>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lays a delivery down; returns it where its message is settled already.
    pub(super) fn hold(&self, seq: i64, queue: &Arc<str>, acker: Acker) -> Option<Acker> {
        self.slots(|slots| {
            if slots.get(&seq).is_some_and(|slot| slot.acker.is_none()) {
                slots.remove(&seq);
                return Some(acker);
            }
            let slot = Slot { queue: Arc::clone(queue), since: Instant::now(), acker: Some(acker) };
            slots.insert(seq, slot);
            None
        })
    }

    /// The message is settled; returns its delivery where that is here.
    pub(super) fn settle(&self, seq: i64, queue: &str) -> Option<Acker> {
        self.slots(|slots| {
            let known = slots.remove(&seq).and_then(|slot| slot.acker);
            if known.is_none() {
                slots.insert(seq, Slot { queue: queue.into(), since: Instant::now(), acker: None });
            }
            known
        })
    }

    /// Places of the queue's that are older than `age` and whose deliveries are here.
    pub(super) fn places(&self, queue: &str, age: Duration) -> Vec<i64> {
        self.slots(|slots| {
            let old = slots.iter().filter(|(_, slot)| &*slot.queue == queue && slot.since.elapsed() > age);
            old.filter(|(_, slot)| slot.acker.is_some()).map(|(seq, _)| *seq).collect()
        })
    }

    /// Takes out the deliveries of these places.
    pub(super) fn take(&self, places: &[i64]) -> Vec<Acker> {
        self.slots(|slots| places.iter().filter_map(|seq| slots.remove(seq)?.acker).collect())
    }

    /// Takes out of the queue's what is older than `age`.
    pub(super) fn old(&self, queue: &str, age: Duration) -> Vec<(i64, Acker)> {
        self.slots(|slots| {
            let old = slots.extract_if(|_, slot| &*slot.queue == queue && slot.since.elapsed() > age);
            old.filter_map(|(seq, slot)| Some((seq, slot.acker?))).collect()
        })
    }

    /// The channel of this queue's deliveries is gone, and they with it.
    pub(super) fn lose(&self, queue: &str) {
        self.slots(|slots| slots.retain(|_, slot| &*slot.queue != queue));
    }
}
