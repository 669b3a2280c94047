//! Bytes on their way in and out.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use tokio::sync::OwnedSemaphorePermit;

use crate::Error;

/// Bytes handed on at once: 64 KiB, large enough that a file costs few system calls, small enough that the two or three
/// chunks a transfer holds stay below 256 KiB.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Streams one instance may have open at once, in both directions together: 16.
///
/// That bounds the host's buffers for it to 4 MiB. A seventeenth is refused rather than made to wait: waiting could be
/// for the caller itself.
pub const TRANSFERS_MAX: usize = 16;

/// What is to be stored. An error item interrupts: nothing is kept.
pub type Data = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// What was stored, in chunks of at most [`CHUNK_BYTES`]; ends with the last byte or after one error.
///
/// Reads on demand. Later changes under the key do not show: it finishes with the content it began with.
pub struct Content {
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>,
    place: Option<OwnedSemaphorePermit>,
}

impl Content {
    /// Content out of any stream of chunks.
    pub fn new(chunks: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> Self {
        Self { chunks: Box::pin(chunks), place: None }
    }

    /// Counts as one of the open transfers until it is dropped.
    pub(crate) fn holding(self, place: OwnedSemaphorePermit) -> Self {
        Self { place: Some(place), ..self }
    }
}

impl Stream for Content {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = self.chunks.as_mut().poll_next(cx);
        if let Poll::Ready(None) = chunk {
            self.place = None;
        }
        chunk
    }
}
