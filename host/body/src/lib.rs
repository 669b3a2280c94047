//! The one message type of the data plane: HTTP requests and responses with streamed bodies.
//!
//! Every layer between the socket and the guest speaks these types, so that none of them needs to know another.

mod context;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};

pub use context::{
    Caller, ClientAddress, ClientKey, Deadline, Errand, Generation, OperatorClaim, Release, RequestId, RouteMatch,
};

/// Any error that crosses a layer; found again by type at the boundary that answers for it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A streamed body.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A request on its way to a component.
pub type Request = http::Request<Body>;

/// An answer on its way back.
pub type Response = http::Response<Body>;

/// A service of the data plane, boxed at the border of a crate.
pub type Service = tower::util::BoxCloneSyncService<Request, Response, BoxError>;

/// A body of no bytes.
pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body that is already in memory.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}
