//! Outgoing HTTP of components.
//!
//! A request either stays in the process, as a call to another component (`http://<id>.spin.internal/`), or goes to
//! the network. Both are refused unless the component's `allowed_outbound_hosts` name the destination; on the network
//! the *resolved* address is checked as well and the connection is made to that very address, so that a name which
//! changes its mind (DNS rebinding) gains nothing.
//!
//! Nothing here knows wasm: the composition root translates between `wasi:http` and [`OutboundCtx::send`].

mod address;
mod allow;
mod chain;
mod connect;
mod ctx;
mod destination;
mod error;
mod guard;
mod provider;

pub use allow::AllowList;
pub use ctx::{OutboundCtx, Timeouts};
pub use error::Error;
pub use provider::{BoxFuture, Chain, Config, OutboundProvider, Resolver};
