//! Small answers are gathered while their guest still runs, and leave in one piece.
//!
//! A guest gives its answer in steps: head, pieces of the body, the end. Passed on as they come, each step wakes the
//! connection's task and is a write to the socket; gathered, a small answer is one write with its length. What is large
//! or slow streams as before.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use body::{BoxError, Response};
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::{Sleep, sleep};

use crate::Fault;

/// Bytes gathered at most. Past this a write of its own costs little beside the bytes themselves.
const GATHER_MAX: usize = 16 << 10;

/// How long the first bytes of a slow answer are held back at most: far below what a person or a proxy notices, far
/// above what a guest takes that does not wait for anything.
const GATHER_LIMIT: Duration = Duration::from_millis(1);

/// The answer in one piece where it is small and soon complete, and else as a stream that begins with what has come.
///
/// # Errors
/// The [`Fault`] that ended the body, if it came before anything was passed on.
pub(crate) async fn gather(response: Response) -> Result<Response, Fault> {
    let (head, mut body) = response.into_parts();
    let mut gathered = Gathered::default();
    let mut limit = pin!(sleep(GATHER_LIMIT));
    loop {
        match next(&mut body, limit.as_mut()).await {
            Next::Frame(Ok(frame)) => match frame.into_data() {
                Ok(data) => gathered.push(data),
                Err(trailers) => {
                    let trailers = Some(Frame::trailers(trailers.into_trailers().unwrap_or_default()));
                    return Ok(Response::from_parts(head, Resumed::new(gathered, trailers, body).boxed_unsync()));
                }
            },
            Next::Frame(Err(error)) => return broken(head, gathered, body, error),
            Next::End => return Ok(Response::from_parts(head, body::full(gathered.into_bytes()))),
            Next::Late => break,
        }
        if gathered.length() >= GATHER_MAX {
            break;
        }
    }
    Ok(Response::from_parts(head, Resumed::new(gathered, None, body).boxed_unsync()))
}

enum Next {
    Frame(Result<Frame<Bytes>, BoxError>),
    End,
    Late,
}

/// The next frame, or that it is late. The frame is asked first, so that a guest that never waits sees no timer.
async fn next(body: &mut body::Body, mut limit: Pin<&mut Sleep>) -> Next {
    std::future::poll_fn(|cx| match Pin::new(&mut *body).poll_frame(cx) {
        Poll::Ready(Some(frame)) => Poll::Ready(Next::Frame(frame)),
        Poll::Ready(None) => Poll::Ready(Next::End),
        Poll::Pending => limit.as_mut().poll(cx).map(|()| Next::Late),
    })
    .await
}

/// A body over its limit is a fault while nothing has left; any other break is told by breaking the stream.
fn broken(
    head: http::response::Parts,
    gathered: Gathered,
    body: body::Body,
    error: BoxError,
) -> Result<Response, Fault> {
    match error.downcast::<Fault>() {
        Ok(fault) => Err(*fault),
        Err(error) => {
            let body = Resumed { failed: Some(error), ..Resumed::new(gathered, None, body) };
            Ok(Response::from_parts(head, body.boxed_unsync()))
        }
    }
}

/// Pieces of a body; a single one, the usual case, is kept as it is.
#[derive(Default)]
struct Gathered {
    first: Bytes,
    rest: BytesMut,
}

impl Gathered {
    fn push(&mut self, data: Bytes) {
        if self.first.is_empty() {
            self.first = data;
        } else {
            if self.rest.is_empty() {
                self.rest.extend_from_slice(&self.first);
            }
            self.rest.extend_from_slice(&data);
        }
    }

    fn length(&self) -> usize {
        self.first.len().max(self.rest.len())
    }

    fn into_bytes(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { self.rest.freeze() }
    }
}

/// A body whose beginning has been read.
struct Resumed {
    beginning: Option<Frame<Bytes>>,
    trailers: Option<Frame<Bytes>>,
    failed: Option<BoxError>,
    inner: body::Body,
}

impl Resumed {
    fn new(gathered: Gathered, trailers: Option<Frame<Bytes>>, inner: body::Body) -> Self {
        let beginning = Some(gathered.into_bytes()).filter(|bytes| !bytes.is_empty()).map(Frame::data);
        Self { beginning, trailers, failed: None, inner }
    }
}

impl Body for Resumed {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Some(frame) = self.beginning.take().or_else(|| self.trailers.take()) {
            return Poll::Ready(Some(Ok(frame)));
        }
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Some(Err(error)));
        }
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.beginning.is_none() && self.trailers.is_none() && self.failed.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let gathered = self.beginning.as_ref().and_then(Frame::data_ref).map_or(0, Bytes::len);
        let gathered = u64::try_from(gathered).unwrap_or(u64::MAX);
        let inner = self.inner.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower().saturating_add(gathered));
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper.saturating_add(gathered));
        }
        hint
    }
}

#[cfg(test)]
mod tests;
