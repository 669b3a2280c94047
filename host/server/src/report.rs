//! What people read on the screen: errors with hints, and the summary of a start.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the only module that prints")]

use std::fmt;

/// Exit code: what was asked for is done.
pub const DONE: u8 = 0;
/// Exit code: it failed.
pub const FAILED: u8 = 1;
/// Exit code: the manifest, the configuration or the command line is wrong, and nothing was started.
pub const USAGE: u8 = 64;

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

/// Why nothing was started.
#[derive(Debug)]
pub enum Refusal {
    /// The application or its configuration is wrong: everything that is, at once.
    Invalid(Vec<Finding>),
    /// The machine could not do it.
    Failed(anyhow::Error),
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
            Self::Failed(_) => FAILED,
        }
    }

    /// Tells the person.
    pub fn print(&self) {
        match self {
            Self::Invalid(findings) => {
                for finding in findings {
                    eprintln!("{finding}");
                }
            }
            Self::Failed(error) => eprintln!("error: {error:#}"),
        }
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// Tells the person about something questionable.
pub fn warn(finding: &Finding) {
    eprintln!("{finding}");
}

/// Prints text for the person who started the command.
pub fn say(text: &str) {
    println!("{text}");
}
