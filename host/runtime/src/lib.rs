//! Runs components: engine, limits and faults of wasmtime live here and nowhere else.
//!
//! Stands between the router and the capabilities on the request arrow. A [`Handler`] is one component made ready: it
//! takes a request, finds or makes an instance, and gives back a response or a [`Fault`]. What an instance may reach
//! is decided by the composition root, through [`State`] and the linker it hands over; this crate names no backend.

mod artifact;
mod clock;
mod engine;
mod error;
mod exchange;
mod fault;
mod gather;
mod handler;
mod instance;
mod limiter;
mod linked;
mod seats;
mod state;

pub use artifact::{Artifact, Artifacts};
pub use engine::{Config, Engine};
pub use error::Error;
pub use fault::Fault;
pub use handler::{Handler, WeakHandler};
pub use limiter::Limiter;
pub use linked::Runtime;
pub use state::{Call, State};
