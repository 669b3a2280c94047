//! A queue as this host runs it: who handles its messages, at what path, how to wake its worker.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Uri;
use manifest::Consumer;
use tokio::sync::Notify;

use crate::Error;
use crate::backend::Taken;
use crate::delivery::Delivery;

/// Most messages of one queue handled at once, whatever the manifest says: each holds its body and an instance.
const CONCURRENCY_MAX: u32 = 256;

pub(crate) struct Lane {
    pub(crate) component: String,
    pub(crate) consumer: Consumer,
    target: Target,
    pub(crate) pulse: Arc<Pulse>,
}

/// What of a queue outlives a change of who handles it and how.
#[derive(Default)]
pub(crate) struct Pulse {
    /// Something may be due.
    pub(crate) wake: Notify,
    /// Since the start of the host.
    pub(crate) handled: AtomicU64,
    /// Since the start of the host.
    pub(crate) retried: AtomicU64,
}

/// Where on the component its messages go.
pub(crate) enum Target {
    Path(Uri),
    /// By name of the schedule, which is the message's subject.
    Cron(BTreeMap<String, Uri>),
}

/// What a lane has done since the host started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) handled: u64,
    pub(crate) retried: u64,
}

impl Lane {
    pub(crate) fn new(
        component: String,
        mut consumer: Consumer,
        target: Target,
        pulse: Arc<Pulse>,
    ) -> Result<Self, Error> {
        let refuse = |problem: &str| {
            Err(Error::Config { what: format!("queue {}", consumer.queue), problem: problem.to_owned() })
        };
        if consumer.concurrency == 0 || consumer.max_attempts == 0 {
            return refuse("concurrency and max_attempts must be at least 1");
        }
        if consumer.deadline.is_zero() {
            return refuse("deadline must be more than nothing");
        }
        consumer.concurrency = consumer.concurrency.min(CONCURRENCY_MAX);
        Ok(Self { component, consumer, target, pulse })
    }

    /// The attempt that a taken message is; `None`: its schedule is no longer in the manifest.
    pub(crate) fn delivery(&self, taken: Taken) -> Option<Delivery> {
        let (path, cron) = match &self.target {
            Target::Path(path) => (path.clone(), None),
            Target::Cron(paths) => {
                let name = taken.message.subject.clone()?;
                (paths.get(&name)?.clone(), Some(name))
            }
        };
        Some(Delivery {
            queue: self.consumer.queue.clone(),
            component: self.component.clone(),
            message: taken.message,
            attempt: taken.attempt,
            deadline: self.consumer.deadline,
            path,
            cron,
        })
    }
}

impl Pulse {
    pub(crate) fn totals(&self) -> Totals {
        Totals { handled: self.handled.load(Ordering::Relaxed), retried: self.retried.load(Ordering::Relaxed) }
    }

    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Reads a path of the manifest.
pub(crate) fn path(what: &str, path: &str) -> Result<Uri, Error> {
    match path.parse::<Uri>() {
        Ok(uri) if path.starts_with('/') && uri.authority().is_none() => Ok(uri),
        _ => Err(Error::Config { what: what.to_owned(), problem: format!("{path} is not a path") }),
    }
}
