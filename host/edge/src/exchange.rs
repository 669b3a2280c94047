//! One request through the layers, in order. The file to open first for "what happens before a component sees it".

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use body::{BoxError, ClientAddress, RequestId};
use futures::FutureExt;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper_util::server::conn::auto;
use tower::Service;

use crate::body_timeout::TimedBody;
use crate::connection::{self, Tasks};
use crate::layer::access_log::{Record, Tail};
use crate::layer::rate_limit::Limiter;
use crate::layer::{client_address, foreign_headers, host, request_id, security_headers};
use crate::remainder::Remembered;
use crate::vitals::InFlight;
use crate::{Config, Problem, Slug};

/// Turns an error of the service into what the caller is told, and logs the rest. The server writes it: only there are
/// all error types known.
pub type Rescue = Arc<dyn Fn(&BoxError) -> Problem + Send + Sync>;

/// What all connections of a listener share.
pub(crate) struct Edge {
    pub(crate) config: Config,
    pub(crate) builder: auto::Builder<Tasks>,
    tasks: Tasks,
    service: body::Service,
    rescue: Rescue,
    limiter: Option<Limiter>,
}

impl Edge {
    pub(crate) fn new(config: Config, tasks: Tasks, service: body::Service, rescue: Rescue) -> Self {
        let builder = connection::builder(&config, tasks.clone());
        let limiter = config.rate.map(Limiter::new);
        Self { config, builder, tasks, service, rescue, limiter }
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Answers one request. Dropping the future drops the service's: the caller has gone.
pub(crate) async fn answer(
    edge: Arc<Edge>,
    peer: SocketAddr,
    in_flight: InFlight,
    request: http::Request<Incoming>,
) -> http::Response<Tail> {
    let (mut head, incoming) = request.into_parts();
    // 1. The id, so that every later refusal can name it.
    let id = request_id::take(&mut head.headers);
    // 2. The address, so that the log and the limiter mean the person and not the proxy.
    let client = client_address::of(&head.headers, peer, edge.config.position);
    // 3. The body, so that a refusal leaves the connection where the next request begins.
    let incoming = Remembered::new(incoming, &head, &edge.tasks, &in_flight);
    // 4. The log, so that refusals are in it. Its line is written with the last byte of the answer.
    let mut record = Record::begin(&head, client, &id, in_flight);
    // 5. to 8. What we do not take.
    let is_api = head.uri.path().starts_with("/api/");
    let outcome = match admit(&edge, &mut head, client) {
        // 9. The application.
        Ok(()) => {
            head.extensions.insert(id.clone());
            head.extensions.insert(client);
            let body = if incoming.is_end_stream() {
                body::empty()
            } else {
                TimedBody::new(incoming, edge.config.body_idle).boxed_unsync()
            };
            let service = edge.service.clone();
            call(service, http::Request::from_parts(head, body)).await.map_err(|failure| rescue(&edge, failure, &id))
        }
        Err(problem) => Err(problem),
    };
    // 10. The rescue: from here on there is an answer, whatever happened.
    let mut response = outcome.unwrap_or_else(|problem| {
        let problem = if problem.has_instance() { problem } else { problem.instance(&id) };
        problem.into_response()
    });
    record.answered(&response);
    // 11. Headers that every answer has, those of the rescue too.
    foreign_headers::strip_hop_by_hop(response.headers_mut());
    let status = response.status();
    security_headers::apply(response.headers_mut(), status, is_api);
    request_id::echo(response.headers_mut(), &id);
    response.map(|body| Tail::new(body, record))
}

fn admit(edge: &Edge, head: &mut http::request::Parts, client: ClientAddress) -> Result<(), Problem> {
    // 5. The rate, before anything is spent on the request.
    if let Some(limiter) = &edge.limiter {
        limiter.check(client.0.ip()).map_err(|wait| {
            Problem::new(Slug::RateLimited).detail("this address has made too many requests").retry_after(wait)
        })?;
    }
    // 6. The name that was asked for: one, and the same everywhere.
    host::settle(head)?;
    // 7. What somebody says who claims to be the operator, kept apart from what the application sees.
    if let Some(claim) = foreign_headers::take_claim(&mut head.headers) {
        head.extensions.insert(claim);
    }
    // 8. Headers that are not the client's to set: the host's own, and those that end at this connection.
    foreign_headers::strip_request(&mut head.headers, edge.config.position);
    Ok(())
}

/// How the service failed to answer.
enum Failure {
    Error(BoxError),
    Panic(Box<dyn Any + Send>),
}

/// A panic is caught here, so that the caller gets an answer and the connection's other streams live on.
async fn call(mut service: body::Service, request: body::Request) -> Result<body::Response, Failure> {
    let exchange = async move {
        poll_fn(|cx| service.poll_ready(cx)).await?;
        let answer = service.call(request);
        answer.await
    };
    AssertUnwindSafe(exchange).catch_unwind().await.map_err(Failure::Panic)?.map_err(Failure::Error)
}

fn rescue(edge: &Edge, failure: Failure, id: &RequestId) -> Problem {
    match failure {
        Failure::Error(error) => (edge.rescue)(&error),
        Failure::Panic(panic) => {
            let message = panic
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
                .unwrap_or("no message");
            tracing::error!(request_id = &*id.0, panic = message, "the service panicked");
            Problem::new(Slug::Internal)
        }
    }
}
