//! What all databases of a server have in common.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use tokio::sync::Semaphore;

use super::Postgres;
use super::config::PostgresConfig;
use super::connection::{Canceller, options};
use super::pool::{Budget, Pool, Span};
use super::provision::{Wanted, provision};
use super::role::Passwords;
use crate::{Clock, Error};

/// Cancellations under way at once.
const CANCELS_MAX: usize = 2;

/// Bound of the first connection to a database.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// Of the budget, what one database may use: so that a busy one leaves something to the others.
const SHARE_PERCENT: u32 = 60;

/// Longest name of a database or role in bytes.
const NAME_BYTES_MAX: usize = 63;

/// Longest prefix in bytes.
const PREFIX_BYTES_MAX: usize = 24;

/// A server, and what the host may use of it. Never in debug output, for it holds a password.
pub(crate) struct Server {
    admin: PgConnectOptions,
    passwords: Passwords,
    budget: Arc<Budget>,
    share: u32,
    cancels: Arc<Semaphore>,
    prefix: String,
}

impl Server {
    /// Connects to nothing yet; makes the folder of the roles' passwords, on which hosts agree in the database `shared`.
    pub(crate) fn new(
        config: &PostgresConfig,
        passwords: PathBuf,
        shared: Option<PgConnectOptions>,
    ) -> Result<Self, Error> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if config.prefix.len() > PREFIX_BYTES_MAX || !config.prefix.bytes().all(fits) {
            return Err(Error::invalid("the prefix must be at most 24 lower-case letters, digits and `_`"));
        }
        Ok(Self {
            admin: options(config),
            passwords: Passwords::open(passwords, shared)?,
            budget: Budget::new(config.connections),
            share: config.connections.saturating_mul(SHARE_PERCENT) / 100,
            cancels: Arc::new(Semaphore::new(CANCELS_MAX)),
            prefix: config.prefix.clone(),
        })
    }

    /// Opens a database by the name components use, and makes it where it is absent.
    pub(crate) async fn database(&self, name: &str, clock: Clock) -> Result<Postgres, Error> {
        let name = format!("{}{name}_db", self.prefix);
        if name.len() > NAME_BYTES_MAX {
            return Err(Error::invalid(format!("`{name}` is too long a database name for this engine")));
        }
        let password = self.passwords.of(&name).await?;
        let login = provision(&self.admin, &Wanted { name: &name, password: &password }).await?;
        let canceller = Canceller { options: login.clone(), turns: Arc::clone(&self.cancels) };
        let pool = Pool::new(canceller, &self.budget, self.share);
        // The first request finds a connection.
        drop(pool.lease(Instant::now() + FIRST_WAIT, Span::Short).await?);
        Ok(Postgres::new(pool, login, clock))
    }
}
