//! The same component is mounted at several routes: what counts is the path below the route.

use sdk::http::Incoming;

/// The request with the host's `spin-path-info` as its path.
pub(crate) fn strip(mut request: Incoming) -> Incoming {
    let below = request.headers().get("spin-path-info").and_then(|path| path.to_str().ok()).unwrap_or_default();
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(uri) = format!("/{}{query}", below.trim_start_matches('/')).parse() {
        *request.uri_mut() = uri;
    }
    request
}
