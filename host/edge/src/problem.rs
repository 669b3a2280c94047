//! Problem documents (RFC 9457): the only place of the host that names HTTP status codes for errors.
//!
//! The table of slugs is in `problem/slug.rs`; `problem/<slug>.md` beside `src` is the page that a document's `type`
//! leads to.

mod slug;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;

pub use slug::{Blame, Slug};

/// Media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One field of the caller's input that is wrong, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Name or path of the field.
    pub field: String,
    /// For the person who filled it in.
    pub message: String,
}

/// What a caller is told about an error.
///
/// `type`, `title` and status follow from the [`Slug`]; `detail` is for the caller and names nothing internal.
///
/// # Source
/// RFC 9457; RFC 9110 section 10.2.3 (`Retry-After`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    slug: Slug,
    detail: Option<Cow<'static, str>>,
    instance: Option<Arc<str>>,
    retry_after_s: Option<u64>,
    errors: Vec<FieldError>,
    members: BTreeMap<&'static str, Value>,
}

impl Problem {
    /// A problem of that kind without particulars.
    pub fn new(slug: Slug) -> Self {
        let (errors, members) = (Vec::new(), BTreeMap::new());
        Self { slug, detail: None, instance: None, retry_after_s: None, errors, members }
    }

    /// What happened this time, in a sentence for the caller.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The request id. The edge fills it in where it is absent.
    #[must_use]
    pub fn instance(mut self, request_id: &body::RequestId) -> Self {
        self.instance = Some(Arc::clone(&request_id.0));
        self
    }

    /// When trying again makes sense; rounded up to whole seconds, at least one, so that an obedient caller succeeds.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        let partial = u64::from(wait.subsec_nanos() > 0);
        self.retry_after_s = Some((wait.as_secs() + partial).max(1));
        self
    }

    /// Adds one wrong field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.into(), message: message.into() });
        self
    }

    /// Adds a member of the caller's own protocol (RFC 9457 section 3.2). Its name is none of the members above.
    #[must_use]
    pub fn member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.insert(name, value.into());
        self
    }

    /// Its kind.
    pub fn slug(&self) -> Slug {
        self.slug
    }

    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        self.slug.status()
    }

    /// Whether a request id is already in it.
    pub(crate) fn has_instance(&self) -> bool {
        self.instance.is_some()
    }

    /// The document's bytes.
    pub fn to_json(&self) -> Vec<u8> {
        let document = Document {
            kind: self.slug,
            title: self.slug.title(),
            status: self.status().as_u16(),
            detail: self.detail.as_deref(),
            instance: self.instance.as_deref(),
            retry_after_s: self.retry_after_s,
            errors: &self.errors,
            members: &self.members,
        };
        // Strings and numbers only: this cannot fail, and an empty body would still carry the status.
        serde_json::to_vec(&document).unwrap_or_default()
    }

    /// The answer to send: the document, its status, `Cache-Control: no-store`, and `Retry-After` where it is known.
    pub fn into_response(self) -> body::Response {
        let mut response = http::Response::new(body::full(self.to_json()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Members in the order in which they are written.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: Slug,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    members: &'a BTreeMap<&'static str, Value>,
}
