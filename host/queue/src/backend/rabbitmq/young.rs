//! Queues that were only just made, or only just deleted by somebody.
//!
//! RabbitMQ 3.10 writes the name of a quorum queue to its disk half a second after it has made the queue. Killed
//! before that it starts an empty queue in its place, and what it had confirmed is gone. So nothing is sent to a queue
//! in its first second; until then the book has it.
//!
//! RabbitMQ before 4.0 tells the consumers of a queue that is deleted only where there is no queue of that name by the
//! time it looks. Else it subscribes them to that one without a word, and then takes its first messages for some that
//! they have seen. So a queue that is gone is made anew only after a second.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

/// Twice what the broker needs.
const YOUTH: Duration = Duration::from_secs(1);
/// Many times what the broker needs to tell every consumer.
const MOURNING: Duration = Duration::from_secs(1);

/// Queues that this process has seen, and of those that it has made, when: one for each name.
#[derive(Default)]
pub(super) struct Young(Mutex<BTreeMap<String, Option<Instant>>>);

impl Young {
    /// The queue was made now.
    pub(super) fn made(&self, queue: &str) {
        self.queues().insert(queue.to_owned(), Some(Instant::now()));
    }

    /// The queue is there.
    pub(super) fn seen(&self, queue: &str) {
        self.queues().entry(queue.to_owned()).or_default();
    }

    /// Returns when the queue can be trusted.
    pub(super) async fn grown(&self, queue: &str) {
        let made = self.queues().get(queue).copied().flatten();
        if let Some(made) = made {
            sleep_until(made + YOUTH).await;
        }
    }

    /// Returns when a queue that is not there may be made: at once, unless it was there before.
    pub(super) async fn forgotten(&self, queue: &str) {
        let was_there = self.queues().contains_key(queue);
        if was_there {
            sleep(MOURNING).await;
        }
    }

    fn queues(&self) -> MutexGuard<'_, BTreeMap<String, Option<Instant>>> {
        // Entries are added and replaced whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
