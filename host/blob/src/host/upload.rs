//! A guest's `stream<u8>` to a stream of ours.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::channel::mpsc;
use wasmtime::StoreContextMut;
use wasmtime::component::{Source, StreamConsumer, StreamResult};

use crate::CHUNK_BYTES;

/// Pieces on the way beside the one each sender may always place: two of [`CHUNK_BYTES`] in all.
const PIECES: usize = 1;

/// The guest's side of an upload; ends for the guest once our side is dropped.
pub(super) struct Upload {
    pieces: mpsc::Sender<Bytes>,
}

/// A pair of the guest's side and ours. Ours ends when the guest drops its writer.
pub(super) fn upload() -> (Upload, mpsc::Receiver<Bytes>) {
    let (pieces, ours) = mpsc::channel(PIECES);
    (Upload { pieces }, ours)
}

impl<D> StreamConsumer<D> for Upload {
    type Item = u8;

    /// Takes nothing before there is room for it, so the guest feels the disk.
    fn poll_consume(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'_, D>,
        source: Source<'_, u8>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let room = match self.pieces.poll_ready(cx) {
            Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
            room => ready!(room),
        };
        if room.is_err() {
            return Poll::Ready(Ok(StreamResult::Dropped));
        }
        let mut source = source.as_direct(store);
        let offered = source.remaining();
        let piece = Bytes::copy_from_slice(offered.get(..CHUNK_BYTES).unwrap_or(offered));
        let taken = piece.len();
        if taken == 0 {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        if self.pieces.start_send(piece).is_err() {
            return Poll::Ready(Ok(StreamResult::Dropped));
        }
        source.mark_read(taken);
        Poll::Ready(Ok(StreamResult::Completed))
    }
}
