//! A stream of rows as the guest reads it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot;
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult, VecBuffer};

use crate::bindings::wharf::sql::sql;
use crate::stream::{RowStream, ended};
use crate::{Error, Value};

/// Hands batches to the guest as it asks for them, then tells the future how it ended.
pub(super) struct RowProducer {
    rows: RowStream,
    end: Option<oneshot::Sender<Result<(), sql::Error>>>,
}

impl RowProducer {
    pub(super) fn new(rows: RowStream, end: oneshot::Sender<Result<(), sql::Error>>) -> Self {
        Self { rows, end: Some(end) }
    }

    fn tell(&mut self, result: Result<(), Error>) {
        if let Some(end) = self.end.take()
            && end.send(result.map_err(Into::into)).is_err()
        {
            tracing::trace!("nobody asks how a stream ended");
        }
    }
}

impl<D> StreamProducer<D> for RowProducer {
    type Item = Vec<Value>;
    type Buffer = VecBuffer<Vec<Value>>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        // A read of nothing asks whether rows are there; the next real read waits for them.
        if destination.remaining(&mut store) == Some(0) {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        match self.rows.batches.poll_recv(cx) {
            Poll::Ready(Some(batch)) => {
                destination.set_buffer(batch.into());
                Poll::Ready(Ok(StreamResult::Completed))
            }
            Poll::Ready(None) => {
                let end = ready!(Pin::new(&mut self.rows.end).poll(cx));
                self.tell(ended(end));
                Poll::Ready(Ok(StreamResult::Dropped))
            }
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for RowProducer {
    fn drop(&mut self) {
        // The reader wanted no more.
        self.tell(Ok(()));
    }
}
