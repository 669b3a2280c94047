//! Everything that runs beside the requests, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use admin::Health;
use anyhow::Context;
use router::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::capabilities::Capabilities;
use crate::clock::WallClock;
use crate::config::Config;
use crate::front::Front;
use crate::operator_token::OperatorToken;
use crate::platform::Platform;
use crate::{consumer, probes, rescue};

/// How often idle instances are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// Work that outlives requests and messages: relays, the sweep, the operator's listeners.
#[derive(Clone, Default)]
pub struct Tasks {
    /// All of it.
    pub others: TaskTracker,
    /// Ends it, after requests and messages are done.
    pub stop_others: CancellationToken,
}

/// What the background is made of.
pub struct Parts {
    /// Where work is counted that ends last.
    pub tasks: Tasks,
    /// Everything that serves.
    pub platform: Arc<Platform>,
    /// The way to the components.
    pub router: Router,
    /// By which an operator is known.
    pub token: Arc<OperatorToken>,
    /// The operator's configuration.
    pub config: Config,
    /// The clock, where tests may set it.
    pub test_clock: Option<WallClock>,
    /// The users' listener.
    pub http: TcpListener,
    /// The operator's listener.
    pub admin: TcpListener,
}

/// The running tasks. They end by [`Background::stop`].
pub struct Background {
    edge: JoinHandle<Result<(), edge::Error>>,
    queue: queue::Running,
    tasks: Tasks,
    capabilities: Capabilities,
    health: Health,
    /// Ends the edge: no new requests.
    stop_edge: CancellationToken,
    /// Ends the queue: no new messages.
    stop_queue: CancellationToken,
}

impl Background {
    /// Starts the edge, the queue, the sweep and the probes.
    ///
    /// # Errors
    /// When the edge's settings are none.
    pub fn start(parts: Parts) -> anyhow::Result<Self> {
        let Parts { tasks, platform, router, token, config, test_clock, http, admin: admin_listener } = parts;
        let [stop_edge, stop_queue] = [(); 2].map(|()| CancellationToken::new());
        let Tasks { others, stop_others } = &tasks;
        let capabilities = platform.capabilities.clone();
        let deliver = consumer::deliver(router.clone(), capabilities.clock.clone(), Arc::clone(&platform.tally));
        let queue = capabilities.queue.run_with_drain(&deliver, stop_queue.clone(), config.http.drain());
        others.spawn(sweep(Arc::clone(&platform), stop_others.clone()));
        let health = probes::health(&capabilities, &router);
        let routes = admin::router(health.clone(), probes::actions(&capabilities.queue, test_clock));
        others.spawn(admin::serve(admin_listener, routes, stop_others.clone()));
        let service = Front::new(router, capabilities.live.clone(), platform, token).service();
        let edge = edge::serve(http, edge_config(&config)?, service, Arc::new(rescue::rescue), stop_edge.clone());
        Ok(Self { edge: tokio::spawn(edge), queue, tasks, capabilities, health, stop_edge, stop_queue })
    }

    /// Stops in order. Every step is bounded, so that the whole ends soon after the drain limit.
    ///
    /// # Errors
    /// When requests or messages were cut, or a store could not be closed.
    pub async fn stop(self) -> anyhow::Result<()> {
        // Load balancers look here; they should stop sending first.
        self.health.drain();
        // Open event streams end at once: browsers reconnect wherever the address leads by then.
        self.capabilities.live.shut_down();
        self.stop_edge.cancel();
        self.stop_queue.cancel();
        let edge = self.edge.await.context("the edge panicked")?;
        self.queue.finished().await;
        self.tasks.stop_others.cancel();
        self.tasks.others.close();
        self.tasks.others.wait().await;
        self.capabilities.sql.close().await.context("a database was not closed in order")?;
        edge.context("requests were cut")
    }
}

fn edge_config(config: &Config) -> anyhow::Result<edge::Config> {
    use std::num::{NonZeroU8, NonZeroU32};
    let rate = NonZeroU32::new(config.edge.rate).zip(NonZeroU32::new(config.edge.burst));
    let hops = u8::try_from(config.edge.trusted_hops).context("edge.trusted_hops is at most 255")?;
    Ok(edge::Config {
        rate: rate.map(|(per_second, burst)| edge::Rate { per_second, burst }),
        position: NonZeroU8::new(hops)
            .map_or(edge::Position::Direct, |trusted_hops| edge::Position::BehindProxy { trusted_hops }),
        drain: config.http.drain(),
        ..edge::Config::default()
    })
}

async fn sweep(platform: Arc<Platform>, shutdown: CancellationToken) {
    let mut ticks = tokio::time::interval(SWEEP);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        platform.fleet.sweep();
    }
}
