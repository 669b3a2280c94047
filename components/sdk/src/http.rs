//! HTTP in and out of a room: axum's Router without its server, driven by `wasi:http`. Bodies stream both ways.
//!
//! Every error that leaves a room is a problem document with the request's id, also those that axum makes itself.

use std::sync::OnceLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use spin_sdk::wasip3::http::types;
use spin_sdk::wasip3::http_compat::http_into_wasi_response;
use tower_service::Service;

use crate::problem::{Problem, Slug};

mod extract;

pub use extract::{Json, Path, Query};

/// The request as `wasi:http` hands it over.
pub type Incoming = spin_sdk::http::Request;

/// The answer as `wasi:http` takes it.
pub type Reply = Result<types::Response, types::ErrorCode>;

/// A JSON document that people or services send is at most this large; files go through [`crate::blob`].
pub(crate) const JSON_BYTES_MAX: usize = 256 * 1024;

/// The header with the request's id, set by the host.
const REQUEST_ID: &str = "x-request-id";

/// Answers one request. `build` runs once per instance: a component has one router.
///
/// # Errors
/// Only if the answer's head cannot be expressed in `wasi:http`; all else is an answer.
pub async fn serve(build: fn() -> Router, request: Incoming) -> Reply {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    let router = ROUTER.get_or_init(|| with_fallbacks(build()));
    http_into_wasi_response(answer(router.clone(), request.map(Body::new)).await)
}

/// Adds problem documents for paths and methods that no route takes.
fn with_fallbacks(router: Router) -> Router {
    router
        .fallback(async || Problem::not_found("There is nothing at this address."))
        .method_not_allowed_fallback(async || Problem::new(Slug::MethodNotAllowed))
}

/// Runs the request through the router; problems get their document here, where the request's id is known.
pub(crate) async fn answer(mut router: Router, request: http::Request<Body>) -> Response {
    let request_id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    // Infallible: the router answers its own errors.
    let Ok(mut response) = router.call(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    let mut answer = problem.respond(request_id.as_deref());
    for (name, value) in response.headers() {
        if name != header::CONTENT_LENGTH {
            // Cookies cleared beside an error, `Allow` of a 405.
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// `body-too-large` (413) past the limit, `bad-request` if the sender broke off.
pub async fn read_body(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Problem::new(Slug::BodyTooLarge).detail(format!("At most {limit} bytes are accepted.")))
        }
        Err(_) => Err(Problem::bad_request("The body ended too early.")),
    }
}

/// Reads a JSON document of a caller.
///
/// # Errors
/// `bad-request` (400) if it is no JSON, `invalid` (422) naming the field if it is not of the right shape.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    extract::parse_json(bytes)
}

/// The value of a cookie of the request.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(candidate, value)| (candidate == name).then_some(value))
}

/// The address of the caller as the host knows it, without the port.
pub fn client_address(headers: &HeaderMap) -> Option<&str> {
    let address = headers.get("spin-client-addr")?.to_str().ok()?;
    let (address, _port) = address.rsplit_once(':')?;
    Some(address.trim_start_matches('[').trim_end_matches(']'))
}

/// Fetches a small document from another component (`http://<component-id>.spin.internal/...`).
///
/// # Errors
/// `bad-gateway` (502) if it answers anything but 200, or more than `limit` bytes; `unavailable` (503) if it cannot
/// be reached.
pub async fn fetch(url: &str, limit: usize) -> Result<Bytes, Problem> {
    let response = spin_sdk::http::get(url).await.map_err(|code| Problem::unavailable(format!("{url}: {code}")))?;
    if response.status() != StatusCode::OK {
        let status = response.status();
        return Err(Problem::new(Slug::BadGateway).cause(format!("{url} answered {status}")));
    }
    let body = read_body(Body::new(response.into_body()), limit).await;
    body.map_err(|_| Problem::new(Slug::BadGateway).cause(format!("{url}: its body is too long or broke off")))
}

#[cfg(test)]
mod tests;
