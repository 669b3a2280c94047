//! One line per request, written when the last byte of the answer has been handed over or the caller has gone.

use std::error::Error;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use body::{BoxError, ClientAddress, Release, RequestId, RouteMatch};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, StatusCode, request};
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use crate::vitals::InFlight;

/// Longest path and user agent in a line; the rest is cut off.
const TEXT_BYTES_MAX: usize = 512;

/// What the line will say. Written by its drop, so that no path out of an exchange can forget it.
#[derive(Debug)]
pub(crate) struct Record {
    started: Instant,
    method: Method,
    path: Option<PathAndQuery>,
    user_agent: Option<HeaderValue>,
    client: IpAddr,
    id: Arc<str>,
    route: Option<(Arc<str>, Arc<str>)>,
    release: Option<u64>,
    status: Option<StatusCode>,
    bytes_out: u64,
    bytes_expected: Option<u64>,
    complete: bool,
    /// Ends with the line: draining then waits for the log too.
    _in_flight: InFlight,
}

impl Record {
    pub(crate) fn begin(head: &request::Parts, client: ClientAddress, id: &RequestId, in_flight: InFlight) -> Self {
        Self {
            started: Instant::now(),
            method: head.method.clone(),
            path: head.uri.path_and_query().cloned(),
            user_agent: head.headers.get(USER_AGENT).cloned(),
            client: client.0.ip(),
            id: Arc::clone(&id.0),
            route: None,
            release: None,
            status: None,
            bytes_out: 0,
            bytes_expected: None,
            complete: false,
            _in_flight: in_flight,
        }
    }

    /// The head of the answer is known.
    pub(crate) fn answered(&mut self, response: &body::Response) {
        self.status = Some(response.status());
        self.route = response
            .extensions()
            .get::<RouteMatch>()
            .map(|route| (Arc::clone(&route.component), Arc::clone(&route.pattern)));
        self.release = response.extensions().get::<Release>().map(|release| release.0);
        let without_body = self.method == Method::HEAD
            || matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        self.bytes_expected = if without_body {
            Some(0)
        } else {
            response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok())
        };
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let duration_ms = self.started.elapsed().as_secs_f64() * 1000.0;
        let complete = self.complete || self.bytes_expected.is_some_and(|expected| self.bytes_out >= expected);
        tracing::info!(
            target: "access",
            request_id = &*self.id,
            method = self.method.as_str(),
            path = cut(self.path.as_ref().map_or("", PathAndQuery::path)),
            status = self.status.map(|status| status.as_u16()),
            bytes_out = self.bytes_out,
            duration_ms,
            client_ip = %self.client,
            component = self.route.as_ref().map(|(component, _)| &**component),
            route = self.route.as_ref().map(|(_, pattern)| &**pattern),
            release = self.release,
            ua = self.user_agent.as_ref().and_then(|agent| agent.to_str().ok()).map(cut),
            aborted = (!complete).then_some(true),
            "request"
        );
    }
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or(text)
}

/// The body of an answer together with its line in the log.
#[derive(Debug)]
pub(crate) struct Tail {
    body: body::Body,
    record: Record,
}

impl Tail {
    pub(crate) fn new(body: body::Body, mut record: Record) -> Self {
        record.complete = body.is_end_stream();
        Self { body, record }
    }
}

impl Body for Tail {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        match &polled {
            Poll::Pending => {}
            Poll::Ready(None) => this.record.complete = true,
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                this.record.bytes_out += u64::try_from(bytes).unwrap_or(u64::MAX);
                this.record.complete = this.body.is_end_stream();
            }
            Poll::Ready(Some(Err(error))) => {
                // The head has gone out: all that can be done is to break off and to say so here.
                let (request_id, error): (&str, &dyn Error) = (&this.record.id, &**error);
                tracing::warn!(request_id, error, "the answer broke off");
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
