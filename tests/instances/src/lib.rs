//! Private instances of real servers for tests and benchmarks: on free ports, in folders of their own, gone with the
//! process that started them. Beside them a network that can be broken.
//!
//! It stands below the harness in `tests/`, so that the crates of the host can use it in their own tests.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails by panicking"
)]

mod folder;
mod keeper;
mod postgres;
mod proxy;
mod rabbitmq;

pub use keeper::Keeper;
pub use postgres::Postgres;
pub use proxy::Proxy;
pub use rabbitmq::{Certificate, Rabbit};
