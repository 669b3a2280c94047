//! One open stream as an HTTP body.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use body::BoxError;
use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::event::Id;
use crate::hub::Seat;

/// Shortest time that a browser is asked to wait before it reconnects.
const RETRY_MIN_MS: u64 = 1000;
/// Streams are told different times within this span, so that a restart is not followed by all of them at once.
const RETRY_SPREAD_MS: u64 = 2000;

/// How a stream begins.
#[derive(Debug)]
pub(crate) enum Opening {
    /// With what comes.
    Now,
    /// With what was missed.
    Resume(VecDeque<Bytes>),
    /// With the word that something was missed.
    Reset,
}

/// The body. It ends when the hub shuts down or the stream has been cut for lagging behind.
pub(crate) struct EventStream {
    ready: VecDeque<Bytes>,
    events: mpsc::Receiver<Bytes>,
    quiet: Pin<Box<Sleep>>,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
    seat: Seat,
}

impl EventStream {
    pub(crate) fn new(
        seat: Seat,
        opening: Opening,
        place: Id,
        events: mpsc::Receiver<Bytes>,
        stop: CancellationToken,
    ) -> Self {
        let retry_ms = RETRY_MIN_MS + seat.number().wrapping_mul(617) % RETRY_SPREAD_MS;
        let mut ready = match opening {
            Opening::Now => VecDeque::new(),
            Opening::Resume(missed) => missed,
            Opening::Reset => VecDeque::from([Bytes::from_static(b"event: reset\ndata: {}\n\n")]),
        };
        ready.push_front(format!("retry: {retry_ms}\n\n").into());
        // Last, since it covers all before it.
        ready.push_back(place_frame(place));
        let quiet = Box::pin(tokio::time::sleep(seat.config().heartbeat));
        Self { ready, events, quiet, stop: Box::pin(stop.cancelled_owned()), seat }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        if let Some(frame) = self.ready.pop_front() {
            return Poll::Ready(Some(frame));
        }
        loop {
            if let Poll::Ready(event) = self.events.poll_recv(cx) {
                return Poll::Ready(event);
            }
            ready!(self.quiet.as_mut().poll(cx));
            if let Some(place) = self.seat.place(&self.events) {
                return Poll::Ready(Some(place_frame(place)));
            }
            // An event came in between: it says as much as a heartbeat.
            self.rest();
        }
    }

    fn rest(&mut self) {
        let next = Instant::now() + self.seat.config().heartbeat;
        self.quiet.as_mut().reset(next);
    }
}

/// A comment, which keeps proxies awake, and an id without an event, which a browser remembers and nothing more.
fn place_frame(place: Id) -> Bytes {
    format!(":\nid: {place}\n\n").into()
}

impl Body for EventStream {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let frame = ready!(this.poll_next(cx));
        this.rest();
        Poll::Ready(frame.map(|bytes| Ok(Frame::data(bytes))))
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("seat", &self.seat).finish_non_exhaustive()
    }
}
