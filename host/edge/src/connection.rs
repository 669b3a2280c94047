//! One socket: HTTP/1.1 or HTTP/2 by what the client says first, its deadlines, its orderly end.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Version;
use hyper::rt::Executor;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Config;
use crate::config::HEADER_BYTES_MIN;
use crate::exchange::{Edge, answer};
use crate::vitals::{Observed, Vitals};

/// Between two pings on an HTTP/2 connection, and how long the answer may take: a vanished peer holds its event
/// streams no longer than both together.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a connection on which nothing has been asked yet may still ask when the host drains: its first request may
/// already be on the way.
const FRESH_GRACE: Duration = Duration::from_millis(250);

/// How tasks of the listener are started, so that draining can wait for them and end them.
#[derive(Clone, Debug)]
pub(crate) struct Tasks {
    pub(crate) tracker: TaskTracker,
    pub(crate) cut: CancellationToken,
}

impl<F> Executor<F> for Tasks
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, stream: F) {
        let cut = self.cut.clone();
        drop(self.tracker.spawn(async move { cut.run_until_cancelled(stream).await }));
    }
}

/// Prepares the parsers of both protocols.
pub(crate) fn builder(config: &Config, tasks: Tasks) -> auto::Builder<Tasks> {
    let mut builder = auto::Builder::new(tasks);
    let header_bytes = config.header_bytes.max(HEADER_BYTES_MIN);
    // Its timer for heads would be allocated anew for each request; `Vitals` does that work.
    builder.http1().header_read_timeout(None).max_buf_size(header_bytes);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .max_concurrent_streams(config.streams)
        .max_header_list_size(u32::try_from(header_bytes).unwrap_or(u32::MAX));
    builder
}

/// Serves one connection to its end. Dropping the future closes the socket.
pub(crate) async fn serve(socket: TcpStream, peer: SocketAddr, edge: Arc<Edge>, shutdown: CancellationToken) {
    // An answer is written at once; waiting for more to send would only add latency.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "the socket is already closed");
        return;
    }
    let vitals = Arc::new(Vitals::new());
    let io = TokioIo::new(Observed::new(socket, Arc::clone(&vitals)));
    let service = {
        let (edge, vitals) = (Arc::clone(&edge), Arc::clone(&vitals));
        service_fn(move |request: http::Request<hyper::body::Incoming>| {
            let in_flight = vitals.begin(request.version() == Version::HTTP_2);
            let edge = Arc::clone(&edge);
            async move { Ok::<_, Infallible>(answer(edge, peer, in_flight, request).await) }
        })
    };
    let mut connection = pin!(edge.builder.serve_connection(io, service));
    let mut watch = Watch::new(&vitals, &edge.config);
    let mut shutdown = pin!(shutdown.cancelled());
    let mut grace = pin!(None::<Sleep>);
    let mut phase = Phase::Open;
    std::future::poll_fn(|cx| {
        loop {
            if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
                if let Err(error) = ended {
                    tracing::debug!(error, "the connection ended early");
                }
                return Poll::Ready(());
            }
            match phase {
                Phase::Open if shutdown.as_mut().poll(cx).is_ready() => {
                    grace.set(Some(tokio::time::sleep(if vitals.is_fresh() { FRESH_GRACE } else { Duration::ZERO })));
                    phase = Phase::Grace;
                }
                Phase::Grace if grace.as_mut().as_pin_mut().is_none_or(|sleep| sleep.poll(cx).is_ready()) => {
                    connection.as_mut().graceful_shutdown();
                    phase = Phase::Draining;
                }
                Phase::Open | Phase::Grace | Phase::Draining => return watch.poll(cx),
            }
        }
    })
    .await;
}

#[derive(Clone, Copy)]
enum Phase {
    Open,
    Grace,
    Draining,
}

/// Ready when the connection has been waited for long enough.
struct Watch<'a> {
    vitals: &'a Vitals,
    config: &'a Config,
    sleep: Pin<Box<Sleep>>,
}

impl<'a> Watch<'a> {
    fn new(vitals: &'a Vitals, config: &'a Config) -> Self {
        Self { vitals, config, sleep: Box::pin(tokio::time::sleep(config.header_timeout)) }
    }

    /// The timer is moved only when it would ring too late, or has rung too early: an ordinary request, read and
    /// answered in one turn, never touches it.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let deadline = self.vitals.deadline(self.config);
            if let Some(deadline) = deadline
                && deadline < self.sleep.deadline()
            {
                self.sleep.as_mut().reset(deadline);
            }
            if self.sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            match deadline {
                Some(deadline) if deadline <= now => return Poll::Ready(()),
                Some(deadline) => self.sleep.as_mut().reset(deadline),
                // Busy. Look again when it could have become idle and stayed so.
                None => self.sleep.as_mut().reset(now + self.config.idle_timeout),
            }
        }
    }
}
