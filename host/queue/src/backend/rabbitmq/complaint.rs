//! What is wrong with a broker, as an operator can act on it.

use lapin::ErrorKind;

use super::config::RabbitmqConfig;
use super::version::Version;

/// Numbers of the broker's refusals: AMQP 0-9-1, section 1.1 of its reference.
const ACCESS_REFUSED: u16 = 403;
const NOT_FOUND: u16 = 404;
const PRECONDITION_FAILED: u16 = 406;
const NOT_ALLOWED: u16 = 530;

/// What is wrong with a broker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Complaint {
    /// Nothing listens there, or it does not answer, or the connection broke.
    #[error("no RabbitMQ broker answers at {place}: {reason}")]
    Unreachable {
        /// Host and port.
        place: String,
        /// What the attempt ended with.
        reason: String,
    },
    /// The way cannot be protected as asked.
    #[error("no secure connection to {place}: {reason}")]
    Tls {
        /// Host and port.
        place: String,
        /// What the attempt ended with.
        reason: String,
    },
    /// An unknown user or a wrong password: the broker does not say which.
    #[error("the broker refuses the user `{user}` or its password")]
    LogIn {
        /// The host's user.
        user: String,
    },
    /// There is no such virtual host, or the user may not enter it.
    #[error("the broker does not let the user `{user}` into the virtual host `{name}`")]
    VirtualHost {
        /// The host's user.
        user: String,
        /// The virtual host.
        name: String,
    },
    /// It is older than what is supported.
    #[error("the broker is RabbitMQ {version}; 3.10 is the oldest that is supported")]
    Version {
        /// The broker's version.
        version: Version,
    },
    /// The user lacks a right.
    #[error("the user `{user}` lacks a right in the virtual host: {reason}")]
    Right {
        /// The host's user.
        user: String,
        /// The broker's words, which name the right.
        reason: String,
    },
    /// A queue of this name is there already and is another kind of queue.
    #[error("a queue of the broker is not as this host makes it: {reason}")]
    Queue {
        /// The broker's words, which name the queue and the difference.
        reason: String,
    },
    /// It takes no messages, because it is short of memory or disk.
    #[error("the broker takes no messages at the moment: {reason}")]
    Blocked {
        /// Why.
        reason: String,
    },
    /// Anything else.
    #[error("the broker cannot be used: {reason}")]
    Other {
        /// What the attempt ended with.
        reason: String,
    },
}

impl Complaint {
    pub(super) fn unreachable(config: &RabbitmqConfig, reason: &impl ToString) -> Self {
        Self::Unreachable { place: config.place(), reason: reason.to_string() }
    }

    /// Of a connection that did not come about.
    pub(super) fn of_opening(config: &RabbitmqConfig, error: &lapin::Error) -> Self {
        match refusal(error) {
            Some((ACCESS_REFUSED, _)) => Self::LogIn { user: config.user.clone() },
            Some((NOT_ALLOWED, _)) => {
                Self::VirtualHost { user: config.user.clone(), name: config.virtual_host.clone() }
            }
            _ => Self::of(config, error),
        }
    }

    /// Of anything done on a connection.
    pub(super) fn of(config: &RabbitmqConfig, error: &lapin::Error) -> Self {
        match refusal(error) {
            Some((ACCESS_REFUSED, reason)) => Self::Right { user: config.user.clone(), reason },
            Some((PRECONDITION_FAILED, reason)) => Self::Queue { reason },
            Some((_, reason)) => Self::Other { reason },
            None => Self::unreachable(config, &error),
        }
    }

    /// Whether it concerns one queue and leaves the connection as it was.
    pub(super) fn is_of_a_queue(&self) -> bool {
        matches!(self, Self::Right { .. } | Self::Queue { .. })
    }
}

/// Whether what was asked for is not there.
pub(super) fn is_missing(error: &lapin::Error) -> bool {
    matches!(refusal(error), Some((NOT_FOUND, _)))
}

/// The number and words of a refusal by the broker, where it is one.
fn refusal(error: &lapin::Error) -> Option<(u16, String)> {
    match error.kind() {
        ErrorKind::ProtocolError(error) => Some((error.get_id(), error.get_message().to_string())),
        _ => None,
    }
}
