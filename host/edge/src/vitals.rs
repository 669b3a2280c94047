//! What one connection is doing, seen from its reads, writes and requests; and by when it has to move on.
//!
//! The parser's own timers know one waiting time for an idle connection and a slow head together, and nothing of
//! HTTP/2 or of a peer that takes no bytes. Here all of them are one deadline that the connection's task looks at after
//! it has polled the socket: no timer is touched for an ordinary request.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::Config;

/// State of a connection. Times are milliseconds after `origin`, plus one; 0 is "not".
#[derive(Debug)]
pub(crate) struct Vitals {
    origin: Instant,
    in_flight: AtomicU32,
    served: AtomicBool,
    multiplexed: AtomicBool,
    quiet_since: AtomicU64,
    head_since: AtomicU64,
    stalled_since: AtomicU64,
}

impl Vitals {
    pub(crate) fn new() -> Self {
        Self {
            origin: Instant::now(),
            in_flight: AtomicU32::new(0),
            served: AtomicBool::new(false),
            multiplexed: AtomicBool::new(false),
            quiet_since: AtomicU64::new(1),
            head_since: AtomicU64::new(0),
            stalled_since: AtomicU64::new(0),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn at(&self, stamp: u64) -> Instant {
        self.origin + Duration::from_millis(stamp.saturating_sub(1))
    }

    /// A request has begun; it lasts until the guard is dropped, together with the last of its answer.
    pub(crate) fn begin(self: &Arc<Self>, multiplexed: bool) -> InFlight {
        self.in_flight.fetch_add(1, Relaxed);
        self.served.store(true, Relaxed);
        self.head_since.store(0, Relaxed);
        if multiplexed {
            self.multiplexed.store(true, Relaxed);
        }
        InFlight(Arc::clone(self))
    }

    /// Bytes came in. Between requests they are the beginning of a head; on HTTP/2 they may be anything.
    fn read(&self) {
        if self.in_flight.load(Relaxed) == 0 && self.head_since.load(Relaxed) == 0 && !self.multiplexed.load(Relaxed) {
            self.head_since.store(self.now(), Relaxed);
        }
    }

    fn wrote(&self, pending: bool) {
        let since = self.stalled_since.load(Relaxed);
        if pending && since == 0 {
            self.stalled_since.store(self.now(), Relaxed);
        } else if !pending && since != 0 {
            self.stalled_since.store(0, Relaxed);
        }
    }

    /// Whether nothing has been asked yet.
    pub(crate) fn is_fresh(&self) -> bool {
        !self.served.load(Relaxed)
    }

    /// By when something has to happen, if nothing happens until then.
    pub(crate) fn deadline(&self, config: &Config) -> Option<Instant> {
        let stalled = self.stalled_since.load(Relaxed);
        if stalled != 0 {
            return Some(self.at(stalled) + config.write_stall);
        }
        if self.in_flight.load(Relaxed) > 0 {
            return None;
        }
        let head = self.head_since.load(Relaxed);
        if head != 0 {
            return Some(self.at(head) + config.header_timeout);
        }
        let patience = if self.served.load(Relaxed) { config.idle_timeout } else { config.header_timeout };
        Some(self.at(self.quiet_since.load(Relaxed)) + patience)
    }
}

/// One running exchange of a connection.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Vitals>);

impl InFlight {
    /// The exchange lasts until this one is dropped too.
    pub(crate) fn another(&self) -> Self {
        self.0.in_flight.fetch_add(1, Relaxed);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.quiet_since.store(self.0.now(), Relaxed);
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

/// A socket that reports to [`Vitals`].
#[derive(Debug)]
pub(crate) struct Observed<I> {
    io: I,
    vitals: Arc<Vitals>,
}

impl<I> Observed<I> {
    pub(crate) fn new(io: I, vitals: Arc<Vitals>) -> Self {
        Self { io, vitals }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Observed<I> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.vitals.read();
        }
        polled
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Observed<I> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(cx, buf);
        self.vitals.wrote(polled.is_pending());
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.vitals.wrote(polled.is_pending());
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
