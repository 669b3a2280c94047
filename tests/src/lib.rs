//! The harness: a real host as a child process, and a person who talks HTTP to it.
//!
//! Nothing here knows the inside of the host. Every instance has its own folder and free ports, and ends with its test.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a harness fails by panicking"
)]

pub mod client;
pub mod event_stream;
pub mod host;
pub mod load;
pub mod operator;
pub mod paths;
pub mod people;
pub mod postgres;
pub mod powers;
pub mod proof;
pub mod rabbitmq;
pub mod release;
pub mod versions;
