//! The host from outside: a child process, spoken to over HTTP alone.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_for_each,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests fail by panicking, also in their helpers, and hand over what they are done with"
)]

mod brokers;
mod browser;
mod capabilities;
mod databases;
mod durability;
mod faults;
mod lifecycle;
mod live;
mod manifest;
mod messages;
mod queues;
mod rollout;
mod stock;
mod tickets;
