//! The edge over real sockets.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod connections;
mod harness;
mod http;
