//! The server's error codes in the interface's words.
//!
//! Source: PostgreSQL manual, appendix A, error codes.

use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

use crate::value::RESULT_BYTES_MAX;
use crate::{ConstraintKind, Error};

/// What an error means for the connection it came over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The server was not asked.
    Untouched,
    /// The connection is as good as before; an open transaction has to go back to its last savepoint.
    Usable,
    /// The server gave up the whole transaction.
    Aborted,
    /// The connection is gone, or not to be trusted.
    Lost,
}

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// For the caller.
    pub(crate) error: Error,
    /// For the connection.
    pub(crate) after: After,
    /// Something that was prepared no longer fits the schema, and nothing was done.
    pub(crate) stale: bool,
    /// The statement says nothing of the type of a parameter.
    pub(crate) untyped: bool,
    /// The server knows the role or its password otherwise.
    pub(crate) log_in: bool,
}

impl Failure {
    pub(crate) fn untouched(error: Error) -> Self {
        Self { after: After::Untouched, ..Self::usable(error) }
    }

    pub(crate) fn usable(error: Error) -> Self {
        Self { error, after: After::Usable, stale: false, untyped: false, log_in: false }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

/// Translates an error of a statement.
pub(crate) fn translate(error: &sqlx::Error, statement: &str) -> Failure {
    let lost = |reason: &str| Failure { after: After::Lost, ..Failure::usable(Error::unavailable(reason)) };
    match error {
        sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => from_server(error, statement),
            None => Failure::usable(Error::other(error.message())),
        },
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => lost("the connection to the server was lost"),
        sqlx::Error::Tls(_) => lost("no secure connection to the server"),
        sqlx::Error::Encode(_) => Failure::usable(Error::invalid("a parameter cannot be encoded")),
        sqlx::Error::TypeNotFound { .. } => Failure::usable(Error::invalid("a type is not known")),
        other => {
            tracing::error!(error = %other, "the database driver failed");
            Failure { after: After::Lost, ..Failure::usable(Error::other("the database driver failed")) }
        }
    }
}

fn from_server(error: &PgDatabaseError, statement: &str) -> Failure {
    let code = error.code();
    let stale = code == "0A000" && error.routine() == Some("RevalidateCachedQuery");
    let after = match code {
        "57014" | "55P03" => After::Usable,
        "25P03" | "25P04" => After::Lost,
        _ if code.starts_with("57P") || code.starts_with("08") => After::Lost,
        "40001" | "40P01" | "25P02" => After::Aborted,
        _ => After::Usable,
    };
    Failure {
        error: meaning(error, code, statement),
        after,
        stale,
        untyped: code == "42P18",
        log_in: code.starts_with("28"),
    }
}

fn meaning(error: &PgDatabaseError, code: &str, statement: &str) -> Error {
    let class = code.get(..2).unwrap_or_default();
    match code {
        "40001" | "40P01" => Error::Conflict,
        "57014" | "55P03" | "25P03" | "25P04" => Error::Timeout,
        "42501" => Error::Denied,
        "25006" => Error::invalid("the statement changes data, but this is read-only"),
        "53100" | "58030" | "53200" => {
            tracing::error!(code, message = error.message(), "the database server failed");
            Error::unavailable(match code {
                "53100" => "the disk is full",
                "53200" => "out of memory",
                _ => "the disk fails",
            })
        }
        "54000" | "54001" | "54011" | "54023" => Error::invalid(error.message()),
        _ => match class {
            "23" | "44" => constraint(error, code),
            "57" | "08" | "53" => Error::unavailable(match code {
                "53300" => "the server has no connection left",
                "57P03" => "the server is starting or stopping",
                _ => "the server closed the connection",
            }),
            "54" => Error::TooLarge { limit: RESULT_BYTES_MAX },
            "28" | "3D" => {
                tracing::error!(code, message = error.message(), "the database server refuses the log-in");
                Error::unavailable("the server refuses the log-in")
            }
            "0A" | "21" | "22" | "25" | "26" | "2B" | "2F" | "34" | "3F" | "42" | "0L" | "0P" => {
                Error::Invalid { message: error.message().to_owned(), position: position(error, statement) }
            }
            "XX" | "58" => {
                tracing::error!(code, message = error.message(), "the database server failed");
                Error::other("the database server failed")
            }
            _ => Error::other(error.message()),
        },
    }
}

fn constraint(error: &PgDatabaseError, code: &str) -> Error {
    let column = || Some(format!("{}.{}", error.table()?, error.column()?));
    let (kind, name) = match code {
        "23505" => (ConstraintKind::Unique, None),
        "23503" | "23001" => (ConstraintKind::ForeignKey, None),
        "23502" => (ConstraintKind::NotNull, column()),
        "23514" => (ConstraintKind::Check, None),
        _ => (ConstraintKind::Other, None),
    };
    Error::Constraint { kind, name: name.or_else(|| error.constraint().map(str::to_owned)) }
}

/// The server counts characters from one.
fn position(error: &PgDatabaseError, statement: &str) -> Option<u32> {
    let PgErrorPosition::Original(characters) = error.position()? else { return None };
    let before = statement.chars().take(characters.checked_sub(1)?).map(char::len_utf8).sum::<usize>();
    u32::try_from(before).ok()
}
