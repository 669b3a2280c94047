//! Tries a server before it is relied on, and names what is wrong.

use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use tokio::time::timeout;

use super::config::PostgresConfig;
use super::connection::{STOP_WAIT, options};
use super::failure::translate;
use super::provision::VERSION_MIN;
use crate::Clock;

/// Bound of the whole attempt.
const PROBE_WAIT: Duration = Duration::from_secs(10);

/// How far the server's clock may be from the host's: below the smallest time that both measure, a lease of the queue.
const SKEW_MAX: Duration = Duration::from_secs(5);

/// What is wrong with a server, as an operator can act on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Complaint {
    /// Nothing listens there, or it does not answer.
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
    /// The role lacks a right.
    #[error("the role `{user}` lacks the right {right}")]
    Right {
        /// The host's role.
        user: String,
        /// `CREATEDB` or `CREATEROLE`.
        right: &'static str,
    },
    /// Its clock is another one.
    #[error("the server's clock is {seconds} s from this machine's; at most 5 s may be between them")]
    Clock {
        /// Ahead of this machine's, in seconds.
        seconds: i64,
    },
    /// Anything else.
    #[error("the server cannot be examined: {reason}")]
    Other {
        /// What the attempt ended with.
        reason: String,
    },
}

impl PostgresConfig {
    /// Logs in and looks whether the server will do; everything that is wrong, nothing if all is well. Within 10 s.
    ///
    /// `clock` tells the host's wall-clock time.
    pub async fn probe(&self, clock: &Clock) -> Vec<Complaint> {
        match timeout(PROBE_WAIT, self.examine(clock)).await {
            Ok(Ok(complaints)) => complaints,
            Ok(Err(complaint)) => vec![complaint],
            Err(_) => vec![Complaint::Unreachable { place: self.place(), reason: "no answer within 10 s".to_owned() }],
        }
    }

    async fn examine(&self, clock: &Clock) -> Result<Vec<Complaint>, Complaint> {
        let options = options(self);
        let mut raw = PgConnection::connect_with(&options).await.map_err(|error| self.complaint(&error))?;
        let mut complaints = Vec::new();
        if let Some(version) = raw.server_version_num().filter(|version| *version < VERSION_MIN) {
            complaints.push(Complaint::Version { major: version / 10_000 });
        }
        let facts = "select rolcreatedb or rolsuper, rolcreaterole or rolsuper,
            (extract(epoch from clock_timestamp()) * 1000000)::bigint from pg_roles where rolname = current_user";
        let failed = |error: sqlx::Error| Complaint::Other { reason: translate(&error, "").error.to_string() };
        let before_us = clock();
        let row = sqlx::query(facts).fetch_one(&mut raw).await.map_err(failed)?;
        let after_us = clock();
        for (index, right) in [(0, "CREATEDB"), (1, "CREATEROLE")] {
            if !row.try_get::<bool, _>(index).map_err(failed)? {
                complaints.push(Complaint::Right { user: self.user.clone(), right });
            }
        }
        let server_us: i64 = row.try_get(2).map_err(failed)?;
        let middle_us = before_us / 2 + after_us / 2;
        let ahead_us = server_us.saturating_sub(middle_us);
        if ahead_us.unsigned_abs() > u64::try_from(SKEW_MAX.as_micros()).unwrap_or(u64::MAX) {
            complaints.push(Complaint::Clock { seconds: ahead_us / 1_000_000 });
        }
        drop(timeout(STOP_WAIT, raw.close()).await);
        Ok(complaints)
    }

    fn place(&self) -> String {
        if self.host.starts_with('/') { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }

    fn complaint(&self, error: &sqlx::Error) -> Complaint {
        let place = self.place();
        match error {
            sqlx::Error::Io(error) => Complaint::Unreachable { place, reason: error.to_string() },
            sqlx::Error::Tls(error) => Complaint::Tls { place, reason: error.to_string() },
            sqlx::Error::Database(error) => {
                Complaint::LogIn { user: self.user.clone(), reason: error.message().to_owned() }
            }
            error => Complaint::Other { reason: error.to_string() },
        }
    }
}
