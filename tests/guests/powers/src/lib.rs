//! Uses every capability as it is told, over HTTP, and consumes messages as their bodies say.

mod consumer;
mod mount;
mod routes;

/// The export, alone in a module because it is generated.
mod export {

    #[spin_sdk::http_service]
    async fn handle(request: sdk::http::Incoming) -> sdk::http::Reply {
        sdk::http::serve(crate::routes::router, crate::mount::strip(request)).await
    }
}
