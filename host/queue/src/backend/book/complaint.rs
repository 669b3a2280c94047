//! What is wrong with the server of a book, as an operator can act on it.

use sqlx::postgres::PgDatabaseError;

use super::config::PostgresConfig;

/// What is wrong with the server of a book.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookComplaint {
    /// Nothing listens there, or it does not answer, or it is only just starting.
    #[error("no PostgreSQL server answers at {place}: {reason}")]
    Unreachable {
        /// Host and port, or the folder of the socket.
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
    /// The server does not let the role in.
    #[error("the server refuses the role `{user}`: {reason}")]
    LogIn {
        /// The host's role.
        user: String,
        /// The server's words: a wrong password, an unknown role or database, a rule of `pg_hba.conf`.
        reason: String,
    },
    /// It is older than what is supported.
    #[error("the server is PostgreSQL {major}; 15 is the oldest that is supported")]
    Version {
        /// The server's version.
        major: u32,
    },
    /// The role may not make the schema, or not use what is in it.
    #[error("the role `{user}` lacks a right to the schema `{schema}`: {reason}")]
    Right {
        /// The host's role.
        user: String,
        /// The schema of the book.
        schema: String,
        /// The server's words, which name the right.
        reason: String,
    },
    /// The schema cannot be called so.
    #[error("the schema `{schema}` must be at most 63 lower-case letters, digits and `_`, and begin with a letter")]
    Name {
        /// The schema of the book.
        schema: String,
    },
    /// The book was changed by a later version of the host.
    #[error("the book is of version {version}, this host knows version {known}")]
    Later {
        /// The version of the book.
        version: u64,
        /// The newest that this host knows.
        known: u64,
    },
    /// Its clock is another one.
    #[error("the server's clock is {seconds} s from this machine's; at most 3 s may be between them")]
    Clock {
        /// Ahead of this machine's, in seconds.
        seconds: i64,
    },
    /// Anything else.
    #[error("the server's book cannot be used: {reason}")]
    Other {
        /// What the attempt ended with.
        reason: String,
    },
}

impl BookComplaint {
    pub(super) fn unreachable(config: &PostgresConfig, reason: &impl ToString) -> Self {
        Self::Unreachable { place: config.place(), reason: reason.to_string() }
    }

    /// Of an attempt to connect or to prepare the schema.
    pub(super) fn of(config: &PostgresConfig, error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(error) => Self::unreachable(config, error),
            sqlx::Error::Tls(error) => Self::Tls { place: config.place(), reason: error.to_string() },
            sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
                Some(error) => Self::of_server(config, error),
                None => Self::Other { reason: error.message().to_owned() },
            },
            error => Self::Other { reason: error.to_string() },
        }
    }

    /// Source: PostgreSQL manual, appendix A, error codes.
    fn of_server(config: &PostgresConfig, error: &PgDatabaseError) -> Self {
        let reason = error.message().to_owned();
        let (user, schema) = (config.user.clone(), config.schema.clone());
        match error.code().get(..2) {
            Some("28" | "3D") => Self::LogIn { user, reason },
            Some("57" | "53" | "08") => Self::unreachable(config, &reason),
            _ if error.code() == "42501" => Self::Right { user, schema, reason },
            _ => Self::Other { reason },
        }
    }
}
