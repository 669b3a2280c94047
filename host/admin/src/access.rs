//! Who may do what: the scopes of tokens, and the rights that routes ask for.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use control::{Change, Order};
use edge::{Problem, Slug};
use serde::{Deserialize, Serialize};

use crate::Error;

/// What a token is for. Written `read`, `deploy:tickets`, `deploy:*` or `rollback`, in JSON too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Scope {
    /// Look at everything: status, releases, audit, logs. Every token may.
    Read,
    /// Deploy this component's wasm and migrations, and steer the rollouts begun with this token.
    Deploy(String),
    /// Deploy anything, the manifest too, and steer every rollout.
    DeployAll,
    /// Go back to an earlier release.
    Rollback,
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
        }
    }
}

// === impl Scope ===

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read => f.write_str("read"),
            Self::Deploy(component) => write!(f, "deploy:{component}"),
            Self::DeployAll => f.write_str("deploy:*"),
            Self::Rollback => f.write_str("rollback"),
        }
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let component = |id: &str| {
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            !id.is_empty() && id.bytes().all(plain)
        };
        match text {
            "read" => Ok(Self::Read),
            "rollback" => Ok(Self::Rollback),
            "deploy:*" => Ok(Self::DeployAll),
            _ => match text.strip_prefix("deploy:") {
                Some(id) if component(id) => Ok(Self::Deploy(id.to_owned())),
                _ => Err(Error::Scope(text.to_owned())),
            },
        }
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
        for text in ["read", "rollback", "deploy:*", "deploy:notification-worker"] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
        for text in ["", "write", "deploy", "deploy:", "deploy:**", "deploy:a b", "deploy:A", "Read"] {
            assert!(text.parse::<Scope>().is_err(), "{text:?}");
        }
    }
}
