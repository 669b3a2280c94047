//! Routes and answers: files by their address, the application at its pages, a refusal elsewhere. Nothing of a request
//! is ever repeated in an answer.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use sdk::Problem;
use sdk::problem::Slug;

use crate::address::{is_for_programs, is_page};
use crate::encoding::{choose, entity_tag, is_known};
use crate::files::{FILES, File, find};

/// The page of the application; it draws every other.
const INDEX: &str = "/index.html";
/// Names every file that never changes under its name, for the host, which keeps them beyond this version.
const LIST: &str = "/assets.json";
/// For a year: the name changes when the content does.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Kept, but asked for again every time: mostly a 304.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

const NOT_FOUND_PAGE: &str = "<!doctype html>
<html lang=\"en\">
<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">
<meta name=\"color-scheme\" content=\"light dark\"><title>Not found</title></head>
<body><main><h1>Not found</h1><p>There is nothing at this address.</p><p><a href=\"/\">To the start page</a></p></main></body>
</html>
";

/// Every route of the room.
pub(crate) fn router() -> Router {
    Router::new().route("/", any(handle)).route("/{*path}", any(handle))
}

async fn handle(request: Request) -> Response {
    let (parts, _body) = request.into_parts();
    answer(FILES, &parts.method, parts.uri.path(), &parts.headers)
}

fn answer(files: &'static [File], method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if path == LIST && *method == Method::GET {
        let hashed: Vec<_> = files.iter().filter(|file| file.is_hashed()).map(|file| file.path).collect();
        return ([(header::CACHE_CONTROL, ASK_AGAIN)], Json(hashed)).into_response();
    }
    let Some(file) = at(files, path) else { return not_found(path, headers) };
    if matches!(*method, Method::GET | Method::HEAD) {
        return send(file, method == Method::HEAD, headers);
    }
    let allow = [(header::ALLOW, HeaderValue::from_static("GET, HEAD"))];
    (allow, Problem::new(Slug::MethodNotAllowed)).into_response()
}

/// What is shown at an address.
fn at(files: &'static [File], path: &str) -> Option<&'static File> {
    if is_page(path) {
        return find(files, INDEX);
    }
    find(files, path).filter(|file| file.path != INDEX)
}

fn send(file: &File, is_head: bool, headers: &HeaderMap) -> Response {
    let (coding, bytes) = choose(file, &joined(headers, &header::ACCEPT_ENCODING));
    let tag = entity_tag(file, coding);
    let mut response = Response::new(Body::empty());
    let known = is_known(&tag, &joined(headers, &header::IF_NONE_MATCH));
    let head = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        head.insert(header::ETAG, tag);
    }
    head.insert(header::CACHE_CONTROL, if file.is_hashed() { FOR_GOOD } else { ASK_AGAIN });
    if file.brotli.is_some() || file.gzip.is_some() {
        head.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    // Also with a 304: the host chooses the security policy by it, and a cache may put the policy of a 304 in the
    // place of the one it kept (RFC 9111, section 3.2).
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    if let Some(name) = coding.name() {
        head.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    head.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    if !is_head {
        *response.body_mut() = Body::from(bytes);
    }
    response
}

/// The lines of a header that is a list.
fn joined(headers: &HeaderMap, name: &header::HeaderName) -> String {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).collect();
    lines.join(",")
}

fn not_found(path: &str, headers: &HeaderMap) -> Response {
    let reads_pages = joined(headers, &header::ACCEPT).contains("text/html");
    if is_for_programs(path) || !reads_pages {
        return Problem::not_found("There is nothing at this address.").into_response();
    }
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
    (StatusCode::NOT_FOUND, kind, [(header::CACHE_CONTROL, ASK_AGAIN)], NOT_FOUND_PAGE).into_response()
}

#[cfg(test)]
mod tests;
