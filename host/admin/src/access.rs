//! Who may do what: the scopes of tokens, and the rights that routes ask for.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use control::{Change, Order};
use edge::{Problem, Slug};
use serde::{Deserialize, Serialize};

use crate::Error;

/// What a token is for. Written `read`, `deploy:tickets`, `deploy:*`, `rollback`, `queue:mails` or `queue:*`, in JSON
/// too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Scope {
    /// Look at everything: status, releases, audit, logs, queues. Every token may.
    Read,
    /// Deploy this component's wasm and migrations, and steer the rollouts begun with this token.
    Deploy(String),
    /// Deploy anything, the manifest too, and steer every rollout.
    DeployAll,
    /// Go back to an earlier release.
    Rollback,
    /// Pause and resume this queue, redrive and discard its dead letters, and see what they carry.
    Queue(String),
    /// The same for every queue.
    QueueAll,
}

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// To look.
    Read,
    /// To bring something new, or to steer it.
    Deploy,
    /// To go back.
    Rollback,
    /// To change what becomes of messages.
    Queue,
}

/// Who asks, once that is known.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// For the audit log.
    pub(crate) who: String,
    /// `None`: everything, for whoever may open the socket.
    pub(crate) scopes: Option<BTreeSet<Scope>>,
}

// === impl Caller ===

impl Caller {
    /// Whether the route is open to this caller at all.
    pub(crate) fn may(&self, right: Right) -> bool {
        let Some(scopes) = &self.scopes else { return true };
        scopes.iter().any(|scope| match right {
            Right::Read => true,
            Right::Deploy => matches!(scope, Scope::Deploy(_) | Scope::DeployAll),
            Right::Rollback => *scope == Scope::Rollback,
            Right::Queue => matches!(scope, Scope::Queue(_) | Scope::QueueAll),
        })
    }

    /// Whether every rollout is this caller's to deploy and to steer.
    pub(crate) fn deploys_all(&self) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&Scope::DeployAll))
    }

    /// Whether the change stays within the components that this caller may deploy.
    ///
    /// # Errors
    /// The problem to answer with.
    pub(crate) fn may_change(&self, change: &Change) -> Result<(), Problem> {
        if self.deploys_all() {
            return Ok(());
        }
        if change.manifest.is_some() {
            return Err(forbidden("This token deploys single components; a manifest needs the scope `deploy:*`."));
        }
        let touched: Vec<_> = change.wasm.keys().chain(change.migrations.keys()).map(String::as_str).collect();
        self.each(&touched)
    }

    /// The same for an order, whose approvals have to be of those components too.
    ///
    /// # Errors
    /// The problem to answer with.
    pub(crate) fn may_order(&self, order: &Order) -> Result<(), Problem> {
        self.may_change(&order.change)?;
        if self.deploys_all() {
            return Ok(());
        }
        let owner =
            |name: &String| name.split_once('/').map_or_else(String::new, |(component, _)| component.to_owned());
        let owners: Vec<_> = order.approve.iter().map(owner).collect();
        self.each(&owners.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Whether this caller looks after the queue.
    ///
    /// # Errors
    /// The problem to answer with.
    pub(crate) fn may_work(&self, queue: &str) -> Result<(), Problem> {
        let Some(scopes) = &self.scopes else { return Ok(()) };
        let mine = |scope: &Scope| matches!(scope, Scope::Queue(own) if own == queue) || *scope == Scope::QueueAll;
        if scopes.iter().any(mine) {
            return Ok(());
        }
        // What is no name of a queue is not repeated.
        let missing = Scope::of_queue(queue).map_or_else(|| "queue:<queue>".to_owned(), |scope| scope.to_string());
        Err(forbidden(format!("This token has not the scope `{missing}`.")))
    }

    fn each(&self, components: &[&str]) -> Result<(), Problem> {
        let mine = |id: &str| {
            let mut scopes = self.scopes.iter().flatten();
            scopes.any(|scope| matches!(scope, Scope::Deploy(own) if own == id))
        };
        match components.iter().find(|id| !mine(id)) {
            None => Ok(()),
            Some(id) => Err(forbidden(format!("This token has not the scope `deploy:{id}`."))),
        }
    }
}

/// The caller is known, and may not.
pub(crate) fn forbidden(detail: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
    Problem::new(Slug::Forbidden).detail(detail)
}

// === impl Right ===

impl Right {
    /// A scope that would do, for people.
    pub(crate) fn scope(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Deploy => "deploy:<component>",
            Self::Rollback => "rollback",
            Self::Queue => "queue:<queue>",
        }
    }
}

// === impl Scope ===

impl Scope {
    /// The scope of a queue, `None` where that can be no queue's name: those of schedules are `cron:<component>`.
    fn of_queue(name: &str) -> Option<Self> {
        is_id(name.strip_prefix("cron:").unwrap_or(name)).then(|| Self::Queue(name.to_owned()))
    }
}

fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !id.is_empty() && id.bytes().all(plain)
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("read"),
            Self::Deploy(component) => write!(f, "deploy:{component}"),
            Self::DeployAll => f.write_str("deploy:*"),
            Self::Rollback => f.write_str("rollback"),
            Self::Queue(queue) => write!(f, "queue:{queue}"),
            Self::QueueAll => f.write_str("queue:*"),
        }
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let scope = match text {
            "read" => Some(Self::Read),
            "rollback" => Some(Self::Rollback),
            "deploy:*" => Some(Self::DeployAll),
            "queue:*" => Some(Self::QueueAll),
            _ => match text.split_once(':') {
                Some(("deploy", id)) => is_id(id).then(|| Self::Deploy(id.to_owned())),
                Some(("queue", name)) => Self::of_queue(name),
                _ => None,
            },
        };
        scope.ok_or_else(|| Error::Scope(text.to_owned()))
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl TryFrom<String> for Scope {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for text in ["read", "rollback", "deploy:*", "deploy:a-worker", "queue:*", "queue:mails", "queue:cron:a"] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
        let queues = ["queue", "queue:", "queue:**", "queue:A", "queue:cron:", "queue:cron:a:b", "queues:a"];
        let others = ["", "write", "deploy", "deploy:", "deploy:**", "deploy:a b", "deploy:A", "Read", "deploy:cron:a"];
        for text in queues.into_iter().chain(others) {
            assert!(text.parse::<Scope>().is_err(), "{text:?}");
        }
    }
}
