//! The bodies of one exchange, counted on their way in and out.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll, ready};

use body::{BoxError, Request, Response};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use wasmtime_wasi_http::WasiBody;

use crate::Fault;

const RUNNING: u8 = 0;
const FAILED: u8 = 1;

/// What the two ends of an exchange tell each other: the task that runs the guest, and the bodies held by others.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    state: AtomicU8,
    request_over: AtomicBool,
}

impl Progress {
    /// To be called before the instance is dropped: an answer whose guest is gone must not look complete.
    pub(crate) fn fail(&self) {
        self.state.store(FAILED, Ordering::Release);
    }

    fn failed(&self) -> bool {
        self.state.load(Ordering::Acquire) != RUNNING
    }

    /// Whether the request body went over its limit.
    pub(crate) fn request_over(&self) -> bool {
        self.request_over.load(Ordering::Acquire)
    }
}

/// Hands the request to the guest with a body that ends in an error past `limit` bytes.
pub(crate) fn limit_request(request: Request, limit: u64, progress: &Arc<Progress>) -> http::Request<WasiBody> {
    let progress = Arc::clone(progress);
    request.map(|inner| {
        if inner.is_end_stream() {
            return http_body_util::Empty::new().map_err(|never| match never {}).boxed_unsync();
        }
        RequestBody { inner, left: limit, limit, progress }.boxed_unsync()
    })
}

struct RequestBody {
    inner: body::Body,
    left: u64,
    limit: u64,
    progress: Arc<Progress>,
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = wasmtime_wasi_http::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
            None => return Poll::Ready(None),
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                tracing::debug!("request body: {error}");
                return Poll::Ready(Some(Err(wasmtime_wasi_http::Error::ConnectionTerminated)));
            }
        };
        if let Some(left) = self.left.checked_sub(length(&frame)) {
            self.left = left;
            Poll::Ready(Some(Ok(frame)))
        } else {
            self.progress.request_over.store(true, Ordering::Release);
            Poll::Ready(Some(Err(wasmtime_wasi_http::Error::HttpRequestBodySize(Some(self.limit)))))
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Hands the guest's answer out, with a body that ends in an error past `limit` bytes or when the guest is gone.
pub(crate) fn limit_response(
    response: http::Response<WasiBody>,
    component: &str,
    limit: u64,
    progress: &Arc<Progress>,
) -> Result<Response, Fault> {
    let too_large = || Fault::ResponseTooLarge { component: component.to_owned(), limit_bytes: limit };
    let declared = response.headers().get(http::header::CONTENT_LENGTH);
    let declared = declared.and_then(|value| value.to_str().ok()).and_then(|value| value.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let progress = Arc::clone(progress);
    let component = component.to_owned();
    Ok(response.map(|inner| ResponseBody { inner, left: limit, limit, component, progress }.boxed_unsync()))
}

struct ResponseBody {
    inner: UnsyncBoxBody<Bytes, wasmtime_wasi_http::Error>,
    left: u64,
    limit: u64,
    component: String,
    progress: Arc<Progress>,
}

/// The guest went away before its answer was whole; the connection must not end as if it were.
#[derive(Debug, thiserror::Error)]
#[error("component `{component}` failed in the middle of its answer")]
struct Truncated {
    component: String,
}

impl http_body::Body for ResponseBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let frame = match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            // When an instance is dropped its streams just end: only the task knows whether that was meant.
            None if self.progress.failed() => {
                return Poll::Ready(Some(Err(Truncated { component: self.component.clone() }.into())));
            }
            None => return Poll::Ready(None),
        };
        if let Some(left) = self.left.checked_sub(length(&frame)) {
            self.left = left;
            Poll::Ready(Some(Ok(frame)))
        } else {
            let fault = Fault::ResponseTooLarge { component: self.component.clone(), limit_bytes: self.limit };
            tracing::error!(component = self.component, "{fault}");
            Poll::Ready(Some(Err(fault.into())))
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream() && !self.progress.failed()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

fn length(frame: &Frame<Bytes>) -> u64 {
    frame.data_ref().map_or(0, |data| u64::try_from(data.len()).unwrap_or(u64::MAX))
}
