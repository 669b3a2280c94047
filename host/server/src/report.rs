//! What people read on the screen: errors with hints, the summary of a start, how a rollout goes.
#![expect(clippy::print_stderr, reason = "the only module that prints")]

mod progress;
mod refusal;

use std::fmt;
use std::io::Write as _;

use serde::Serialize;

pub use progress::Progress;
pub(crate) use refusal::quoted;
pub use refusal::{BUSY, DONE, FAILED, REFUSED, Refusal, UNREACHABLE, USAGE};

/// One thing that keeps an application from starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong, with its place where it has one.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    /// A finding with a hint.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }

    /// A finding from an error and what caused it.
    pub fn from_error(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        Self { message, hint: None }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Findings of the manifest carry their place and severity already.
        let prefix =
            if self.message.contains(": error: ") || self.message.contains(": warning: ") { "" } else { "error: " };
        write!(f, "{prefix}{}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<&manifest::Diagnostic> for Finding {
    fn from(diagnostic: &manifest::Diagnostic) -> Self {
        Self { message: diagnostic.to_string(), hint: None }
    }
}

impl Refusal {
    /// Tells the person, or the machine.
    pub fn print(&self, json: bool) {
        if let Some(document) = self.document().filter(|_| json) {
            say(&document.to_string());
        }
        if let Some(text) = self.text() {
            eprintln!("{text}");
        }
    }
}

/// Tells the person about something questionable.
pub fn warn(finding: &Finding) {
    eprintln!("{finding}");
}

/// Prints one JSON document in one line.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn document(value: &impl Serialize) -> Result<(), Refusal> {
    let text = serde_json::to_string(value).map_err(anyhow::Error::from)?;
    say(&text);
    Ok(())
}

/// Prints text for the person who started the command.
pub fn say(text: &str) {
    stream(text);
}

/// Prints one of many lines; `false` once nobody reads any more, as in `wharf logs --follow | head`.
pub fn stream(text: &str) -> bool {
    writeln!(std::io::stdout().lock(), "{text}").is_ok()
}
