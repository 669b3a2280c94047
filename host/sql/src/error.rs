//! What can go wrong, as the caller can act on it.

use crate::ConstraintKind;

/// Why a call on a database failed.
///
/// The variants are those of the WIT interface, and [`Error::Migration`] for the operator. Texts never hold paths,
/// parameters or other components' data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The manifest grants no database, or not this use of it.
    #[error("not granted")]
    Denied,
    /// The database cannot be reached or is busy; the same call may succeed later.
    #[error("the database is unavailable: {reason}")]
    Unavailable {
        /// What was the matter.
        reason: String,
    },
    /// The deadline passed first. Nothing of an open transaction remains.
    #[error("the deadline passed")]
    Timeout,
    /// A concurrent transaction won; run the whole transaction again.
    #[error("a concurrent transaction won")]
    Conflict,
    /// A rule of the schema refused the change.
    #[error("a {} constraint refused the change{}", kind_name(*.kind), suffix(.name.as_deref()))]
    Constraint {
        /// What sort of rule.
        kind: ConstraintKind,
        /// The constraint or index, or `table.column` where the engine reports only that.
        name: Option<String>,
    },
    /// A statement, parameter or message the engine or the host does not accept.
    #[error("{message}")]
    Invalid {
        /// What is wrong.
        message: String,
        /// Byte offset in the statement, where known.
        position: Option<u32>,
    },
    /// A result, row, statement or parameter is over its limit.
    #[error("over the limit of {limit} bytes")]
    TooLarge {
        /// In bytes.
        limit: u64,
    },
    /// A migration cannot be applied; the database is as it was before it.
    #[error("migration {file}: {reason}")]
    Migration {
        /// File name.
        file: String,
        /// What to know about it.
        reason: String,
    },
    /// Anything else.
    #[error("{message}")]
    Other {
        /// What was the matter.
        message: String,
    },
}

impl Error {
    /// An [`Error::Invalid`] that points at no place in a statement.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into(), position: None }
    }

    /// An [`Error::Unavailable`].
    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into() }
    }

    /// An [`Error::Other`].
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self::Other { message: message.into() }
    }
}

fn kind_name(kind: ConstraintKind) -> &'static str {
    match kind {
        ConstraintKind::Unique => "unique",
        ConstraintKind::ForeignKey => "foreign key",
        ConstraintKind::NotNull => "not-null",
        ConstraintKind::Check => "check",
        ConstraintKind::Other => "schema",
    }
}

fn suffix(name: Option<&str>) -> String {
    name.map_or_else(String::new, |name| format!(": {name}"))
}
