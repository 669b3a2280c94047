//! Queues that were only just made.
//!
//! RabbitMQ 3.10 writes the name of a quorum queue to its disk half a second after it has made the queue. Killed
//! before that it starts an empty queue in its place, and what it had confirmed is gone. So nothing is sent to a queue
//! in its first second; until then the book has it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Twice what the broker needs.
const YOUTH: Duration = Duration::from_secs(1);

/// When each queue was made, of those that this process has made: one for each name.
#[derive(Default)]
pub(super) struct Young(Mutex<BTreeMap<String, Instant>>);

impl Young {
    /// The queue was made now.
    pub(super) fn made(&self, queue: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(queue.to_owned(), Instant::now());
    }

    /// Returns when the queue can be trusted.
    pub(super) async fn grown(&self, queue: &str) {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(queue).copied();
        if let Some(made) = made {
            sleep_until(made + YOUTH).await;
        }
    }
}
