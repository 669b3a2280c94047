//! What one instance may send, and the request it is serving meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use body::{Generation, RequestId, Response};
use http_body_util::BodyExt as _;
use manifest::Component;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::destination::{Destination, OWN_HOST};
use crate::guard::{GuardedBody, Held};
use crate::provider::Shared;
use crate::{AllowList, BoxFuture, Error, chain, connect};

/// How long parts of an exchange may take. Each is cut short by the deadline of the request being served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// A free place among the connections, the name, the connection and its handshake, together.
    pub connect: Duration,
    /// From sending the request to the head of the answer.
    pub first_byte: Duration,
    /// Between two parts of the answer's body.
    pub between_bytes: Duration,
}

impl Default for Timeouts {
    /// Ten seconds to connect, more than any healthy peer needs; the rest is left to the deadline.
    fn default() -> Self {
        let long = Duration::from_mins(10);
        Self { connect: Duration::from_secs(10), first_byte: long, between_bytes: long }
    }
}

/// Outgoing HTTP of one instance. A clone shares the grants, not the request being served later.
#[derive(Clone)]
pub struct OutboundCtx {
    pub(crate) shared: Arc<Shared>,
    pub(crate) component: Arc<str>,
    allowed: Arc<AllowList>,
    limit: usize,
    scope: Option<Scope>,
}

/// The request that the instance serves.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) deadline: Instant,
    pub(crate) request_id: Option<RequestId>,
    pub(crate) depth: u32,
    pub(crate) generation: Option<Generation>,
    calls: Arc<Semaphore>,
}

impl OutboundCtx {
    pub(crate) fn new(shared: Arc<Shared>, component: &Component, allowed: AllowList) -> Self {
        Self {
            shared,
            component: component.id.as_str().into(),
            allowed: Arc::new(allowed),
            limit: usize::try_from(component.limits.outbound).unwrap_or(Semaphore::MAX_PERMITS),
            scope: None,
        }
    }

    /// Begins a request. `depth` is that of its [`body::Caller`], 0 for one from outside; a call made meanwhile is one
    /// deeper. It stays on the `generation` of the request. Nothing is sent after `deadline`, and answers end there.
    pub fn begin_request(
        &mut self,
        deadline: Instant,
        request_id: Option<RequestId>,
        depth: u32,
        generation: Option<Generation>,
    ) {
        let calls = Arc::new(Semaphore::new(self.limit));
        self.scope = Some(Scope { deadline, request_id, depth, generation, calls });
    }

    /// Ends the request: what is under way goes on until its deadline, nothing more can be sent.
    pub fn end_request(&mut self) {
        self.scope = None;
    }

    /// Sends a request and waits for the head of its answer; the body is streamed.
    ///
    /// Redirects are not followed and connections are not kept. Over the network the request goes out as HTTP/1.1 with
    /// a `Host` header of our making. A call to another component keeps no header `x-wharf-*` or `spin-*` of the
    /// caller's; where the callee fails without an answer, the answer is 502.
    ///
    /// # Errors
    /// Every variant of [`Error`] but those of setting up. Errors of the answer's body are [`Error`] as well.
    ///
    /// # Cancellation
    /// Dropping the future, or the answer's body, closes the connection or drops the call.
    pub fn send(
        &self,
        request: http::Request<body::Body>,
        timeouts: Timeouts,
    ) -> BoxFuture<'static, Result<Response, Error>> {
        let ctx = self.clone();
        Box::pin(async move { ctx.exchange(request, timeouts).await })
    }

    async fn exchange(self, request: http::Request<body::Body>, timeouts: Timeouts) -> Result<Response, Error> {
        let destination = Destination::of(request.uri())?;
        let denied = || Error::Denied { destination: destination.to_string() };
        let Some(scope) = &self.scope else {
            return Err(denied());
        };
        if !self.allowed.allows(destination.scheme(), &destination.host, destination.port) {
            tracing::warn!(
                component = &*self.component,
                capability = "outbound",
                destination = %destination,
                "denied"
            );
            return Err(denied());
        }
        let deadline = tokio::time::Instant::from_std(scope.deadline);
        let connect_by = bounded(timeouts.connect, deadline);
        let mut permits = vec![permit(&scope.calls, connect_by).await?];

        let (response, driver) = if let Some(component) = destination.component() {
            if destination.secure {
                return Err(Error::Request { reason: "components are called by http, not https" });
            }
            let call = chain::call(&self, scope, component.to_owned(), request);
            (within(bounded(timeouts.first_byte, deadline), call).await?, None)
        } else {
            permits.push(permit(&self.shared.connections, connect_by).await?);
            let connecting = self.connect(&destination);
            let connected = tokio::time::timeout_at(connect_by, connecting).await;
            let (sender, driver) = connected.map_err(|_| Error::ConnectTimeout)??;
            let sending = connect::send(sender, &destination, request);
            (within(bounded(timeouts.first_byte, deadline), sending).await?, Some(driver))
        };
        let held = Held { permits, driver };
        Ok(response.map(|body| GuardedBody::new(body, held, timeouts.between_bytes, deadline).boxed_unsync()))
    }

    async fn connect(&self, destination: &Destination) -> Result<connect::Connection, Error> {
        let own = destination.host == OWN_HOST;
        let addresses = if own {
            let denied = || Error::Denied { destination: destination.to_string() };
            vec![self.shared.config.own_address.ok_or_else(denied)?]
        } else {
            connect::resolve(&self.shared, destination, &self.allowed).await?
        };
        connect::open(&self.shared, destination, &addresses).await
    }
}

impl std::fmt::Debug for OutboundCtx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboundCtx")
            .field("component", &self.component)
            .field("allowed", &self.allowed)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

fn bounded(timeout: Duration, deadline: tokio::time::Instant) -> tokio::time::Instant {
    tokio::time::Instant::now().checked_add(timeout).map_or(deadline, |end| end.min(deadline))
}

async fn permit(semaphore: &Arc<Semaphore>, by: tokio::time::Instant) -> Result<OwnedSemaphorePermit, Error> {
    match tokio::time::timeout_at(by, Arc::clone(semaphore).acquire_owned()).await {
        Ok(Ok(permit)) => Ok(permit),
        // Never closed; late is late.
        Ok(Err(_)) | Err(_) => Err(Error::LimitReached),
    }
}

async fn within<T>(by: tokio::time::Instant, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout_at(by, work).await.unwrap_or(Err(Error::Timeout))
}
