//! What the layers know about a request beside its head: typed extensions of [`http::Request`].

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// Names one request in logs, problem pages and messages that it causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

/// Who is connected, after trusted proxies were taken into account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub SocketAddr);

/// When the whole exchange must be over. Child calls inherit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(pub Instant);

/// The component that makes this call by service chaining, and how deep the chain is (1 for a direct call).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Component id.
    pub component: Arc<str>,
    /// Calls from the edge to here.
    pub depth: u32,
}

/// How the router found the component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteMatch {
    /// The component that answers.
    pub component: Arc<str>,
    /// The route as written, for example `/api/tickets/...`.
    pub pattern: Arc<str>,
    /// What a trailing wildcard matched: empty, or beginning with `/`.
    pub path_info: String,
    /// `:name` captures in the order of the pattern.
    pub captures: Vec<(String, String)>,
}

/// Number of a release. In a request: the release that is asked for, by an operator or because a message was sent by
/// it. In an answer: the one that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(pub u64);

/// The generation that serves a request. The calls that the request causes go to the same one, and it is kept alive
/// until the last of them is over.
#[derive(Clone)]
pub struct Generation {
    /// Its release.
    pub release: Release,
    /// The generation itself, as its router knows it.
    pub held: Arc<dyn Any + Send + Sync>,
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation").field("release", &self.release).finish_non_exhaustive()
    }
}

/// What a client is known by while two releases serve: it decides, together with the weight, who gets which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKey(pub Arc<[u8]>);

/// What a request is for, where it is not a caller's ordinary one. It decides what it counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// A message or a schedule.
    Message,
    /// The host asks whether a component is ready. Counts as nothing.
    Probe,
}

/// What a caller says who claims to be the operator. Whether it is true is for the host to find out.
#[derive(Clone, Debug)]
pub struct OperatorClaim {
    /// `x-wharf-token`; marked sensitive, so that no log shows it.
    pub token: http::HeaderValue,
    /// `x-wharf-release`: the release that is asked for.
    pub release: Option<http::HeaderValue>,
}
