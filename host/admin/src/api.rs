//! The routes of `/v1`, and who may call each.
//!
//! Order of a request: `authenticate` says who it is, `permit` whether the route is open to them, and then the handler
//! whether this very thing is theirs to do.

mod logs;
mod objects;
mod queues;
mod releases;
mod request;
mod rollouts;
mod status;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, head, post, put};
use axum::{Extension, Router};
use control::Verb;
use edge::{Problem, Slug};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use rollouts::Return;

use crate::Operator;
use crate::access::{Caller, Right, forbidden};
use crate::attempts::Attempts;
use crate::refusal::Refused;
use crate::token::Verified;

/// Objects received at once: each may take 64 MiB of memory for a moment.
const UPLOADS_MAX: usize = 2;
/// Operators who follow the log at once.
const FOLLOWERS_MAX: usize = 8;

/// Who is at the other end of a connection.
#[derive(Clone, Debug)]
pub(crate) enum Peer {
    /// Somebody who may open the socket.
    Local {
        /// Name of the user.
        who: String,
    },
    /// Somebody with a token, or without.
    Remote {
        /// Where from.
        address: IpAddr,
    },
}

/// What handlers share.
#[derive(Clone)]
pub(crate) struct Shared {
    operator: Operator,
    attempts: Arc<Attempts>,
    uploads: Arc<Semaphore>,
    followers: Arc<Semaphore>,
    shutdown: CancellationToken,
}

/// One route.
struct Route {
    #[cfg_attr(not(test), expect(dead_code, reason = "the handler has it; tests go through the table by it"))]
    method: &'static str,
    path: &'static str,
    right: Right,
    handler: MethodRouter<Shared>,
}

type Answer = Result<Response, Refused>;

/// Every route. A handler that is not in this table cannot be reached.
fn table() -> Vec<Route> {
    let route = |method, path, right, handler| Route { method, path, right, handler };
    let act = |verb| post(move |state, caller| rollouts::act(state, caller, verb));
    let settle = |fate| {
        post(move |state, caller, queue, headers, body| queues::settle(state, (caller, queue), headers, body, fate))
    };
    let set_paused = |paused| post(move |state, caller, queue| queues::set_paused(state, caller, queue, paused));
    vec![
        route("PUT", "/v1/objects/{digest}", Right::Deploy, put(objects::keep)),
        route("HEAD", "/v1/objects/{digest}", Right::Deploy, head(objects::has)),
        route("POST", "/v1/plan", Right::Deploy, post(rollouts::plan)),
        route("POST", "/v1/deploy", Right::Deploy, post(rollouts::deploy)),
        route("POST", "/v1/promote", Right::Deploy, act(Verb::Promote)),
        route("POST", "/v1/pause", Right::Deploy, act(Verb::Pause)),
        route("POST", "/v1/resume", Right::Deploy, act(Verb::Resume)),
        route("POST", "/v1/abort", Right::Deploy, act(Verb::Abort)),
        route("POST", "/v1/rollback", Right::Rollback, post(rollouts::rollback)),
        route("GET", "/v1/status", Right::Read, get(status::status)),
        route("GET", "/v1/releases", Right::Read, get(releases::releases)),
        route("GET", "/v1/audit", Right::Read, get(releases::audit)),
        route("GET", "/v1/logs", Right::Read, get(logs::logs)),
        route("GET", "/v1/queues", Right::Read, get(queues::list)),
        route("GET", "/v1/queues/{queue}/dead", Right::Read, get(queues::peek)),
        route("POST", "/v1/queues/{queue}/redrive", Right::Queue, settle(queues::Fate::Redrive)),
        route("POST", "/v1/queues/{queue}/discard", Right::Queue, settle(queues::Fate::Discard)),
        route("POST", "/v1/queues/{queue}/pause", Right::Queue, set_paused(true)),
        route("POST", "/v1/queues/{queue}/resume", Right::Queue, set_paused(false)),
    ]
}

/// The routes over this operator; requests need a [`Peer`] among their extensions. Waiting ones end with `shutdown`.
pub(crate) fn router(operator: Operator, shutdown: CancellationToken) -> Router {
    let shared = Shared {
        operator,
        attempts: Arc::default(),
        uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
        followers: Arc::new(Semaphore::new(FOLLOWERS_MAX)),
        shutdown,
    };
    let mut router = Router::new();
    for Route { path, right, handler, .. } in table() {
        let permit = from_fn(move |caller: Extension<Caller>, request, next| permit(right, caller, request, next));
        router = router.route(path, handler.route_layer(permit));
    }
    router
        .fallback(async || Refused(Problem::new(Slug::NotFound)))
        .method_not_allowed_fallback(async || Refused(Problem::new(Slug::MethodNotAllowed)))
        .layer(from_fn_with_state(shared.clone(), authenticate))
        .with_state(shared)
}

async fn permit(right: Right, Extension(caller): Extension<Caller>, request: Request, next: Next) -> Response {
    if caller.may(right) {
        return next.run(request).await;
    }
    tracing::warn!(who = caller.who, path = request.uri().path(), "an operator's token has not the scope");
    let detail = format!("This token has not the scope `{}` that it needs here.", right.scope());
    Refused(forbidden(detail)).into_response()
}

async fn authenticate(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let caller = match request.extensions().get::<Peer>().cloned() {
        Some(Peer::Local { who }) => Ok(Caller { who, scopes: None }),
        Some(Peer::Remote { address }) => shared.caller(address, bearer(request.headers())).await,
        None => Err(Problem::new(Slug::Unauthorized)),
    };
    match caller {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => {
            let unauthorized = problem.slug() == Slug::Unauthorized;
            let mut response = Refused(problem).into_response();
            if unauthorized {
                response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            response
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

impl Shared {
    /// Who presents this secret. Wrong ones count against their address.
    async fn caller(&self, address: IpAddr, secret: Option<String>) -> Result<Caller, Problem> {
        if let Some(wait) = self.attempts.wait(address) {
            let detail = "Too many wrong tokens came from this address.";
            return Err(Problem::new(Slug::RateLimited).detail(detail).retry_after(wait));
        }
        let Some(secret) = secret else {
            let detail = "Send a token: `Authorization: Bearer wharf_...`; `wharf token create` makes one.";
            return Err(Problem::new(Slug::Unauthorized).detail(detail));
        };
        let tokens = self.operator.tokens.clone();
        let verified = tokio::task::spawn_blocking(move || tokens.verify(&secret, now_us())).await;
        let verified = verified.map_err(std::io::Error::other).and_then(|found| found.map_err(std::io::Error::other));
        let detail = match verified {
            Ok(Verified::Valid(token)) => return Ok(Caller { who: token.name, scopes: Some(token.scopes) }),
            Ok(Verified::Expired) => "This token has expired; `wharf token create` makes a new one.",
            Ok(Verified::Unknown) => "This token is not known; it may have been revoked.",
            Err(error) => {
                tracing::error!(%error, "tokens cannot be read");
                return Err(Problem::new(Slug::Internal));
            }
        };
        self.attempts.failed(address);
        tracing::warn!(%address, reason = detail, "an operator's token was refused");
        Err(Problem::new(Slug::Unauthorized).detail(detail))
    }
}

/// Lets an action take its time, but not for ever. What has begun goes on after the limit.
async fn within<T>(limit: Duration, action: impl Future<Output = T>) -> Result<T, Refused> {
    let detail = "It is not done yet; `wharf status` and `wharf queue ls` say how it goes.";
    let late = || Problem::new(Slug::DeadlineExceeded).detail(detail);
    tokio::time::timeout(limit, action).await.map_err(|_| Refused(late()))
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
