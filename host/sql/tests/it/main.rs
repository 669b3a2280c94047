//! The capability through its plain interface, on real files and a real server. What needs a guest is tested in the package `tests`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and so do its helpers"
)]

mod crash;
mod deadline;
mod errors;
mod harness;
mod linking;
mod migrations;
mod only_postgres;
mod only_sqlite;
mod outage;
mod outbox;
mod rights;
mod stream;
mod transactions;
mod values;
