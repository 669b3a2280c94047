//! Accepting connections, and letting them end in order.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connection::{self, Tasks};
use crate::exchange::{Edge, Rescue};
use crate::{Config, Error};

/// Pause after the system refused a connection for want of file descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long cut tasks may take to notice.
const CUT_LIMIT: Duration = Duration::from_secs(1);

/// Serves HTTP/1.1 and HTTP/2 (prior knowledge) on the listener until `shutdown`, then drains.
///
/// Each request reaches `service` with [`body::RequestId`] and [`body::ClientAddress`] in its extensions, exactly one
/// `Host`, no hop-by-hop headers and none whose name begins with `spin-`, `wharf-` or `x-wharf-`. An error of the
/// service becomes the answer that `rescue` makes of it; a panic becomes 500. The access log is written as `tracing`
/// events with target `access`.
///
/// On shutdown: connections in the kernel's queue are still taken, then the socket is closed; idle connections
/// close, busy ones answer with `Connection: close` (HTTP/2: GOAWAY) and end.
///
/// # Errors
/// [`Error::Cut`] when connections were still busy after [`Config::drain`].
///
/// # Cancellation
/// Dropping the future closes the listener; running connections go on. Use `shutdown` instead.
pub fn serve(
    listener: TcpListener,
    config: Config,
    service: body::Service,
    rescue: Rescue,
    shutdown: CancellationToken,
) -> impl Future<Output = Result<(), Error>> + Send {
    let tasks = Tasks { tracker: TaskTracker::new(), cut: CancellationToken::new() };
    let slots = Arc::new(Semaphore::new(config.connections.clamp(1, Semaphore::MAX_PERMITS)));
    let edge = Arc::new(Edge::new(config, tasks.clone(), service, rescue));
    let door = Door { edge, tasks, slots, shutdown };
    door.run(listener)
}

struct Door {
    edge: Arc<Edge>,
    tasks: Tasks,
    slots: Arc<Semaphore>,
    shutdown: CancellationToken,
}

impl Door {
    async fn run(self, listener: TcpListener) -> Result<(), Error> {
        while let Some(Some((socket, peer, slot))) = self.shutdown.run_until_cancelled(self.next(&listener)).await {
            self.admit(socket, peer, slot);
        }
        // Whoever the kernel has already greeted would see a reset; they are few, and they are taken.
        while let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned()
            && let Some(Ok((socket, peer))) = listener.accept().now_or_never()
        {
            self.admit(socket, peer, slot);
        }
        drop(listener);
        self.drain().await
    }

    /// The slot comes first: beyond the limit, clients wait in the kernel's bounded queue. `None` never happens while
    /// the semaphore is open.
    async fn next(&self, listener: &TcpListener) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((socket, peer)) => return Some((socket, peer, slot)),
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections at the moment");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit(&self, socket: TcpStream, peer: SocketAddr, slot: OwnedSemaphorePermit) {
        let edge = Arc::clone(&self.edge);
        let cut = self.tasks.cut.clone();
        // A child has a lock of its own; thousands of connections do not meet on the parent's.
        let shutdown = self.shutdown.child_token();
        drop(self.tasks.tracker.spawn(async move {
            let _slot = slot;
            cut.run_until_cancelled(connection::serve(socket, peer, edge, shutdown)).await
        }));
    }

    async fn drain(self) -> Result<(), Error> {
        let Tasks { tracker, cut } = &self.tasks;
        tracker.close();
        if tokio::time::timeout(self.edge.config.drain, tracker.wait()).await.is_ok() {
            return Ok(());
        }
        let limit = self.edge.config.connections.clamp(1, Semaphore::MAX_PERMITS);
        let connections = limit.saturating_sub(self.slots.available_permits());
        cut.cancel();
        if tokio::time::timeout(CUT_LIMIT, tracker.wait()).await.is_err() {
            tracing::warn!("tasks of the edge did not end although they were cut");
        }
        Err(Error::Cut { connections })
    }
}

fn concerns_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
