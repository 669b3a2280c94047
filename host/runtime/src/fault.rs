//! What can go wrong while a component serves a request.

use std::time::Duration;

/// A request that got no answer from its component. Found by type at the edge, where it becomes a problem page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The guest trapped: a panic, an illegal access, an exhausted stack.
    #[error("component `{component}` trapped: {reason}")]
    Trap {
        /// Component id.
        component: String,
        /// The engine's words with the guest's backtrace. For the log alone.
        reason: String,
    },
    /// The guest asked for more memory than it is granted and could not go on.
    #[error("component `{component}` ran out of its {limit_bytes} bytes of memory")]
    Memory {
        /// Component id.
        component: String,
        /// What it is granted.
        limit_bytes: u64,
    },
    /// The exchange was not over in time; the instance is gone.
    #[error("component `{component}` did not finish within {limit:?}")]
    Deadline {
        /// Component id.
        component: String,
        /// Time it had.
        limit: Duration,
    },
    /// The version was replaced, and the exchange was not over when its time to finish was.
    #[error("component `{component}` was replaced while it still served")]
    Retired {
        /// Component id.
        component: String,
    },
    /// The guest answered with an error of `wasi:http`, or with nothing.
    #[error("component `{component}` gave no answer: {reason}")]
    NoAnswer {
        /// Component id.
        component: String,
        /// The error. For the log alone.
        reason: String,
    },
    /// The request's body is over the limit.
    #[error("the request body is larger than {limit_bytes} bytes")]
    RequestTooLarge {
        /// What the component accepts.
        limit_bytes: u64,
    },
    /// The answer's body is over the limit.
    #[error("component `{component}` answered with more than {limit_bytes} bytes")]
    ResponseTooLarge {
        /// Component id.
        component: String,
        /// What it may send.
        limit_bytes: u64,
    },
    /// No place became free in time.
    #[error("component `{component}` is busy with {concurrency} requests")]
    Busy {
        /// Component id.
        component: String,
        /// Requests it serves at once.
        concurrency: u32,
    },
    /// No instance could be made: the pool is full.
    #[error("no instance of component `{component}` can be made: {reason}")]
    NoInstance {
        /// Component id.
        component: String,
        /// The engine's words.
        reason: String,
    },
}

impl Fault {
    /// Whether the component is to blame, so that its operator should hear of it.
    pub fn blames_component(&self) -> bool {
        use Fault::{Busy, NoInstance, RequestTooLarge, Retired};
        !matches!(self, RequestTooLarge { .. } | Busy { .. } | NoInstance { .. } | Retired { .. })
    }

    /// A word for logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Trap { .. } => "trap",
            Self::Memory { .. } => "memory",
            Self::Deadline { .. } => "deadline",
            Self::Retired { .. } => "retired",
            Self::NoAnswer { .. } => "no-answer",
            Self::RequestTooLarge { .. } => "request-too-large",
            Self::ResponseTooLarge { .. } => "response-too-large",
            Self::Busy { .. } => "busy",
            Self::NoInstance { .. } => "no-instance",
        }
    }
}
