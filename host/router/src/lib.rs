//! Which component answers a request.
//!
//! Second step of the request's arrow: `edge -> router -> runtime`. The router owns the table of routes and the
//! request headers that describe a match; it knows nothing of sockets, wasm or how a component is run: a component is
//! a [`body::Service`]. The control plane touches the data plane here and nowhere else, by [`Router::swap`]; a request
//! stays on the [`Generation`] it was given to, with every call and message that it causes.
//!
//! Routes follow stock Spin, with one thing left out: a `.` does not separate captures inside a segment
//! (`/:file.:ext`); such patterns are refused when the table is built.

mod dispatch;
mod error;
mod generation;
mod headers;
mod pattern;
mod table;

pub use dispatch::Router;
pub use error::Error;
pub use generation::{Choose, Generation, Routing};
pub use pattern::{Pattern, Segment};
pub use table::{Found, Table};
