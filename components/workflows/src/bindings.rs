//! The export of the component: every request goes to the router.
//!
//! Only a component has the export; its name means nothing to a native linker, so that tests are built without it.
#![cfg_attr(not(target_family = "wasm"), expect(dead_code, reason = "the host is the only caller"))]

#[cfg_attr(target_family = "wasm", spin_sdk::http_service)]
async fn handle(request: sdk::http::Incoming) -> sdk::http::Reply {
    sdk::http::serve(crate::http::router, request).await
}
