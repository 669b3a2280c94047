//! Behaves as a block of text inside its own file says, so that tests make versions of it by replacing those bytes.
//!
//! Small on purpose: no router, no JSON. A version compiles in a moment, and tests deploy hundreds.

mod begin;
mod block;
mod consumer;
mod routes;

/// The export, alone in a module because it is generated.
mod export {

    #[spin_sdk::http_service]
    async fn handle(request: sdk::http::Incoming) -> crate::routes::Reply {
        crate::routes::answer(request).await
    }
}
