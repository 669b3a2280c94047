//! The engine's error codes in the interface's words.

use rusqlite::ErrorCode;
use rusqlite::ffi;

use super::authority::Refusal;
use crate::value::RESULT_BYTES_MAX;
use crate::{ConstraintKind, Error};

/// Translates an error of the statement; `refusal` is what the authorizer noted.
pub(crate) fn translate(error: rusqlite::Error, statement: &str, refusal: Option<Refusal>) -> Error {
    use rusqlite::Error as E;
    match error {
        E::SqlInputError { msg, sql, offset, .. } => {
            // The engine may have been given a tail of the statement: both end at the same place.
            let base = statement.trim_end().len().saturating_sub(sql.len());
            let position = usize::try_from(offset).ok().and_then(|offset| u32::try_from(base + offset).ok());
            Error::Invalid { message: msg, position }
        }
        E::SqliteFailure(code, message) => failure(code, message, refusal),
        E::MultipleStatement => Error::invalid("more than one statement"),
        E::InvalidParameterCount(given, wanted) => Error::invalid(format!("{given} parameters given, {wanted} wanted")),
        other => Error::other(other.to_string()),
    }
}

fn failure(code: ffi::Error, message: Option<String>, refusal: Option<Refusal>) -> Error {
    let message = message.unwrap_or_else(|| code.to_string());
    match code.code {
        ErrorCode::ConstraintViolation => constraint(code.extended_code, &message),
        ErrorCode::DatabaseBusy if code.extended_code == ffi::SQLITE_BUSY_SNAPSHOT => Error::Conflict,
        ErrorCode::DatabaseBusy => Error::unavailable("it is busy"),
        ErrorCode::DatabaseLocked | ErrorCode::SchemaChanged => Error::Conflict,
        ErrorCode::OperationInterrupted => Error::Timeout,
        ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::OutOfMemory => {
            tracing::error!(code = code.extended_code, message, "the database engine failed");
            Error::unavailable(match code.code {
                ErrorCode::DiskFull => "the disk is full",
                ErrorCode::OutOfMemory => "out of memory",
                _ => "the disk fails",
            })
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            tracing::error!(code = code.extended_code, message, "the database file is damaged");
            Error::other("the database file is damaged")
        }
        ErrorCode::TooBig => Error::TooLarge { limit: RESULT_BYTES_MAX },
        ErrorCode::AuthorizationForStatementDenied => match refusal {
            Some(Refusal::Reserved) => Error::Denied,
            Some(Refusal::Control) | None => Error::invalid("the statement is not accepted here"),
        },
        ErrorCode::ReadOnly => Error::invalid("the statement changes data, but this is read-only"),
        ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::ParameterOutOfRange => Error::invalid(message),
        _ => Error::other(message),
    }
}

fn constraint(extended: i32, message: &str) -> Error {
    let kind = match extended {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            ConstraintKind::Unique
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ConstraintKind::ForeignKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => ConstraintKind::NotNull,
        ffi::SQLITE_CONSTRAINT_CHECK => ConstraintKind::Check,
        // A value that does not fit a STRICT table.
        ffi::SQLITE_CONSTRAINT_DATATYPE => return Error::invalid(message),
        _ => ConstraintKind::Other,
    };
    let name = message.split_once("constraint failed: ").map(|(_, name)| {
        // Expression indexes are reported as `index 'name'`.
        name.strip_prefix("index '").and_then(|name| name.strip_suffix('\'')).unwrap_or(name).to_owned()
    });
    // What a trigger raised is its own message.
    let name = name.or_else(|| (kind == ConstraintKind::Other).then(|| message.to_owned()));
    Error::Constraint { kind, name }
}
