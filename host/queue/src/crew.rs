//! Sees to it that every queue of the table has its worker.

use std::collections::BTreeSet;

use tokio_util::task::TaskTracker;

use crate::worker::{Post, Worker};

pub(crate) struct Crew {
    pub(crate) post: Post,
    /// Where workers run.
    pub(crate) tasks: TaskTracker,
}

impl Crew {
    /// Starts a worker for each queue that comes into the table, until the shutdown.
    ///
    /// A worker whose queue leaves the table takes nothing more and idles; the queue may come back. So there is never
    /// a second one for the same queue.
    pub(crate) async fn run(mut self) {
        let mut working = BTreeSet::new();
        loop {
            let table = self.post.tables.borrow_and_update().clone();
            for (queue, pulse) in table.pulses() {
                if working.insert(queue.clone()) {
                    self.tasks.spawn(Worker::new(queue.clone(), pulse.clone(), self.post.clone()).run());
                }
            }
            tokio::select! {
                () = self.post.shutdown.cancelled() => return,
                changed = self.post.tables.changed() => {
                    if changed.is_err() {
                        // The provider is gone: no other table will come.
                        return;
                    }
                }
            }
        }
    }
}
