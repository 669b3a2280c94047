//! Messages through either backend of the queue, side by side: how many a second, and how long one takes from its
//! publishing to the end of its handling.
//!
//! The queue alone, with a consumer that does nothing: what a component adds is the same for both.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use instances::Rabbit;
use manifest::{Consumer, TopicPattern};
use queue::{Clock, Deliver, Message, Outcome, QueueProvider, RabbitmqConfig};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::ROUNDS;

/// Messages of a round in which everything is sent as fast as it is accepted.
const FLOOD: usize = 10_000;
/// Calls under way at once then.
const SENDERS: usize = 64;
/// Messages of a round at a steady pace, and how many of them come in a second.
const STEADY: usize = 1_000;
const STEADY_RATE: f64 = 200.0;
/// Messages handled at once.
const CONCURRENCY: u32 = 32;
/// Bytes of each.
const BODY: usize = 256;

/// Measures and prints.
pub(crate) fn all() {
    println!("\n# queue: {FLOOD} messages of {BODY} bytes at once, then {STEADY_RATE} a second\n");
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let subjects = [Subject::new("embedded", None, &runtime), Subject::new("RabbitMQ", Some(broker()), &runtime)];
    let mut rounds = subjects.each_ref().map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (subject, rounds) in subjects.iter().zip(&mut rounds) {
            rounds.push(runtime.block_on(subject.round()));
        }
    }
    println!("| backend | messages/s | of embedded | p50 ms at {STEADY_RATE}/s | p99 ms |\n|---|---|---|---|---|");
    let mut embedded = None;
    for (subject, mut rounds) in subjects.iter().zip(rounds) {
        rounds.sort_by(|a, b| a.rate.total_cmp(&b.rate));
        let Round { rate, p50_ms, p99_ms } = rounds.swap_remove(ROUNDS / 2);
        let share = rate / *embedded.get_or_insert(rate);
        println!("| {} | {rate:.0} | {share:.2} | {p50_ms:.1} | {p99_ms:.1} |", subject.name);
    }
    for subject in &subjects {
        subject.shutdown.cancel();
        runtime.block_on(subject.running.finished());
    }
}

fn broker() -> RabbitmqConfig {
    let broker = Rabbit::shared();
    let (user, password) = ("guest".to_owned(), "guest".to_owned());
    RabbitmqConfig {
        port: broker.port(),
        user,
        password,
        virtual_host: broker.virtual_host(),
        ..RabbitmqConfig::default()
    }
}

struct Subject {
    name: &'static str,
    queue: QueueProvider,
    running: queue::Running,
    shutdown: CancellationToken,
    handled: Arc<Handled>,
    _folder: tempfile::TempDir,
}

/// Times of messages from publishing to handled, and a permit for each.
struct Handled {
    times: Mutex<Vec<f64>>,
    done: Semaphore,
}

struct Round {
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
}

impl Subject {
    fn new(name: &'static str, broker: Option<RabbitmqConfig>, runtime: &Runtime) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let _inside = runtime.enter();
        let queue = open(&folder.path().join("queue.db"), broker);
        let handled = Arc::new(Handled { times: Mutex::default(), done: Semaphore::new(0) });
        let (shutdown, seen) = (CancellationToken::new(), Arc::clone(&handled));
        let deliver: Deliver = Arc::new(move |delivery| {
            let seen = Arc::clone(&seen);
            Box::pin(async move {
                seen.add(&delivery.message);
                Outcome::ack()
            })
        });
        let running = queue.run(&deliver, shutdown.clone());
        Self { name, queue, running, shutdown, handled, _folder: folder }
    }

    async fn round(&self) -> Round {
        let rate = self.flood().await;
        let mut times = self.steady().await;
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        Round { rate, p50_ms: at(50), p99_ms: at(99) }
    }

    /// Messages a second, from the first one sent to the last one handled.
    async fn flood(&self) -> f64 {
        let begun = Instant::now();
        let mut senders = JoinSet::new();
        for _ in 0..SENDERS {
            let queue = self.queue.clone();
            senders.spawn(async move {
                for _ in 0..FLOOD / SENDERS {
                    queue.publish(message()).await.unwrap();
                }
            });
        }
        let sent = FLOOD / SENDERS * SENDERS;
        while let Some(sender) = senders.join_next().await {
            sender.unwrap();
        }
        self.handled.wait_for(sent).await;
        f64::from(u32::try_from(sent).unwrap()) / begun.elapsed().as_secs_f64()
    }

    /// Milliseconds from publishing to handled, of each message.
    async fn steady(&self) -> Vec<f64> {
        let mut pace = interval(Duration::from_secs_f64(1.0 / STEADY_RATE));
        pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut senders = JoinSet::new();
        for _ in 0..STEADY {
            pace.tick().await;
            let queue = self.queue.clone();
            senders.spawn(async move { drop(queue.publish(message()).await.unwrap()) });
        }
        while let Some(sender) = senders.join_next().await {
            sender.unwrap();
        }
        self.handled.wait_for(STEADY).await
    }
}

impl Handled {
    fn add(&self, message: &Message) {
        let micros = now_us().saturating_sub(message.sent_at_us);
        self.times.lock().unwrap().push(Duration::from_micros(micros.unsigned_abs()).as_secs_f64() * 1000.0);
        self.done.add_permits(1);
    }

    async fn wait_for(&self, count: usize) -> Vec<f64> {
        self.done.acquire_many(u32::try_from(count).unwrap()).await.unwrap().forget();
        std::mem::take(&mut self.times.lock().unwrap())
    }
}

fn open(path: &Path, broker: Option<RabbitmqConfig>) -> QueueProvider {
    let clock: Clock = Arc::new(now_us);
    let consumer = Consumer {
        queue: "bench".to_owned(),
        topics: vec![TopicPattern("bench".to_owned())],
        path: "/messages".to_owned(),
        concurrency: CONCURRENCY,
        max_attempts: 8,
        backoff: Duration::from_secs(10),
        backoff_max: Duration::from_mins(5),
        deadline: Duration::from_mins(1),
    };
    let consumers = vec![("consumer".to_owned(), consumer)];
    match broker {
        None => QueueProvider::open(path, clock, consumers).unwrap(),
        Some(broker) => QueueProvider::open_with_broker((path, broker), clock, consumers, Vec::new()).unwrap(),
    }
}

fn message() -> Message {
    Message::new("bench", "bench", "application/octet-stream", vec![b'x'; BODY])
}

fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
