//! A database of the host's own, beside those of the components.

use sqlx::Connection as _;
use sqlx::postgres::PgConnectOptions;
use tokio::time::timeout;

use super::config::PostgresConfig;
use super::connection::{STOP_WAIT, connect, options, simple};
use super::outbox::quote_name;
use super::provision::provision_own;
use crate::Error;

/// How to reach a database of the host's own: what other crates of the host connect with.
pub type OwnDatabase = PgConnectOptions;

impl PostgresConfig {
    /// How to reach the database `<prefix><name>` as the host's own role, which owns it; it is made where it is absent, and
    /// no other role may connect to it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] for a server that cannot be reached or is too old; [`Error::Other`] for a database that
    /// belongs to somebody else, or a role without `CREATEDB`.
    pub async fn own_database(&self, name: &str) -> Result<OwnDatabase, Error> {
        let (admin, name) = (options(self), format!("{}{name}", self.prefix));
        let mut raw = connect(&admin).await?;
        provision_own(&mut raw, &name).await?;
        let rule = format!("REVOKE ALL ON DATABASE {} FROM PUBLIC", quote_name(&name));
        simple(&mut raw, rule).await?;
        drop(timeout(STOP_WAIT, raw.close()).await);
        Ok(admin.database(&name))
    }
}
