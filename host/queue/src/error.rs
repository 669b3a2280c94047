//! What can go wrong, told apart by what the caller can do about it.

use crate::backend::{BookComplaint, Fault};

/// An error of the queue.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The manifest does not grant the topic to the sender.
    #[error("component {component} may not send to topic {topic}")]
    Denied {
        /// Who tried.
        component: String,
        /// What it tried.
        topic: String,
    },
    /// No queue is bound to the topic.
    #[error("no queue is bound to topic {topic}")]
    Unbound {
        /// The topic.
        topic: String,
    },
    /// The body is longer than allowed.
    #[error("a message body is at most {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A field is not as described.
    #[error("{field} {problem}")]
    Invalid {
        /// Name of the field.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// No such queue.
    #[error("there is no queue {queue}")]
    NoQueue {
        /// The name asked for.
        queue: String,
    },
    /// What the manifest says of queues or schedules cannot be carried out; found at start.
    #[error("{what}: {problem}")]
    Config {
        /// Which queue or schedule.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The store has no room; it takes messages again once handled ones have made some.
    #[error("the queue store is full ({limit} bytes)")]
    Full {
        /// The limit in bytes.
        limit: u64,
    },
    /// The store cannot be used at the moment; nothing was changed, or it is not known whether it was.
    #[error("the queue store is not available: {what}")]
    Unavailable {
        /// What was being done.
        what: &'static str,
    },
    /// The caller's deadline passed. The message may have been accepted: send again with the same id.
    #[error("the deadline passed")]
    Timeout,
    /// The file or the server of the book reported an error.
    #[error("the queue store failed: {what}")]
    Store {
        /// What was being done.
        what: &'static str,
        /// Its own words.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server of the book cannot be used; found at start.
    #[error(transparent)]
    Book(#[from] BookComplaint),
}

impl Error {
    pub(crate) fn invalid(field: &'static str, problem: impl Into<String>) -> Self {
        Self::Invalid { field, problem: problem.into() }
    }

    pub(crate) fn store(what: &'static str) -> impl FnOnce(Fault) -> Self {
        move |fault| match fault {
            Fault::Lost => Self::Unavailable { what },
            fault => Self::Store { what, source: Box::new(fault) },
        }
    }
}
