//! Why a command did not do what was asked, and the exit code that says so.

use control::Kind;
use serde_json::{Value, json};

use super::Finding;
use crate::reach;

/// Exit code: what was asked for is done.
pub const DONE: u8 = 0;
/// Exit code: it failed, or was rolled back.
pub const FAILED: u8 = 1;
/// Exit code: refused, and nothing has changed.
pub const REFUSED: u8 = 2;
/// Exit code: the manifest, the configuration or the command line is wrong, and nothing was started.
pub const USAGE: u8 = 64;
/// Exit code: the host cannot be reached.
pub const UNREACHABLE: u8 = 69;
/// Exit code: another deploy is under way.
pub const BUSY: u8 = 75;

/// What to do about a host elsewhere that cannot prove who it is.
const UNTRUSTED: &str = "name the certificate of its authority with `--ca-file`; a self-signed one must not itself be \
                         marked as an authority (CA:FALSE)";

/// Why nothing was started, or why it did not end well.
#[derive(Debug)]
pub enum Refusal {
    /// The application or its configuration is wrong: everything that is, at once.
    Invalid(Vec<Finding>),
    /// The machine could not do it.
    Failed(anyhow::Error),
    /// The host refuses, or the files that were to be sent.
    Refused(control::Refusal),
    /// The host cannot be reached, or not any more.
    Unreachable(Finding),
    /// Refused, and everything is said already.
    Said,
    /// A rollout ended otherwise than wanted; the sentence and the document that say so.
    Ended(String, Value),
}

impl Refusal {
    /// One finding.
    pub fn invalid(finding: Finding) -> Self {
        Self::Invalid(vec![finding])
    }

    /// The exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Invalid(_) => USAGE,
            Self::Failed(_) | Self::Ended(..) => FAILED,
            Self::Said => REFUSED,
            Self::Unreachable(_) => UNREACHABLE,
            Self::Refused(refusal) => match refusal.kind {
                Kind::Invalid | Kind::Unapproved | Kind::Unknown | Kind::Conflict => REFUSED,
                Kind::Locked => BUSY,
                Kind::Unavailable | Kind::Failed => FAILED,
            },
        }
    }

    /// For the person; `None` where everything is said.
    pub(crate) fn text(&self) -> Option<String> {
        Some(match self {
            Self::Said => return None,
            Self::Invalid(findings) => findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            Self::Failed(error) => format!("error: {error:#}"),
            Self::Unreachable(finding) => finding.to_string(),
            Self::Ended(sentence, _) => sentence.clone(),
            Self::Refused(refusal) => refused(refusal),
        })
    }

    /// For machines.
    pub(super) fn document(&self) -> Option<Value> {
        let error = |kind: &str, message: String| json!({ "error": { "kind": kind, "message": message } });
        Some(match self {
            Self::Said => return None,
            Self::Invalid(_) => error("usage", self.text().unwrap_or_default()),
            Self::Failed(cause) => error("failed", format!("{cause:#}")),
            Self::Unreachable(finding) => error("unreachable", finding.message.clone()),
            Self::Ended(_, document) => document.clone(),
            Self::Refused(refusal) => json!({ "error": refusal }),
        })
    }
}

/// What has to be approved is shown as what to add to the command.
fn refused(refusal: &control::Refusal) -> String {
    let control::Refusal { kind, message, details } = refusal;
    let unapproved = *kind == Kind::Unapproved;
    let line = |detail: &String| {
        if unapproved { format!("\n  --approve {}", quoted(detail)) } else { format!("\n  {detail}") }
    };
    let mut text = format!("refused: {message}{}", details.iter().map(line).collect::<Vec<_>>().concat());
    if unapproved {
        text.push_str("\n`wharf plan` shows each of them; run the command again with those that are wanted.");
    }
    text
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,%".contains(c);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<control::Refusal> for Refusal {
    fn from(refusal: control::Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<admin::Error> for Refusal {
    fn from(error: admin::Error) -> Self {
        use admin::Error as E;
        let refused = |kind, message: String| Self::Refused(control::Refusal::new(kind, message));
        match error {
            E::Refused(refusal) => Self::Refused(refusal),
            E::Denied(message) => refused(Kind::Conflict, message),
            E::TooLarge { .. } => refused(Kind::Invalid, error.to_string()),
            E::Exists(_) | E::TooMany(_) => refused(Kind::Conflict, error.to_string()),
            E::NoToken(_) => refused(Kind::Unknown, error.to_string()),
            E::Unreachable { ref source, .. } => {
                // That is what a TLS handshake fails with.
                let untrusted = source.kind() == std::io::ErrorKind::InvalidData;
                let hint = if untrusted { UNTRUSTED.to_owned() } else { reach::hint() };
                let Finding { message, .. } = Finding::from_error(&error);
                Self::Unreachable(Finding { message, hint: Some(hint) })
            }
            E::Late { .. } | E::Broken { .. } => Self::Unreachable(Finding::from_error(&error)),
            E::Name(_) | E::Scope(_) | E::Address { .. } | E::Certificate { .. } | E::Tls(_) => {
                Self::invalid(Finding::from_error(&error))
            }
            _ => Self::Failed(error.into()),
        }
    }
}
