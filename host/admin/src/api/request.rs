//! What a request carries: its body in memory, within a limit, and its query.

use std::time::Duration;

use axum::body::Body;
use axum::http::Uri;
use axum::http::header::{CONTENT_LENGTH, HeaderMap};
use edge::{Problem, Slug};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

/// Longest pause between two pieces of a body, as at the users' door.
const BODY_IDLE: Duration = Duration::from_secs(20);
/// Longest time for a whole body: 64 MiB over a slow line of 1 Mbit/s.
const BODY_LIMIT: Duration = Duration::from_mins(10);
/// Longest JSON document: thousands of components and approvals.
const DOCUMENT_MAX: usize = 1 << 20;

/// Reads a body of at most `max` bytes.
pub(super) async fn bytes(headers: &HeaderMap, mut body: Body, max: usize) -> Result<Vec<u8>, Problem> {
    let too_large = || Problem::new(Slug::BodyTooLarge).detail(format!("It has more than {max} bytes."));
    let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > max) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let memory = bytes.try_reserve_exact(declared.unwrap_or_default());
    memory.map_err(|_| Problem::new(Slug::Overloaded).detail("There is no memory for the body at the moment."))?;
    let end = Instant::now() + BODY_LIMIT;
    loop {
        let frame = tokio::time::timeout_at(end.min(Instant::now() + BODY_IDLE), body.frame()).await;
        let frame = frame.map_err(|_| Problem::new(Slug::BadRequest).detail("The body did not arrive in time."))?;
        let Some(frame) = frame else { return Ok(bytes) };
        let frame = frame.map_err(|_| Problem::new(Slug::BadRequest).detail("The body did not arrive whole."))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len().saturating_add(data.len()) > max {
            return Err(too_large());
        }
        bytes.extend_from_slice(&data);
    }
}

/// Reads a body that is one JSON document.
pub(super) async fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    let bytes = bytes(headers, body, DOCUMENT_MAX).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        let slug = if error.is_data() { Slug::Invalid } else { Slug::BadRequest };
        Problem::new(slug).detail(format!("The body is not what is expected here: {error}."))
    })
}

/// Reads the query.
pub(super) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    let query = axum::extract::Query::<T>::try_from_uri(uri);
    query.map(|query| query.0).map_err(|error| Problem::new(Slug::BadRequest).detail(error.body_text()))
}
