//! Why a statement failed, by what the caller can do about it.

use super::wit::{self, ConstraintKind};

/// Why a statement, a transaction or the reading of a row failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The manifest grants this component no database, or not this use of it.
    #[error("the database is not granted to this component")]
    Denied,
    /// The database cannot be reached or is busy; try again later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The request's deadline passed; nothing of an open transaction remains.
    #[error("the database did not answer before the deadline")]
    Timeout,
    /// A concurrent transaction won; run the whole transaction again (see [`super::retry`]).
    #[error("a concurrent transaction won")]
    Conflict,
    /// A rule of the schema refused the change. `name` is the constraint, or `table.column` (for SQLite).
    #[error("the schema refused the change: {kind:?} {name:?}")]
    Constraint {
        /// Which sort of rule.
        kind: ConstraintKind,
        /// Which rule, where the engine says.
        name: Option<String>,
    },
    /// The engine does not accept the statement.
    #[error("invalid statement: {0}")]
    Invalid(String),
    /// A result, row or parameter is over its limit in bytes.
    #[error("over the limit of {0} bytes")]
    TooLarge(u64),
    /// A column is absent or not of the type asked for.
    #[error("column `{column}`: {reason}")]
    Column {
        /// The column asked for.
        column: String,
        /// What is there instead.
        reason: String,
    },
    /// A statement that must return a row returned none.
    #[error("no row")]
    NoRow,
    /// Anything else.
    #[error("database error: {0}")]
    Other(String),
}

impl Error {
    /// Whether a unique rule refused the change: somebody else has this name or key.
    pub fn is_unique(&self) -> bool {
        matches!(self, Self::Constraint { kind: ConstraintKind::Unique, .. })
    }
}

impl From<wit::Error> for Error {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::Denied => Self::Denied,
            wit::Error::Unavailable(reason) => Self::Unavailable(reason),
            wit::Error::Timeout => Self::Timeout,
            wit::Error::Conflict => Self::Conflict,
            wit::Error::Constraint(wit::Constraint { kind, name }) => Self::Constraint { kind, name },
            wit::Error::Invalid(invalid) => Self::Invalid(invalid.message),
            wit::Error::TooLarge(limit) => Self::TooLarge(limit),
            wit::Error::Other(reason) => Self::Other(reason),
        }
    }
}
