//! A stream of ours to a guest's `stream<u8>`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use futures::Stream;
use tokio::sync::oneshot;
use tokio::time::Sleep;
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult, VecBuffer};

use crate::{Content, Error};

/// Hands chunks to the guest as it asks for them, at most one ahead, and says how it ended.
pub(super) struct Download {
    content: Content,
    deadline: Pin<Box<Sleep>>,
    ended: Option<oneshot::Sender<Result<(), Error>>>,
}

impl Download {
    pub(super) fn new(content: Content, deadline: Instant, ended: oneshot::Sender<Result<(), Error>>) -> Self {
        let deadline = Box::pin(tokio::time::sleep_until(deadline.into()));
        Self { content, deadline, ended: Some(ended) }
    }

    fn end(&mut self, end: Result<(), Error>) -> StreamResult {
        if let Some(ended) = self.ended.take() {
            // Nobody may be waiting for the answer, and that is fine.
            drop(ended.send(end));
        }
        StreamResult::Dropped
    }
}

impl Drop for Download {
    /// The guest let go of the stream before its end.
    fn drop(&mut self) {
        self.end(Err(Error::Interrupted));
    }
}

impl<D> StreamProducer<D> for Download {
    type Item = u8;
    type Buffer = VecBuffer<u8>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, u8, VecBuffer<u8>>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        // A question whether there is something to read: a file always says yes.
        if destination.remaining(store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        if self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(self.end(Err(Error::Timeout))));
        }
        // A chunk that is being read when the guest cancels stays in `content` for its next question.
        let chunk = match Pin::new(&mut self.content).poll_next(cx) {
            Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
            chunk => ready!(chunk),
        };
        Poll::Ready(Ok(match chunk {
            Some(Ok(chunk)) => {
                destination.set_buffer(Vec::from(chunk).into());
                StreamResult::Completed
            }
            Some(Err(error)) => self.end(Err(error)),
            None => self.end(Ok(())),
        }))
    }
}
