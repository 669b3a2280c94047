//! Durable messages between components, and requests at set times.
//!
//! ```text
//! guest send ─▶ QueueCtx ─▶ QueueProvider ─▶ Backend (a book, or RabbitMQ beside it)
//!                 worker, one per queue ─▶ Deliver (a request into the component) ─▶ Outcome ─▶ Backend
//!                 cron ─▶ Backend, as a message of the component's own cron queue
//! ```
//!
//! What a message may be is in `message`, when it is tried again in `retry`, who handles it at what pace in `worker`.
//! The [`Backend`](backend) keeps messages and leases and knows nothing of HTTP, retries or schedules, so that a
//! broker can take its place behind the same promises, and the book may lie in a SQLite file or on a PostgreSQL server. This crate never calls a component itself: the
//! composition root hands it a [`Deliver`].

mod admin;
mod backend;
mod bindings;
mod crew;
mod cron;
mod ctx;
mod delivery;
mod error;
mod host;
mod lane;
mod message;
mod outcome;
mod provider;
mod retry;
mod table;
mod worker;

/// Wall clock in microseconds since 1970-01-01T00:00:00Z. Tests put their own in and move it.
pub type Clock = std::sync::Arc<dyn Fn() -> i64 + Send + Sync>;

pub use admin::QueueStatus;
pub use backend::{Book, BookComplaint, PostgresConfig, PostgresTls};
pub use backend::{BrokerTls, Complaint, DeadLetter, RabbitmqConfig, ReleaseCounts, Selection, Version};
pub use cron::Schedule;
pub use ctx::QueueCtx;
pub use delivery::{Deliver, Delivery};
pub use error::Error;
pub use host::{HasQueue, QueueView, add_to_linker};
pub use message::{BODY_BYTES_MAX, DELAY_MS_MAX, Message, PRIORITY_MAX, PRIORITY_ORDINARY};
pub use outcome::{Outcome, retry_after};
pub use provider::{QueueProvider, Running};
