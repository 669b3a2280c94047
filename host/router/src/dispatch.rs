//! From a request to the component that answers it.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use body::{BoxError, ClientAddress, Release, Request, Response, RouteMatch, Service};
use http::header::{HOST, HeaderValue};
use http::uri::Authority;
use tower::ServiceExt as _;

use crate::headers::{self, Origin};
use crate::table::{Answer, Found, Route};
use crate::{Error, Generation, Routing};

/// Paths that belong to the host, whatever the application says.
const HOST_PREFIX: &str = "/.well-known/spin/";
const HEALTH_PATH: &str = "/.well-known/spin/health";
/// The domain of service chaining.
const INTERNAL_SUFFIX: &str = ".spin.internal";
/// What a component sees of a caller inside the host.
const NO_CLIENT: ClientAddress = ClientAddress(SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0));

/// Hands each request to the component of its route, in the generation that the routing picks. Clones share one routing.
///
/// As a [`tower::Service`] it answers requests from outside: it never waits to be ready, and fails with [`Error`] or
/// with the error of the component, unchanged. The answer carries the [`RouteMatch`] and the [`Release`] as extensions,
/// for the access log. Dropping the future of a call drops the call into the component.
#[derive(Clone, Debug)]
pub struct Router {
    routing: Arc<ArcSwap<Routing>>,
}

type ResponseFuture = Pin<Box<dyn Future<Output = Result<Response, BoxError>> + Send>>;

/// What is left to do once the table has been asked.
enum Step {
    Answer(Response),
    Call(Box<Call>),
}

struct Call {
    handler: Service,
    request: Request,
    found: RouteMatch,
    release: Release,
}

impl Router {
    /// A router that begins with this routing.
    pub fn new(routing: Routing) -> Self {
        Self { routing: Arc::new(ArcSwap::from_pointee(routing)) }
    }

    /// Replaces the routing for all requests that come after. Those already given to a generation finish there.
    pub fn swap(&self, routing: Routing) {
        self.routing.store(Arc::new(routing));
    }

    /// Who serves at this moment.
    pub fn routing(&self) -> Arc<Routing> {
        self.routing.load_full()
    }

    /// The generation that this request would be given to now. To be put into it ([`Generation::hold`]) by who wants
    /// to know beforehand.
    ///
    /// # Errors
    /// [`Error::UnknownRelease`].
    pub fn pick(&self, request: &Request) -> Result<Arc<Generation>, Error> {
        self.routing.load().pick(request)
    }

    /// The router as the data plane's boxed service, for requests from outside.
    pub fn service(&self) -> Service {
        Service::new(self.clone())
    }

    /// Whether the component has a trigger, public or private, in the live generation of this moment.
    pub fn has_component(&self, id: &str) -> bool {
        self.routing.load().live().table.component(id).is_some()
    }

    /// Calls a component by its id, past all public routes: service chaining, messages, cron, probes.
    ///
    /// The component sees a match of `/...` with the whole path as path-info and the client address 0.0.0.0:0. A
    /// request without any host is taken for `<id>.spin.internal`; a `Host` header that names that domain is removed.
    /// Headers `x-wharf-*` are the caller's responsibility: what comes from a guest must be stripped of them before.
    ///
    /// # Errors
    /// [`Error::UnknownComponent`], [`Error::UnknownRelease`], [`Error::Host`] for a malformed host, else the error of
    /// the component.
    pub async fn call_component(&self, id: &str, request: Request) -> Result<Response, BoxError> {
        self.private(id, request)?.run().await
    }

    fn private(&self, id: &str, mut request: Request) -> Result<Box<Call>, Error> {
        let generation = self.pick(&request)?;
        let route =
            generation.table.component(id).ok_or_else(|| Error::UnknownComponent { component: id.to_owned() })?;
        headers::strip(request.headers_mut(), Origin::Host);
        let authority = match headers::authority(&request) {
            Err(Error::Host { reason: "missing" }) => Authority::try_from(format!("{id}{INTERNAL_SUFFIX}"))
                .map_err(|_| Error::UnknownComponent { component: id.to_owned() })?,
            other => other?,
        };
        if authority.host().ends_with(INTERNAL_SUFFIX) {
            request.headers_mut().remove(HOST);
        }
        request.extensions_mut().insert(NO_CLIENT);
        let found = RouteMatch {
            component: Arc::clone(&route.component),
            pattern: Arc::clone(&route.pattern),
            path_info: request.uri().path().to_owned(),
            captures: Vec::new(),
        };
        headers::describe(&mut request, authority, route, &found)?;
        match &route.answer {
            Answer::Component(handler) => Ok(Box::new(Call::new(handler.clone(), request, found, &generation))),
            Answer::Static { .. } => Err(Error::UnknownComponent { component: id.to_owned() }),
        }
    }

    fn public(&self, mut request: Request) -> Result<Step, Error> {
        let path = request.uri().path();
        if path.starts_with(HOST_PREFIX) {
            return if path == HEALTH_PATH { Ok(Step::Answer(health())) } else { Err(Error::NotFound) };
        }
        let generation = self.pick(&request)?;
        let found = generation.table.find(path).ok_or(Error::NotFound)?;
        let matched = found.to_match();
        let route = found.route;
        let handler = match &route.answer {
            Answer::Component(handler) => handler.clone(),
            Answer::Static { .. } => {
                let mut response = fixed(&route, matched);
                response.extensions_mut().insert(generation.release());
                return Ok(Step::Answer(response));
            }
        };
        headers::strip(request.headers_mut(), Origin::Outside);
        let authority = headers::authority(&request)?;
        // HTTP/2 names the host in the URI alone; components look for it in one place.
        if !request.headers().contains_key(HOST)
            && let Ok(host) = HeaderValue::from_str(authority.as_str())
        {
            request.headers_mut().insert(HOST, host);
        }
        headers::describe(&mut request, authority, &route, &matched)?;
        Ok(Step::Call(Box::new(Call::new(handler, request, matched, &generation))))
    }
}

impl tower::Service<Request> for Router {
    type Response = Response;
    type Error = BoxError;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.public(request) {
            Ok(Step::Answer(response)) => Box::pin(std::future::ready(Ok(response))),
            Ok(Step::Call(call)) => Box::pin(call.run()),
            Err(error) => Box::pin(std::future::ready(Err(error.into()))),
        }
    }
}

impl Call {
    fn new(handler: Service, mut request: Request, found: RouteMatch, generation: &Arc<Generation>) -> Self {
        request.extensions_mut().insert(found.clone());
        request.extensions_mut().insert(generation.hold());
        Self { handler, request, found, release: generation.release() }
    }

    fn run(self: Box<Self>) -> ResponseFuture {
        let Self { handler, request, found, release } = *self;
        let answer: ResponseFuture = Box::pin(handler.oneshot(request));
        Box::pin(async move {
            let mut response = answer.await?;
            response.extensions_mut().insert(found);
            response.extensions_mut().insert(release);
            Ok(response)
        })
    }
}

impl Found<'_> {
    fn to_match(&self) -> RouteMatch {
        RouteMatch {
            component: Arc::clone(&self.route.component),
            pattern: Arc::clone(&self.route.pattern),
            path_info: self.path_info.to_owned(),
            captures: self.captures().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }
}

/// A fixed answer. Its [`RouteMatch`] names no component.
fn fixed(route: &Route, found: RouteMatch) -> Response {
    let Answer::Static { status, headers, body } = &route.answer else {
        return Response::new(body::empty());
    };
    let mut response = Response::new(body::full(body.clone()));
    *response.status_mut() = *status;
    response.headers_mut().clone_from(headers);
    response.extensions_mut().insert(found);
    response
}

fn health() -> Response {
    let mut response = Response::new(body::full("OK"));
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

#[cfg(test)]
mod tests;
