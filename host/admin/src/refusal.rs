//! From a refusal of the control arrow to a problem document, and back.

use axum::response::{IntoResponse, Response};
use control::{Kind, Refusal};
use edge::{Problem, Slug};
use serde::Deserialize;
use serde_json::Value;

/// Why a request is not carried out.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Problem);

/// What this crate's client reads of a problem document.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) detail: Option<String>,
    #[serde(default)]
    pub(crate) kind: Option<Kind>,
    #[serde(default)]
    pub(crate) details: Vec<String>,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let Refusal { kind, message, details } = refusal;
        let slug = match kind {
            Kind::Invalid => Slug::Invalid,
            Kind::Unapproved => Slug::Unapproved,
            Kind::Locked => Slug::DeployUnderWay,
            Kind::Unknown => Slug::NotFound,
            Kind::Conflict => Slug::Conflict,
            Kind::Unavailable => Slug::Unavailable,
            Kind::Failed => Slug::ReleaseFailed,
        };
        let kind = serde_json::to_value(kind).unwrap_or(Value::Null);
        Self(Problem::new(slug).detail(message).member("kind", kind).member("details", details))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (parts, body) = self.0.into_response().into_parts();
        Response::from_parts(parts, axum::body::Body::new(body))
    }
}
