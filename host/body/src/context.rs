//! What the layers know about a request beside its head: typed extensions of [`http::Request`].

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
