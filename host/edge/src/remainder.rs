//! What the service leaves of a request body, read on so that the connection can go on.
//!
//! A service may answer before it has read the body: a refusal, or an address that does not exist. On HTTP/1.1 the next
//! request stands behind the rest of that body. Giving it up would close the connection after an answer that promised
//! to keep it, and the client's next request would meet a closed socket; so a short rest is read and thrown away.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Version;
use http::header::EXPECT;
use http::request::Parts;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::connection::Tasks;
use crate::vitals::InFlight;

/// A longer rest costs more to read than a new connection costs to open.
const BYTES_MAX: usize = 256 * 1024;
/// A client that sends its rest more slowly is better off with a new connection, and holds nothing of ours meanwhile.
const TIME_MAX: Duration = Duration::from_secs(5);

/// A request body whose rest is read on when it is dropped early.
#[derive(Debug)]
pub(crate) struct Remembered {
    incoming: Option<Incoming>,
    reader: Option<Reader>,
}

/// Who reads the rest; until it is read the connection counts as busy.
#[derive(Debug)]
struct Reader {
    tasks: Tasks,
    in_flight: InFlight,
}

impl Remembered {
    /// Not on HTTP/2, where a body that is given up harms no other stream; and not for a client that waits to be
    /// asked for its body, since it may never send it.
    pub(crate) fn new(incoming: Incoming, head: &Parts, tasks: &Tasks, in_flight: &InFlight) -> Self {
        let follows = head.version != Version::HTTP_2 && !head.headers.contains_key(EXPECT);
        let reader = || Reader { tasks: tasks.clone(), in_flight: in_flight.another() };
        let reader = (follows && !incoming.is_end_stream()).then(reader);
        Self { incoming: Some(incoming), reader }
    }
}

impl Body for Remembered {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        let polled = Pin::new(incoming).poll_frame(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.reader = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Remembered {
    fn drop(&mut self) {
        let (Some(incoming), Some(reader)) = (self.incoming.take(), self.reader.take()) else { return };
        if !incoming.is_end_stream() {
            let Reader { tasks, in_flight } = reader;
            hyper::rt::Executor::execute(&tasks, async move {
                let _busy = in_flight;
                // Past the limit of either the rest is dropped, and the connection ends with it.
                drop(tokio::time::timeout(TIME_MAX, throw_away(incoming)).await);
            });
        }
    }
}

async fn throw_away(mut incoming: Incoming) {
    let mut bytes = 0;
    while let Some(Ok(frame)) = incoming.frame().await {
        bytes += frame.data_ref().map_or(0, Bytes::len);
        if bytes > BYTES_MAX {
            return;
        }
    }
}
