//! People at work while something is deployed: a load at a fixed rate that checks every answer.
//!
//! Open loop: a request begins when its time has come, whatever became of those before it, up to a bound of requests at
//! once. Connections are kept alive. Whatever is not as it should be is a failure with its reason: a connection that
//! broke, a status other than 200, a wrong checksum, an event that is missing or came twice. It shares the machine
//! with the host, so that it is one thread and does little for a request.

mod connection;
mod histogram;
mod request;
mod streams;
mod tally;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use connection::Connections;
pub use histogram::Histogram;
pub use request::Kind;
use streams::Listeners;
pub use tally::{Phase, Seen, Streams, Tally};

/// What is asked, how often, by how many.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Requests a second.
    pub rate: f64,
    /// Different people, known by their cookies.
    pub clients: u32,
    /// Requests at once; more are a failure of the host.
    pub at_once: usize,
    /// Kinds of requests and how many of each among all.
    pub mix: Vec<(Kind, u32)>,
    /// Open event streams.
    pub streams: usize,
    /// Events a second to each of them.
    pub events_rate: f64,
}

impl Default for Plan {
    /// Reads alone, slowly.
    fn default() -> Self {
        let mix = vec![(Kind::Read, 1)];
        Self { rate: 20.0, clients: 200, at_once: 256, mix, streams: 0, events_rate: 2.0 }
    }
}

/// What requests and streams share.
#[derive(Debug)]
struct Shared {
    connections: Connections,
    tally: Mutex<Tally>,
    places: Arc<Semaphore>,
    // Ids of this load differ from those of another one against the same host.
    name: String,
}

/// A load that runs. It goes on until it is stopped.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    at_once: usize,
    end: watch::Sender<bool>,
    driver: JoinHandle<()>,
    listeners: Option<Listeners>,
}

/// One thread for all loads of the program.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
}

impl Load {
    /// Begins. Returns when all event streams are open.
    pub fn start(base: &str, name: &str, plan: &Plan) -> Self {
        let address: SocketAddr = base.trim_start_matches("http://").parse().unwrap();
        let places = Arc::new(Semaphore::new(plan.at_once));
        let (connections, tally, name) = (Connections::to(address), Mutex::default(), name.to_owned());
        let shared = Arc::new(Shared { connections, tally, places, name });
        let listeners =
            (plan.streams > 0).then(|| runtime().block_on(Listeners::open(&shared, plan.streams, plan.events_rate)));
        let (end, ended) = watch::channel(false);
        let driver = runtime().spawn(drive(Arc::clone(&shared), plan.clone(), ended));
        Self { shared, at_once: plan.at_once, end, driver, listeners }
    }

    /// Latencies from here on count apart, under this name.
    pub fn phase(&self, name: &str) {
        self.shared.tally.lock().unwrap().phases.push(Phase::named(name));
    }

    /// What was seen up to now.
    pub fn seen<T>(&self, read: impl FnOnce(&Tally) -> T) -> T {
        read(&self.shared.tally.lock().unwrap())
    }

    /// Begins no more requests, waits for those under way and for the last event on every stream.
    pub fn stop(self) -> Tally {
        self.end.send_replace(true);
        runtime().block_on(async {
            self.driver.await.unwrap();
            // All places are free when nothing is under way; a request is bounded by its own deadline.
            let all = u32::try_from(self.at_once).unwrap();
            drop(self.shared.places.acquire_many(all).await.unwrap());
            if let Some(listeners) = self.listeners {
                listeners.close(&self.shared).await;
            }
        });
        std::mem::take(&mut *self.shared.tally.lock().unwrap())
    }
}

/// Numbers that look random and are the same in every run.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u32) -> u32 {
        // A step of xorshift64*.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        u32::try_from((high * u64::from(bound)) >> 32).unwrap()
    }
}

async fn drive(shared: Arc<Shared>, plan: Plan, mut ended: watch::Receiver<bool>) {
    let mut ticks = interval(Duration::from_secs_f64(1.0 / plan.rate));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let total = plan.mix.iter().map(|(_, share)| share).sum();
    for number in 0_u64.. {
        tokio::select! {
            biased;
            _ = ended.changed() => return,
            _ = ticks.tick() => {}
        }
        let mut draw = dice.below(total);
        let chosen = plan.mix.iter().find(|(_, share)| {
            let hit = draw < *share;
            draw = draw.saturating_sub(*share);
            hit
        });
        let (kind, client) = (chosen.unwrap().0, dice.below(plan.clients.max(1)));
        let Ok(place) = Arc::clone(&shared.places).try_acquire_owned() else {
            shared.tally.lock().unwrap().fail(kind, format!("{} requests are under way already", plan.at_once));
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            request::make(&shared, kind, client, number).await;
            drop(place);
        });
    }
}

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Microseconds since 1970, as the host's journal counts.
fn now_us() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_micros()).unwrap()
}

/// Microseconds since `begun`.
fn since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}
