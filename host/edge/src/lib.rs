//! From bytes on a socket to a trusted request, and from any error to a problem document.
//!
//! First station of the request arrow. [`serve`] takes a bound listener and a [`body::Service`]; what it hands to that
//! service has a request id, a client address, one `Host`, and no header that only the host may set. It knows nothing
//! of routes, components or wasm: the caller passes a [`Rescue`] that turns their errors into a [`Problem`].
//!
//! Reading order: `server` (accepting and draining), `connection` (one socket and its deadlines), `exchange` (one
//! request through the layers, in order), `layer` (each layer), `problem`.

mod body_timeout;
mod config;
mod connection;
mod error;
mod exchange;
mod layer;
mod problem;
mod remainder;
mod server;
mod vitals;

pub use config::{
    BODY_IDLE_DEFAULT, CONNECTIONS_DEFAULT, Config, DRAIN_DEFAULT, HEADER_BYTES_DEFAULT, HEADER_BYTES_MIN,
    HEADER_TIMEOUT_DEFAULT, IDLE_TIMEOUT_DEFAULT, Position, RATE_BURST_DEFAULT, RATE_PER_SECOND_DEFAULT, Rate,
    STREAMS_DEFAULT, WRITE_STALL_DEFAULT,
};
pub use error::{BodyStalled, Error};
pub use exchange::Rescue;
pub use problem::{Blame, FieldError, MEDIA_TYPE, Problem, Slug};
pub use server::serve;
