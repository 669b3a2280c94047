//! The thread that speaks with the broker: two connections, each made anew whenever it breaks.
//!
//! A thread with a runtime of its own, so that signs of life go out while the rest of the host is busy, and so that
//! a queue can be opened outside any runtime. lapin's own recovery is off: it brings no consumers back after a broker
//! was killed.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

use super::complaint::Complaint;
use super::config::RabbitmqConfig;
use super::inlet::Inlet;
use super::link::{Address, Link};
use super::outlet::Outlet;
use super::sender::Sender;
use crate::Error;
use crate::backend::backoff::Backoff;

/// Longest time for the thread's own tasks to end.
const END_WAIT: Duration = Duration::from_secs(1);

/// Dropping it ends the thread, which says goodbye to the broker by itself.
pub(super) struct Engine {
    handle: Handle,
    stop: CancellationToken,
}

impl Engine {
    pub(super) fn start(config: RabbitmqConfig, outlet: Arc<Outlet>, inlet: Arc<Inlet>) -> Result<Self, Error> {
        let failed = |_| Error::Unavailable { what: "starting the broker's thread" };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (handle, stop) = (runtime.handle().clone(), CancellationToken::new());
        let stopped = stop.clone();
        let work = move || {
            let address = Address { config: Arc::new(config), young: Arc::default() };
            runtime.block_on(async {
                let (sending, receiving) = (send(&address, &outlet, &stopped), receive(&address, &inlet, &stopped));
                futures::join!(sending, receiving);
            });
            runtime.shutdown_timeout(END_WAIT);
        };
        std::thread::Builder::new().name("queue-broker".to_owned()).spawn(work).map_err(failed)?;
        Ok(Self { handle, stop })
    }

    /// Does the work on the thread, and does it to the end even if nobody waits any more.
    ///
    /// # Errors
    /// Those of the work; [`Error::Unavailable`] when the thread is about to end.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        self.handle.spawn(work).await.unwrap_or(Err(Error::Unavailable { what }))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn send(address: &Address, outlet: &Outlet, stop: &CancellationToken) {
    let mut road = Road::default();
    let work = async {
        loop {
            match Sender::open(address).await {
                Ok(sender) => {
                    road.open();
                    outlet.serve(sender).await;
                    road.lost("sending");
                }
                Err(complaint) => road.closed(complaint),
            }
            road.wait().await;
        }
    };
    stop.run_until_cancelled(work).await;
}

async fn receive(address: &Address, inlet: &Arc<Inlet>, stop: &CancellationToken) {
    let mut road = Road::default();
    let work = async {
        loop {
            match Link::open(address, "receiving").await {
                Ok(link) => {
                    road.open();
                    inlet.serve(link).await;
                    road.lost("receiving");
                }
                Err(complaint) => road.closed(complaint),
            }
            road.wait().await;
        }
    };
    stop.run_until_cancelled(work).await;
    if let Some(link) = inlet.link() {
        link.close().await;
    }
}

/// What has been said about the way to the broker, so that an outage of hours is a few lines.
#[derive(Default)]
struct Road {
    backoff: Backoff,
    said: Option<Complaint>,
}

impl Road {
    fn open(&mut self) {
        self.backoff.reset();
        if self.said.take().is_some() {
            tracing::info!("the broker is there again");
        }
    }

    fn lost(&mut self, what: &str) {
        let complaint = Complaint::Other { reason: format!("the connection for {what} broke") };
        self.closed(complaint);
    }

    fn closed(&mut self, complaint: Complaint) {
        if self.said.as_ref() != Some(&complaint) {
            tracing::warn!(complaint = %complaint, "the broker is away; trying again");
        }
        self.said = Some(complaint);
    }

    async fn wait(&mut self) {
        self.backoff.wait().await;
    }
}
