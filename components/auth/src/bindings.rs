//! The export of the component: every request goes to the router.
#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, reason = "generated code")]

#[spin_sdk::http_service]
async fn handle(request: sdk::http::Incoming) -> sdk::http::Reply {
    sdk::http::serve(crate::http::router, request).await
}
