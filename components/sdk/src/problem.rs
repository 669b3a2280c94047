//! Problem documents (RFC 9457): how a component tells its caller what went wrong. Owns the guest's only table of
//! slugs and status codes, and the mapping of the kit's errors to it.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{blob, id, live, mail, password, queue, sql, variables};

/// Seconds a caller is asked to wait where something of the host is busy for a moment.
const RETRY_AFTER_S: u64 = 1;

/// The kind of a problem; its page is `/problems/<slug>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is described by its title in the table below")]
pub enum Slug {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    Gone,
    BodyTooLarge,
    UnsupportedMediaType,
    Invalid,
    Locked,
    RateLimited,
    Internal,
    BadGateway,
    Unavailable,
    DeadlineExceeded,
}

impl Slug {
    const fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::BadRequest => ("bad-request", StatusCode::BAD_REQUEST, "The request cannot be understood"),
            Self::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, "Sign in first"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Not allowed"),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "Not possible in the present state"),
            Self::Gone => ("gone", StatusCode::GONE, "No longer available"),
            Self::BodyTooLarge => ("body-too-large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::UnsupportedMediaType => {
                ("unsupported-media-type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type")
            }
            Self::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "Some fields are not valid"),
            Self::Locked => ("locked", StatusCode::LOCKED, "Locked"),
            Self::RateLimited => ("rate-limited", StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
            Self::BadGateway => ("bad-gateway", StatusCode::BAD_GATEWAY, "Another service answered wrongly"),
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Not available for the moment"),
            Self::DeadlineExceeded => ("deadline-exceeded", StatusCode::GATEWAY_TIMEOUT, "It took too long"),
        }
    }
}

/// What is wrong with one field of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's name, with dots into nested documents.
    pub field: String,
    /// A sentence for people.
    pub message: String,
}

/// An answer that says what went wrong. Usable as the error of any handler or extractor.
///
/// `detail` is for the caller; `cause` goes to the log only. The request id is filled in by [`crate::http::serve`].
#[derive(Debug, Clone)]
pub struct Problem {
    slug: Slug,
    detail: Option<String>,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
    cause: Option<String>,
    members: Vec<(&'static str, Value)>,
    retry: bool,
}

impl Problem {
    /// A problem of this kind with nothing more to say.
    pub fn new(slug: Slug) -> Self {
        Self {
            slug,
            detail: None,
            errors: Vec::new(),
            retry_after_s: None,
            cause: None,
            members: Vec::new(),
            retry: false,
        }
    }

    /// 400: the request cannot be parsed; `detail` says where.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(Slug::BadRequest).detail(detail)
    }

    /// 401: nobody is signed in, or no longer.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(Slug::Unauthorized).detail(detail)
    }

    /// 403: the caller may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(Slug::Forbidden).detail(detail)
    }

    /// 404: there is no such thing, or the caller may not know of it.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Slug::NotFound).detail(detail)
    }

    /// 409: not possible in the present state.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(Slug::Conflict).detail(detail)
    }

    /// 415: the body's media type is not one that is understood.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(Slug::UnsupportedMediaType).detail(detail)
    }

    /// 422: this field of the input is wrong; [`Invalid`] names several.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Invalid::from_iter([(field, message)]).into()
    }

    /// 500: a reason that is no business of the caller; `cause` goes to the log.
    pub fn internal(cause: impl ToString) -> Self {
        Self::new(Slug::Internal).cause(cause)
    }

    /// 503: works again in a moment; `cause` goes to the log.
    pub fn unavailable(cause: impl ToString) -> Self {
        Self::new(Slug::Unavailable).retry_after(RETRY_AFTER_S).cause(cause)
    }

    /// Says more, in a sentence for the caller.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says when to come back (header and extension).
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Adds a member of our own to the document (RFC 9457, section 3.2), for example the states that are allowed.
    #[must_use]
    pub fn member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.push((name, value.into()));
        self
    }

    /// Says to the log, and only there, what happened.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "errors are handed over, as to `internal`")]
    pub fn cause(mut self, cause: impl ToString) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// The kind.
    pub fn slug(&self) -> Slug {
        self.slug
    }

    /// The HTTP status code.
    pub fn status(&self) -> u16 {
        self.slug.row().1.as_u16()
    }

    /// The fields that are wrong.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Whether running the same transaction again may succeed (see [`sql::retry`]).
    pub(crate) fn is_transient_conflict(&self) -> bool {
        self.retry
    }

    pub(crate) fn with_slug_invalid(mut self) -> Self {
        self.slug = Slug::Invalid;
        self
    }

    /// The document, as the answer to the request with this id.
    pub fn document(&self, request_id: Option<&str>) -> Value {
        let (slug, status, title) = self.slug.row();
        let mut document = json!({ "type": format!("/problems/{slug}"), "title": title, "status": status.as_u16() });
        if let Some(members) = document.as_object_mut() {
            let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
            if let Some(detail) = &self.detail {
                put("detail", json!(detail));
            }
            if let Some(request_id) = request_id {
                put("instance", json!(request_id));
            }
            if !self.errors.is_empty() {
                put("errors", json!(self.errors));
            }
            if let Some(seconds) = self.retry_after_s {
                put("retry_after_s", json!(seconds));
            }
            for (name, value) in &self.members {
                put(name, value.clone());
            }
        }
        document
    }

    /// The answer to the request with this id; failures that are not the caller's are logged here, once.
    pub(crate) fn respond(&self, request_id: Option<&str>) -> Response {
        let (slug, status, _) = self.slug.row();
        if status.is_server_error() {
            let cause = self.cause.as_deref().or(self.detail.as_deref()).unwrap_or_default();
            crate::log::error("request failed", &json!({ "problem": slug, "cause": cause, "request.id": request_id }));
        }
        let mut response = Response::new(Body::from(self.document(request_id).to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.slug == Slug::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl IntoResponse for Problem {
    /// The document is written by [`crate::http::serve`], which knows the request's id.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.slug.row().1;
        response.extensions_mut().insert(self);
        response
    }
}

/// Collects what is wrong with an input, field by field, so that the caller learns all of it at once.
#[derive(Debug, Default)]
pub struct Invalid(Vec<FieldError>);

impl Invalid {
    /// Nothing wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that a field is wrong.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) -> &mut Self {
        self.0.push(FieldError { field: field.into(), message: message.into() });
        self
    }

    /// Notes that a field is wrong unless `valid`.
    pub fn check(&mut self, valid: bool, field: &str, message: &str) -> &mut Self {
        if valid { self } else { self.add(field, message) }
    }

    /// Nothing if nothing is wrong.
    ///
    /// # Errors
    /// `invalid` (422) that lists every field noted.
    pub fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into()) }
    }
}

impl<F: Into<String>, M: Into<String>> FromIterator<(F, M)> for Invalid {
    /// Fields and what is wrong with each, as rules that know nothing of problem documents collect them.
    fn from_iter<I: IntoIterator<Item = (F, M)>>(wrong: I) -> Self {
        let error = |(field, message): (F, M)| FieldError { field: field.into(), message: message.into() };
        Self(wrong.into_iter().map(error).collect())
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self { errors: invalid.0, ..Self::new(Slug::Invalid) }
    }
}

impl From<sql::Error> for Problem {
    fn from(error: sql::Error) -> Self {
        match error {
            sql::Error::Unavailable(_) => Self::unavailable(error),
            sql::Error::Conflict => Self { retry: true, ..Self::unavailable(error) },
            sql::Error::Timeout => Self::new(Slug::DeadlineExceeded).cause(error),
            _ => Self::internal(error),
        }
    }
}

impl From<queue::Error> for Problem {
    fn from(error: queue::Error) -> Self {
        match error {
            queue::Error::Unavailable(_) => Self::unavailable(format!("queue: {error}")),
            queue::Error::Timeout => Self::new(Slug::DeadlineExceeded).cause("queue"),
            _ => Self::internal(format!("queue: {error}")),
        }
    }
}

impl From<mail::Error> for Problem {
    fn from(error: mail::Error) -> Self {
        match error {
            mail::Error::Unavailable(_) => Self::unavailable(format!("mail: {error}")),
            mail::Error::Timeout => Self::new(Slug::DeadlineExceeded).cause("mail"),
            _ => Self::internal(format!("mail: {error}")),
        }
    }
}

impl From<password::Error> for Problem {
    fn from(error: password::Error) -> Self {
        match error {
            password::Error::Busy => Self::unavailable("password: all turns are taken"),
            _ => Self::internal(format!("password: {error}")),
        }
    }
}

impl From<live::Error> for Problem {
    fn from(error: live::Error) -> Self {
        match error {
            live::Error::Unavailable(_) => Self::unavailable(format!("live: {error}")),
            _ => Self::internal(format!("live: {error}")),
        }
    }
}

impl From<blob::Error> for Problem {
    fn from(error: blob::Error) -> Self {
        match error {
            blob::Error::NotFound => Self::new(Slug::NotFound),
            blob::Error::TooLarge(limit) => {
                Self::new(Slug::BodyTooLarge).detail(format!("At most {limit} bytes are accepted."))
            }
            blob::Error::Interrupted => Self::bad_request("The body ended too early."),
            blob::Error::Unavailable(_) => Self::unavailable(format!("blob: {error}")),
            blob::Error::Timeout => Self::new(Slug::DeadlineExceeded).cause("blob"),
            _ => Self::internal(format!("blob: {error}")),
        }
    }
}

impl From<variables::Error> for Problem {
    fn from(error: variables::Error) -> Self {
        Self::internal(error)
    }
}

impl From<id::Error> for Problem {
    fn from(error: id::Error) -> Self {
        Self::internal(error)
    }
}

impl From<serde_json::Error> for Problem {
    /// For values the component itself writes; a caller's JSON goes through [`crate::http::Json`].
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests;
