//! A queue on a test bed, on any engine: a book of its own, a clock set by hand, and deliveries that the test answers one by one.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use http::StatusCode;
use instances::Rabbit;
use manifest::{Consumer, Cron, TopicPattern};
use queue::{
    Book, Clock, Deliver, Delivery, Error, Message, Outcome, QueueProvider, QueueStatus, RabbitmqConfig, Running,
};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::server;

/// Longest wait for anything that must happen, on a machine that builds something beside.
const WAIT: Duration = Duration::from_mins(1);
/// 14 November 2023, 22:13:20.
pub(crate) const START_US: i64 = 1_700_000_000_000_000;
pub(crate) const SECOND_US: i64 = 1_000_000;
pub(crate) const HOUR_US: i64 = 3600 * SECOND_US;

/// What a test runs on: where the book is, and whether there is a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    File,
    FileRabbitmq,
    Postgres,
    PostgresRabbitmq,
}

impl Engine {
    /// Where a new bed is: with a schema and a virtual host of its own.
    pub(crate) fn place(self) -> Place {
        let rabbit = || Some(broker(Rabbit::shared(), Rabbit::shared().port()));
        let (book, broker) = match self {
            Self::File => (None, None),
            Self::FileRabbitmq => (None, rabbit()),
            Self::Postgres => (Some(server::book()), None),
            Self::PostgresRabbitmq => (Some(server::book()), rabbit()),
        };
        Place { book, broker }
    }
}

/// Where a queue is opened.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `None`: a file of its own.
    pub(crate) book: Option<Book>,
    pub(crate) broker: Option<RabbitmqConfig>,
}

/// With a book in a file of its own.
impl From<RabbitmqConfig> for Place {
    fn from(broker: RabbitmqConfig) -> Self {
        Self { book: None, broker: Some(broker) }
    }
}

/// Without a broker.
impl From<Book> for Place {
    fn from(book: Book) -> Self {
        Self { book: Some(book), broker: None }
    }
}

/// A virtual host of its own on this broker, reached by this port.
pub(crate) fn broker(rabbit: &Rabbit, port: u16) -> RabbitmqConfig {
    RabbitmqConfig {
        port,
        user: "guest".to_owned(),
        password: "guest".to_owned(),
        virtual_host: rabbit.virtual_host(),
        ..RabbitmqConfig::default()
    }
}

/// Makes of each function a test for each of these engines.
macro_rules! on_engines {
    ([$($module:ident: $engine:ident),*], $names:tt) => {
        $(mod $module {
            crate::bed::on_engine!($engine, $names);
        })*
    };
}
pub(crate) use on_engines;

macro_rules! on_engine {
    ($engine:ident, [$($name:ident),* $(,)?]) => {
        $(#[tokio::test]
        async fn $name() {
            super::$name(crate::bed::Engine::$engine).await;
        })*
    };
}
pub(crate) use on_engine;

/// Makes of each function a test for every engine.
macro_rules! on_every_engine {
    ($($name:ident),* $(,)?) => {
        crate::bed::on_engines!(
            [file: File, file_rabbitmq: FileRabbitmq, postgres: Postgres, postgres_rabbitmq: PostgresRabbitmq],
            [$($name),*]
        );
    };
}
pub(crate) use on_every_engine;

/// Makes of each function a test for those engines that hosts can share a book on.
macro_rules! on_shared_engines {
    ($($name:ident),* $(,)?) => {
        crate::bed::on_engines!([postgres: Postgres, postgres_rabbitmq: PostgresRabbitmq], [$($name),*]);
    };
}
pub(crate) use on_shared_engines;

#[derive(Clone)]
pub(crate) struct Hands(Arc<AtomicI64>);

impl Hands {
    pub(crate) fn now_us(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn clock(&self) -> Clock {
        let hands = self.clone();
        Arc::new(move || hands.now_us())
    }
}

/// One delivery that waits for the test's answer.
pub(crate) struct Attempt {
    pub(crate) delivery: Delivery,
    answer: oneshot::Sender<Outcome>,
}

impl Attempt {
    pub(crate) fn answer(self, outcome: Outcome) {
        self.answer.send(outcome).expect("the delivery still waits");
    }

    pub(crate) fn status(self, status: u16) {
        let status = StatusCode::from_u16(status).expect("a status");
        self.answer(Outcome::from_response(status, None, format!("body of {status}")));
    }

    pub(crate) fn ack(self) {
        self.status(204);
    }

    pub(crate) fn id(&self) -> &str {
        &self.delivery.message.id
    }
}

pub(crate) struct Bed {
    dir: tempfile::TempDir,
    place: Place,
    pub(crate) hands: Hands,
    pub(crate) queue: QueueProvider,
    consumers: Vec<Consumer>,
    crons: Vec<Cron>,
    pub(crate) shutdown: CancellationToken,
    attempts: mpsc::Receiver<Attempt>,
    deliver: Deliver,
}

pub(crate) fn consumer(queue: &str, topic: &str) -> Consumer {
    Consumer {
        queue: queue.to_owned(),
        topics: vec![TopicPattern(topic.to_owned())],
        path: "/messages".to_owned(),
        concurrency: 4,
        max_attempts: 8,
        backoff: Duration::from_secs(10),
        backoff_max: Duration::from_mins(5),
        deadline: Duration::from_mins(1),
    }
}

/// A message that goes to the queue of [`Bed::new`].
pub(crate) fn message(id: &str) -> Message {
    let mut message = Message::new("tickets", "ticket.approved", "application/json", "{}");
    message.id = id.to_owned();
    message
}

pub(crate) async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(WAIT, future).await.unwrap_or_else(|_| panic!("{what} did not happen in {WAIT:?}"))
}

impl Bed {
    /// One queue `worker` for `ticket.*`, changed as the test needs it.
    pub(crate) fn new(engine: Engine, change: impl FnOnce(&mut Consumer)) -> Self {
        let mut consumer = consumer("worker", "ticket.*");
        change(&mut consumer);
        Self::with(engine, vec![consumer], Vec::new())
    }

    pub(crate) fn with(engine: Engine, consumers: Vec<Consumer>, crons: Vec<Cron>) -> Self {
        Self::at(engine.place(), consumers, crons)
    }

    /// In this place, which others may share.
    pub(crate) fn at(place: impl Into<Place>, consumers: Vec<Consumer>, crons: Vec<Cron>) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let place = place.into();
        let hands = Hands(Arc::new(AtomicI64::new(START_US)));
        let queue = open((&dir, &place), &hands, &consumers, &crons);
        let (sent, attempts) = mpsc::channel(64);
        let deliver: Deliver = Arc::new(move |delivery| {
            let sent = sent.clone();
            async move {
                let (answer, outcome) = oneshot::channel();
                if sent.send(Attempt { delivery, answer }).await.is_err() {
                    return Outcome::fault("the test is over");
                }
                outcome.await.unwrap_or_else(|_| Outcome::fault("the test dropped the attempt"))
            }
            .boxed()
        });
        let shutdown = CancellationToken::new();
        Self { dir, place, hands, queue, consumers, crons, shutdown, attempts, deliver }
    }

    /// Of a book in a file.
    pub(crate) fn path(&self) -> PathBuf {
        file(&self.dir)
    }

    pub(crate) fn run(&self) -> Running {
        self.queue.run(&self.deliver, self.shutdown.clone())
    }

    pub(crate) fn run_with_drain(&self, drain: Duration) -> Running {
        self.queue.run_with_drain(&self.deliver, self.shutdown.clone(), drain)
    }

    /// Runs the queue in a runtime of its own; dropping that is a host that dies without a word.
    pub(crate) fn run_elsewhere(&self) -> tokio::runtime::Runtime {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime");
        let _guard = runtime.enter();
        drop(self.run());
        runtime
    }

    /// Drops the provider without closing anything and opens the book again.
    pub(crate) fn reopen(self) -> Self {
        let Self { dir, place, hands, queue, consumers, crons, shutdown: _, attempts, deliver } = self;
        drop(queue);
        let queue = open((&dir, &place), &hands, &consumers, &crons);
        Self { dir, place, hands, queue, consumers, crons, shutdown: CancellationToken::new(), attempts, deliver }
    }

    /// Opens the book again after a life that ended in the middle. The owner of a file takes up at once what that life was
    /// handling; where others may live its leases have to end.
    pub(crate) fn reopen_after_death(self) -> Self {
        let bed = self.reopen();
        if bed.place.book.is_some() {
            bed.forward(10 * SECOND_US);
        }
        bed
    }

    /// Puts these consumers and schedules in the place of those the bed was made with.
    pub(crate) fn rebind(&self, consumers: &[Consumer], crons: &[Cron]) -> Result<(), Error> {
        let (consumers, crons) = owned(consumers, crons);
        self.queue.rebind(consumers, crons)
    }

    pub(crate) async fn publish(&self, message: Message) {
        self.queue.publish(message).await.expect("the message is accepted");
    }

    pub(crate) async fn publish_all(&self, ids: &[&str]) {
        for id in ids {
            self.publish(message(id)).await;
        }
    }

    /// The next delivery.
    pub(crate) async fn next(&mut self) -> Attempt {
        in_time("a delivery", self.attempts.recv()).await.expect("the bed holds a sender")
    }

    /// The next delivery, which must be this message in this attempt.
    pub(crate) async fn expect(&mut self, id: &str, attempt: u32) -> Attempt {
        let next = self.next().await;
        assert_eq!((next.id(), next.delivery.attempt), (id, attempt));
        next
    }

    /// Moves the clock and tells the queue.
    pub(crate) fn forward(&self, by_us: i64) {
        self.hands.0.fetch_add(by_us, Ordering::SeqCst);
        self.queue.clock_changed();
    }

    /// [`Bed::nothing_due`] while an attempt is still open.
    pub(crate) async fn nothing_due_beside(&mut self, _open: &Attempt) {
        self.probe(1).await;
    }

    /// Shows that nothing is due: a new message is the very next delivery. Every loop pass takes whatever is due
    /// in the same look, older first, so that an earlier due message would have come before it.
    pub(crate) async fn nothing_due(&mut self) {
        self.probe(0).await;
    }

    async fn probe(&mut self, open: u64) {
        let probe = Message::new("probe", "ticket.probe", "text/plain", "");
        let id = probe.id.clone();
        self.publish(probe).await;
        self.expect(&id, 1).await.ack();
        self.until(|status| status.in_flight == open).await;
    }

    /// Waits until all that was sent to the first queue has come in, by a message behind it that waits for an hour.
    pub(crate) async fn all_come_in(&self) {
        let before = self.until(|_| true).await.delayed;
        let mut marker = message("marker");
        marker.deliver_at_us = self.hands.now_us() + HOUR_US;
        self.publish(marker).await;
        self.until(|status| status.delayed > before).await;
    }

    /// Waits until the first queue is as described.
    pub(crate) async fn until(&self, holds: impl Fn(&QueueStatus) -> bool) -> QueueStatus {
        let first = self.queue.list().await.expect("a list")[0].queue.clone();
        self.until_of(&first, holds).await
    }

    /// Waits until this queue is as described.
    pub(crate) async fn until_of(&self, queue: &str, holds: impl Fn(&QueueStatus) -> bool) -> QueueStatus {
        in_time("the state of the queue", async {
            loop {
                let list = self.queue.list().await.expect("a list");
                let status = list.into_iter().find(|status| status.queue == queue).expect("the queue");
                if holds(&status) {
                    return status;
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    }
}

type Owned<T> = Vec<(String, T)>;

/// Consumers with a component of their own name, schedules with `tickets`.
fn owned(consumers: &[Consumer], crons: &[Cron]) -> (Owned<Consumer>, Owned<Cron>) {
    let consumers = consumers.iter().map(|one| (one.queue.clone(), one.clone())).collect();
    (consumers, crons.iter().map(|one| ("tickets".to_owned(), one.clone())).collect())
}

fn file(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("queue.db")
}

fn open(
    (dir, place): (&tempfile::TempDir, &Place),
    hands: &Hands,
    consumers: &[Consumer],
    crons: &[Cron],
) -> QueueProvider {
    let (consumers, crons) = owned(consumers, crons);
    let book = place.book.clone().unwrap_or_else(|| (&file(dir)).into());
    let opened = match place.broker.clone() {
        None => QueueProvider::open_with_cron(book, hands.clock(), consumers, crons),
        Some(broker) => QueueProvider::open_with_broker((book, broker), hands.clock(), consumers, crons),
    };
    opened.expect("the queue opens")
}
