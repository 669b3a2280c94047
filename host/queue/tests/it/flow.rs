//! A queue whose messages are written down as they are handled, for tests that break things.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use manifest::Consumer;
use queue::{Clock, Deliver, Outcome, QueueProvider, QueueStatus, Running};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::bed::{Place, consumer, message};

/// A broker takes its time to start, most of all beside other tests.
const WAIT: Duration = Duration::from_secs(90);
/// What a sender waits at most: a second and a half, on a machine that may do ten other things. Without a bound it would
/// be as long as the broker is away, ten seconds and more.
pub(crate) const SEND_MAX: Duration = Duration::from_secs(5);

pub(crate) struct Flow {
    dir: tempfile::TempDir,
    pub(crate) queue: QueueProvider,
    running: Running,
    shutdown: CancellationToken,
    handled: Handled,
}

/// Ids in the order handled. Several flows can share it.
#[derive(Clone)]
pub(crate) struct Handled(Arc<watch::Sender<Vec<String>>>);

impl Handled {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Vec::new())))
    }

    fn deliver(&self) -> Deliver {
        let handled = self.clone();
        Arc::new(move |delivery| {
            handled.0.send_modify(|ids| ids.push(delivery.message.id));
            async { Outcome::ack() }.boxed()
        })
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    /// Waits until all of these were handled.
    pub(crate) async fn all_of(&self, ids: &[String]) -> Vec<String> {
        let mut changes = self.0.subscribe();
        let all = changes.wait_for(|handled| {
            let distinct = || handled.iter().collect::<HashSet<_>>();
            handled.len() >= ids.len() && ids.iter().collect::<HashSet<_>>().is_subset(&distinct())
        });
        let handled = tokio::time::timeout(WAIT, all).await;
        assert!(handled.is_ok(), "of {} messages {} were handled", ids.len(), self.ids().len());
        handled.unwrap().unwrap().clone()
    }

    /// Waits until all of these were handled, and each of them once.
    pub(crate) async fn each_once(&self, ids: &[String]) {
        let mut times = HashMap::<String, u32>::new();
        for id in self.all_of(ids).await {
            *times.entry(id).or_default() += 1;
        }
        let more: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        assert!(more.is_empty(), "handled more than once: {more:?}");
    }
}

/// As many ids that begin alike.
pub(crate) fn ids(prefix: &str, number: usize) -> Vec<String> {
    (0..number).map(|number| format!("{prefix}-{number:03}")).collect()
}

impl Flow {
    pub(crate) fn open(place: impl Into<Place>, handled: &Handled) -> Self {
        Self::open_with(place, handled, |_| {})
    }

    pub(crate) fn open_with(place: impl Into<Place>, handled: &Handled, change: impl FnOnce(&mut Consumer)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock: Clock = Arc::new(|| jiff::Timestamp::now().as_microsecond());
        let mut consumer = consumer("worker", "ticket.*");
        change(&mut consumer);
        let consumers = vec![("worker".to_owned(), consumer)];
        let Place { book, broker } = place.into();
        let book = book.unwrap_or_else(|| (&dir.path().join("queue.db")).into());
        let opened = match broker {
            None => QueueProvider::open(book, clock, consumers),
            Some(broker) => QueueProvider::open_with_broker((book, broker), clock, consumers, Vec::new()),
        };
        let queue = opened.unwrap();
        let shutdown = CancellationToken::new();
        let running = queue.run(&handled.deliver(), shutdown.clone());
        Self { dir, queue, running, shutdown, handled: handled.clone() }
    }

    /// Sends these; the longest time that one of them took.
    pub(crate) async fn send(&self, ids: &[String]) -> Duration {
        self.send_in_group(ids, None).await
    }

    pub(crate) async fn send_in_group(&self, ids: &[String], group: Option<&str>) -> Duration {
        let mut longest = Duration::ZERO;
        for id in ids {
            let mut message = message(id);
            message.group_key = group.map(str::to_owned);
            let begin = Instant::now();
            self.queue.publish(message).await.unwrap();
            longest = longest.max(begin.elapsed());
        }
        longest
    }

    /// Sends without an end until told to stop; returns what was accepted.
    pub(crate) fn send_on(&self, prefix: &'static str) -> (CancellationToken, tokio::task::JoinHandle<Vec<String>>) {
        let (queue, stop) = (self.queue.clone(), CancellationToken::new());
        let stopped = stop.clone();
        let sender = tokio::spawn(async move {
            let mut accepted = Vec::new();
            // Two hundred a second: a backlog that is soon worked off.
            let mut pace = tokio::time::interval(Duration::from_millis(5));
            while !stopped.is_cancelled() {
                let id = format!("{prefix}-{}", accepted.len());
                let begin = Instant::now();
                queue.publish(message(&id)).await.unwrap();
                assert!(begin.elapsed() < SEND_MAX, "{id} took {:?}", begin.elapsed());
                accepted.push(id);
                pace.tick().await;
            }
            accepted
        });
        (stop, sender)
    }

    pub(crate) async fn until(&self, holds: impl Fn(&QueueStatus) -> bool) {
        let mut last = QueueStatus::default();
        let reached = async {
            loop {
                last = self.queue.list().await.unwrap().remove(0);
                if holds(&last) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        let reached = tokio::time::timeout(WAIT, reached).await;
        assert!(reached.is_ok(), "the queue stays at {last:?}");
    }

    /// Ends it in an orderly way, and returns its folder.
    pub(crate) async fn stop(self) -> tempfile::TempDir {
        self.shutdown.cancel();
        self.running.finished().await;
        drop((self.queue, self.handled));
        self.dir
    }
}
