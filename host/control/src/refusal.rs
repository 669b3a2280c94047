//! Why a verb was not carried out.

use serde::{Deserialize, Serialize};

/// A refusal. Nothing has changed then, and what served goes on serving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What the caller can do differently.
    pub kind: Kind,
    /// One sentence that says what is wrong and what to do.
    pub message: String,
    /// Further lines: each finding, each right to be approved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// Kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What was sent is wrong: not a component, an import that is not granted, a manifest with errors.
    Invalid,
    /// Something has to be approved by name first; `details` has the names.
    Unapproved,
    /// Another deploy is under way.
    Locked,
    /// There is no such release, component or object.
    Unknown,
    /// It makes no sense now: nothing to pause, nothing to go back to, a way back that loses what is needed.
    Conflict,
    /// The disk is full or a store is not reachable: later, or after somebody has looked.
    Unavailable,
    /// The new version does not start, is not ready, or its migration fails.
    Failed,
}

impl Refusal {
    /// A refusal without further lines.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), details: Vec::new() }
    }

    /// With further lines.
    #[must_use]
    pub fn with(mut self, details: Vec<String>) -> Self {
        self.details = details;
        self
    }
}

impl From<rollout::Error> for Refusal {
    fn from(error: rollout::Error) -> Self {
        use rollout::Error as E;
        let kind = match &error {
            E::NotADigest(_) | E::NotARelease(_) | E::Strategy { .. } | E::Mismatch { .. } => Kind::Invalid,
            E::NoObject(_) | E::NoRelease(_) => Kind::Unknown,
            E::Locked { .. } => Kind::Locked,
            E::Exists(_) | E::Conflict => Kind::Conflict,
            E::Server { .. } | E::Damaged { .. } | E::Newer { .. } | E::Full { .. } | E::Disk { .. } => {
                Kind::Unavailable
            }
        };
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        Self::new(kind, format!("{error}{cause}"))
    }
}
