//! The operator's door: probes, what an operator does to a running host, and the client that asks for it.
//!
//! Three doors. Probes and queues ([`router`], [`serve`]) stand on a plain listener that nothing outside the machine
//! may reach; who binds it sees to that. The verbs of rollouts and queues (`/v1`) stand on a unix socket ([`Socket`],
//! [`serve_socket`]), which the machine's users open by its file's mode, and on HTTPS ([`serve_remote`]), where every
//! request carries a token ([`Tokens`]). What the verbs do is [`control::Control`]'s and that of [`Queues`]; this crate
//! decides nothing.

mod access;
mod actions;
mod api;
mod attempts;
mod client;
mod door;
mod error;
mod logs;
mod operator;
mod probe;
mod queues;
mod refusal;
mod remote;
mod routes;
mod socket;
mod token;

pub use access::Scope;
pub use actions::Actions;
pub use api::Return;
pub use client::{Client, Following, LogQuery};
pub use error::Error;
pub use logs::Logs;
pub use operator::Operator;
pub use probe::{Check, Checks, Health};
pub use queues::{Changed, DeadLetterView, Paused, QueueRelease, QueueView, Queues, Rate, Which};
pub use remote::{Identity, serve_remote};
pub use routes::{router, serve};
pub use socket::{SOCKET, Socket, serve_socket};
pub use token::{Token, Tokens};

/// Largest file that the store takes: ten times a large component.
pub const OBJECT_BYTES_MAX: usize = 64 << 20;
