//! The auth service: people, their roles, and the sessions by which every other room knows who is calling.
//!
//! Only this room can mint tokens; the others check them with the key set it publishes. `domain` is pure, `store`
//! speaks SQL, `http` routes and answers, `events` builds what others are told.

// The export's symbol is a name that native linkers refuse.
#[cfg(target_family = "wasm")]
mod bindings;
mod domain;
mod events;
mod http;
mod keys;
mod store;

pub use crate::http::router;
