//! Everything that runs beside the requests, and how it ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use admin::Health;
use anyhow::Context;
use manifest::Component;
use router::Router;
use runtime::Handler;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::capabilities::Capabilities;
use crate::clock::WallClock;
use crate::config::Config;
use crate::state::InstanceState;
use crate::{consumer, front, probes, relay, rescue};

/// How often idle instances are looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// What the background is made of.
pub struct Parts {
    /// What the manifest says of each component.
    pub components: BTreeMap<String, Component>,
    /// The stores.
    pub capabilities: Capabilities,
    /// The components, ready.
    pub handlers: BTreeMap<String, Handler<InstanceState>>,
    /// The way to them.
    pub router: Router,
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
    others: TaskTracker,
    capabilities: Capabilities,
    health: Health,
    /// Ends the edge: no new requests.
    stop_edge: CancellationToken,
    /// Ends the queue: no new messages.
    stop_queue: CancellationToken,
    /// Ends everything else, after requests and messages are done.
    stop_others: CancellationToken,
}

impl Background {
    /// Starts the edge, the queue, the relay, the sweep and the probes.
    ///
    /// # Errors
    /// When the edge's settings are none.
    pub fn start(parts: Parts) -> anyhow::Result<Self> {
        let Parts { components, capabilities, handlers, router, config, test_clock, http, admin: admin_listener } =
            parts;
        let [stop_edge, stop_queue, stop_others] = [(); 3].map(|()| CancellationToken::new());
        let others = TaskTracker::new();
        let deliver = consumer::deliver(router.clone(), capabilities.clock.clone());
        let queue = capabilities.queue.run_with_drain(&deliver, stop_queue.clone(), config.http.drain());
        for database in capabilities.sql.databases() {
            if let Some(outbox) = capabilities.sql.outbox(&database) {
                others.spawn(relay::run(outbox, capabilities.queue.clone(), stop_others.clone()));
            }
        }
        others.spawn(sweep(handlers, stop_others.clone()));
        let health = probes::health(&capabilities, &router, &components);
        let routes = admin::router(health.clone(), probes::actions(&capabilities.queue, test_clock));
        others.spawn(admin::serve(admin_listener, routes, stop_others.clone()));
        let service = front::service(router, capabilities.live.clone(), Arc::new(components));
        let edge = edge::serve(http, edge_config(&config)?, service, Arc::new(rescue::rescue), stop_edge.clone());
        Ok(Self { edge: tokio::spawn(edge), queue, others, capabilities, health, stop_edge, stop_queue, stop_others })
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
        self.stop_others.cancel();
        self.others.close();
        self.others.wait().await;
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

async fn sweep(handlers: BTreeMap<String, Handler<InstanceState>>, shutdown: CancellationToken) {
    let mut ticks = tokio::time::interval(SWEEP);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        handlers.values().for_each(Handler::sweep);
    }
}
