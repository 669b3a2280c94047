//! The body of an answer on its way to the component: its permits, its connection, its time.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use body::BoxError;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep};
use tokio_util::task::AbortOnDropHandle;

use crate::Error;

/// What an exchange occupies until its last byte.
#[derive(Debug)]
#[expect(dead_code, reason = "its fields are held for what their drop does")]
pub(crate) struct Held {
    /// One of the request's outgoing calls, one of the process's connections.
    pub(crate) permits: Vec<OwnedSemaphorePermit>,
    /// Drives the connection; ends with it.
    pub(crate) driver: Option<AbortOnDropHandle<()>>,
}

/// A body that gives back what it holds when it ends, fails or is dropped, and fails with [`Error::Timeout`] when its
/// next part, or the whole, takes too long. Time counts only while the reader waits.
pub(crate) struct GuardedBody {
    inner: body::Body,
    held: Option<Held>,
    between_bytes: Duration,
    deadline: Instant,
    timer: Pin<Box<Sleep>>,
    waiting: bool,
}

impl GuardedBody {
    pub(crate) fn new(inner: body::Body, held: Held, between_bytes: Duration, deadline: Instant) -> Self {
        let timer = Box::pin(tokio::time::sleep_until(deadline));
        Self { inner, held: Some(held), between_bytes, deadline, timer, waiting: false }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.waiting {
            self.waiting = true;
            let next = Instant::now().checked_add(self.between_bytes).unwrap_or(self.deadline);
            self.timer.as_mut().reset(next.min(self.deadline));
        }
        self.timer.as_mut().poll(cx)
    }
}

impl Body for GuardedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if this.held.is_none() {
            return Poll::Ready(None);
        }
        let outcome = match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending if this.poll_timer(cx).is_pending() => return Poll::Pending,
            Poll::Pending => Some(Err(Error::Timeout.into())),
        };
        this.waiting = false;
        if !matches!(outcome, Some(Ok(_))) {
            this.held = None;
        }
        Poll::Ready(outcome)
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_none() || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
