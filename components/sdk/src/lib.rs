//! The kit every room is built with: one module per capability of the host, and HTTP glue for axum's Router.
//!
//! It owns the guest's side of `wit/` and no business word. Everything that waits is `async`, cancel-safe unless said
//! otherwise, and bounded by the deadline of the request that the instance serves.
//!
//! A room exports its router like this, in a file of its own because the macro expands to `unsafe` code:
//!
//! ```text
//! #[spin_sdk::http_service]
//! async fn handle(request: sdk::http::Incoming) -> sdk::http::Reply {
//!     sdk::http::serve(crate::http::router, request).await
//! }
//! ```

pub mod blob;
pub mod clock;
pub mod http;
pub mod id;
pub mod inbox;
pub mod live;
pub mod log;
pub mod mail;
pub mod message;
pub mod page;
pub mod password;
pub mod principal;
pub mod problem;
pub mod queue;
pub mod sql;
pub mod variables;

mod bindings;

pub use message::{Delivery, Outgoing};
pub use principal::Principal;
pub use problem::Problem;

pub use {axum, bytes, uuid};

#[cfg(test)]
mod tests {
    use super::{blob, queue, sql};

    fn is_send<T: Send>(_: T) {}

    /// axum's handlers must be `Send`; the compiler is the check, nothing here is polled.
    #[test]
    fn everything_that_waits_can_stand_in_a_handler() {
        is_send(blob::put("k", "text/plain", 1, axum::body::Body::empty()));
        is_send(blob::get("k"));
        is_send(async { queue::send(&crate::Outgoing::json("a.b", &1).unwrap()).await });
        is_send(sql::retry(|| async {
            let transaction = sql::begin().await?;
            crate::inbox::once(&transaction, "c", "m").await?;
            transaction.query("SELECT 1", []).await?;
            transaction.commit().await
        }));
        is_send(crate::http::fetch("http://x.spin.internal/", 1));
    }
}
