//! The operator's door: probes, and what an operator does to a running host.
//!
//! It stands on a listener of its own that nothing outside the machine may reach; who binds it sees to that. The
//! actions themselves are closures of the composition root, so that this crate knows no store.

mod actions;
mod probe;
mod routes;

pub use actions::Actions;
pub use probe::{Check, Health};
pub use routes::{router, serve};
