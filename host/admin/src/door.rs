//! Connections of operators, whichever way they came: HTTP/1.1, few at once, each with its limits.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Operator;
use crate::api::{self, Peer};

/// Connections of one door at once: every operator and every pipeline of a company, several times.
const CONNECTIONS_MAX: usize = 64;
/// Time for a request's head, and between two requests.
const HEAD_LIMIT: Duration = Duration::from_secs(30);
/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 32 << 10;
/// Time for requests that run when the host stops. Those that wait for a change end at once.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);
/// Pause after the system refused a connection for want of file descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A door that is open.
pub(crate) struct Door {
    routes: Router,
    places: Arc<Semaphore>,
    connections: TaskTracker,
    shutdown: CancellationToken,
    cut: CancellationToken,
}

impl Door {
    pub(crate) fn new(operator: Operator, shutdown: CancellationToken) -> Self {
        Self {
            routes: api::router(operator, shutdown.clone()),
            places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            connections: TaskTracker::new(),
            shutdown,
            cut: CancellationToken::new(),
        }
    }

    /// The next connection and its place; beyond the limit they wait in the kernel's queue. `None`: the host stops.
    pub(crate) async fn next<C, F>(&self, accept: impl Fn() -> F) -> Option<(C, OwnedSemaphorePermit)>
    where
        F: Future<Output = std::io::Result<C>>,
    {
        let next = async {
            let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
            loop {
                match accept().await {
                    Ok(connection) => return Some((connection, place)),
                    Err(error) => {
                        tracing::warn!(%error, "an operator's connection was not accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        };
        self.shutdown.run_until_cancelled(next).await?
    }

    /// Serves a connection in a task of its own. `opening` makes what is read and written, and says who is there.
    pub(crate) fn serve<S>(
        &self,
        place: OwnedSemaphorePermit,
        opening: impl Future<Output = Option<(S, Peer)>> + Send + 'static,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (routes, shutdown, cut) = (self.routes.clone(), self.shutdown.clone(), self.cut.clone());
        drop(self.connections.spawn(async move {
            let _place = place;
            let served = async {
                if let Some((stream, peer)) = opening.await {
                    connection(stream, routes.layer(Extension(peer)), &shutdown).await;
                }
            };
            cut.run_until_cancelled(served).await
        }));
    }

    /// Waits for the connections to end, and cuts them after a while.
    pub(crate) async fn close(self) {
        self.connections.close();
        if tokio::time::timeout(DRAIN_LIMIT, self.connections.wait()).await.is_err() {
            self.cut.cancel();
            self.connections.wait().await;
        }
    }
}

async fn connection<S>(stream: S, routes: Router, shutdown: &CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT).max_buf_size(HEAD_BYTES_MAX);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes)));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an operator's connection ended early");
    }
}
