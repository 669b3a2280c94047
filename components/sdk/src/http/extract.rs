//! Extractors whose refusals are problem documents that name the field.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::{JSON_BYTES_MAX, read_body};
use crate::problem::Problem;

/// Room for an ordinary answer, so that it need not move while it grows.
const ANSWER_BYTES: usize = 4 << 10;

/// A JSON document: of at most 256 KiB on the way in, and of any size on the way out.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !is_json(media_type) {
            return Err(Problem::unsupported_media_type("Send application/json."));
        }
        let bytes = read_body(request.into_body(), JSON_BYTES_MAX).await?;
        parse_json(&bytes).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut document = Vec::with_capacity(ANSWER_BYTES);
        match serde_json::to_writer(&mut document, &self.0) {
            Ok(()) => ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], document).into_response(),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

/// The query string. Wrong or missing fields are `invalid` (422).
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        query.map(|query| Self(query.0)).map_err(|rejection| {
            let text = rejection.body_text();
            // `Failed to deserialize query string: <field>: <reason>`
            let rest = text.split_once(": ").map_or(text.as_str(), |(_, rest)| rest);
            refusal(rest.split_once(": ").map_or("", |(field, _)| field), rest)
        })
    }
}

/// Parameters of the route. One that does not parse names nothing, so the answer is `not-found` (404).
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| Problem::not_found("There is nothing at this address."))
    }
}

fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

pub(super) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let document = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        if cause.classify() == Category::Data { refusal(&path, &cause.to_string()) } else { no_json(&cause) }
    })?;
    reader.end().map_err(|cause| no_json(&cause))?;
    Ok(document)
}

fn no_json(cause: &serde_json::Error) -> Problem {
    Problem::bad_request(format!("The body is no JSON document: line {}, column {}.", cause.line(), cause.column()))
}

/// Turns serde's words into a field and a sentence. A missing field is named in the text, not in the path.
fn refusal(path: &str, text: &str) -> Problem {
    let quoted = |text: &str| text.split('`').nth(1).map(str::to_owned);
    let (field, message) = match text {
        text if text.contains("missing field") => (join(path, quoted(text)), "is missing"),
        text if text.contains("unknown field") => (join(path, quoted(text)), "is not known"),
        _ => (path.to_owned(), "is not of the expected type"),
    };
    Problem::invalid(field, message)
}

fn join(path: &str, field: Option<String>) -> String {
    let field = field.unwrap_or_default();
    // `.` is the document itself; an unknown field already ends the path.
    let parent = path.strip_suffix(field.as_str()).unwrap_or(path).trim_end_matches('.');
    if parent.is_empty() || parent == "?" { field } else { format!("{parent}.{field}") }
}
