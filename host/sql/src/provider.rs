//! All databases of the process, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use manifest::Component;
use sqlx::postgres::PgConnectOptions;

use crate::backend::Backend;
use crate::ctx::Access;
use crate::outbox::Sender;
use crate::postgres::Server;
use crate::sqlite::Sqlite;
use crate::{AppliedMigration, Error, Migration, Outbox, Phase, PostgresConfig, SqlCtx};

/// Wall-clock time in microseconds since the epoch; tests move it.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Whether any queue is bound to a topic.
pub type Bound = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Longest database name in bytes.
const NAME_BYTES_MAX: usize = 64;

/// The `sql` capability of the process. Cheap to clone.
///
/// Databases are named; components that name the same one share it. On SQLite each lives in `<dir>/<name>.db`; on
/// PostgreSQL each is a database `<prefix><name>_db` with a role of the same name that has rights in it alone.
#[derive(Clone)]
pub struct SqlProvider {
    shared: Arc<Shared>,
}

struct Shared {
    engine: Engine,
    clock: Clock,
    bound: Bound,
    databases: Mutex<BTreeMap<String, Arc<dyn Backend>>>,
    /// Declarations run one after the other, so that two components cannot open one file twice.
    declaring: tokio::sync::Mutex<()>,
}

/// Where databases are.
enum Engine {
    /// Files in this folder.
    Sqlite(PathBuf),
    /// On a server.
    Postgres(Box<Server>),
}

impl Engine {
    async fn open(&self, name: &str, clock: &Clock) -> Result<Arc<dyn Backend>, Error> {
        Ok(match self {
            Self::Sqlite(dir) => Arc::new(Sqlite::open(dir.join(format!("{name}.db")), Arc::clone(clock)).await?),
            Self::Postgres(server) => Arc::new(server.database(name, Arc::clone(clock)).await?),
        })
    }
}

impl fmt::Debug for SqlProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlProvider").field("databases", &self.databases()).finish_non_exhaustive()
    }
}

impl SqlProvider {
    /// Keeps databases in SQLite files in `dir`, which is created (0700) where absent. Blocks for that moment.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the folder cannot be made.
    pub fn open(dir: PathBuf, clock: Clock, bound: Bound) -> Result<Self, Error> {
        make_dir(&dir)?;
        Ok(Self::with_engine(Engine::Sqlite(dir), clock, bound))
    }

    /// Keeps databases on a PostgreSQL server, and the passwords of their roles in files (0600) in `dir`, which is
    /// created (0700) where absent. Blocks for that moment; connects when the first database is declared. Several hosts
    /// that share the databases agree on the passwords in `shared`, a database of the hosts' own
    /// ([`PostgresConfig::own_database`]).
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the folder cannot be made; [`Error::Invalid`] for a prefix that is not at most 24
    /// lower-case letters, digits and `_`.
    pub fn open_postgres(
        config: &PostgresConfig,
        (dir, shared): (PathBuf, Option<PgConnectOptions>),
        clock: Clock,
        bound: Bound,
    ) -> Result<Self, Error> {
        Ok(Self::with_engine(Engine::Postgres(Box::new(Server::new(config, dir, shared)?)), clock, bound))
    }

    fn with_engine(engine: Engine, clock: Clock, bound: Bound) -> Self {
        let shared =
            Shared { engine, clock, bound, databases: Mutex::default(), declaring: tokio::sync::Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Opens the component's database, creates it where absent, and runs its pending expand migrations in the order
    /// of their versions. Does nothing for a component without the grant.
    ///
    /// May be called at any time, also while the database serves. Declaring again (a new release, a second component on the same database) runs what is new. Applied migrations
    /// that are not in the list are left alone: an older release may be declared again.
    ///
    /// # Errors
    /// [`Error::Migration`] naming the file: it failed (and left nothing), or was changed after it was applied.
    /// [`Error::Invalid`] for a database name that is not lower-case letters, digits, `-`, `_`.
    /// [`Error::Unavailable`] when the file cannot be opened or the server cannot be reached; [`Error::Other`] when the
    /// host's role lacks a right on the server, or a name belongs to somebody else there.
    pub async fn declare(&self, component: &Component, migrations: Vec<Migration>) -> Result<(), Error> {
        let Some(grant) = &component.grants.sql else { return Ok(()) };
        self.database(&grant.database).await?.migrate(migrations, Phase::Expand).await
    }

    /// Runs the component's pending contract migrations. For when no older version of it can come back.
    ///
    /// # Errors
    /// As [`SqlProvider::declare`].
    pub async fn contract(&self, component: &Component, migrations: Vec<Migration>) -> Result<(), Error> {
        let Some(grant) = &component.grants.sql else { return Ok(()) };
        self.database(&grant.database).await?.migrate(migrations, Phase::Contract).await
    }

    /// Every migration that has run in the component's database, in order; none without the grant, or where the
    /// database was never declared.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Timeout`] after 10 s.
    pub async fn applied(&self, component: &Component) -> Result<Vec<AppliedMigration>, Error> {
        let granted = component.grants.sql.as_ref().and_then(|grant| self.find(&grant.database));
        match granted {
            Some(database) => database.applied().await,
            None => Ok(Vec::new()),
        }
    }

    /// An instance's part. Without the grant it answers [`Error::Denied`].
    pub fn prepare(&self, component: &Component) -> SqlCtx {
        let id: Arc<str> = Arc::from(component.id.as_str());
        let access = match &component.grants.sql {
            None => Access::Denied,
            Some(grant) => match self.find(&grant.database) {
                None => Access::Undeclared,
                Some(backend) => Access::Granted {
                    backend,
                    sender: Arc::new(Sender {
                        component: Arc::clone(&id),
                        topics: component.grants.send.clone(),
                        bound: Arc::clone(&self.shared.bound),
                        clock: Arc::clone(&self.shared.clock),
                    }),
                },
            },
        };
        SqlCtx::new(id, access)
    }

    /// Names of the databases that are open, sorted.
    pub fn databases(&self) -> Vec<String> {
        self.shared.databases.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// The relay's view of a database.
    pub fn outbox(&self, database: &str) -> Option<Outbox> {
        self.find(database).map(Outbox)
    }

    /// Whether every database answers; for readiness.
    ///
    /// # Errors
    /// Of the first that does not, within 10 s.
    pub async fn ping(&self) -> Result<(), Error> {
        for database in self.all() {
            database.ping().await?;
        }
        Ok(())
    }

    /// Writes what the logs hold into the main files, so that a copy of `<name>.db` alone is complete. Nothing to do for
    /// a server, which does so itself.
    ///
    /// # Errors
    /// Of the first that fails.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        for database in self.all() {
            database.checkpoint().await?;
        }
        Ok(())
    }

    /// Lets work in progress end (within 10 s each), writes the logs into the main files and closes them. Later calls
    /// answer [`Error::Unavailable`].
    ///
    /// # Errors
    /// Of the first that fails; the others are closed all the same. Data is safe either way.
    pub async fn close(&self) -> Result<(), Error> {
        let mut result = Ok(());
        for database in self.all() {
            result = result.and(database.close().await);
        }
        result
    }

    fn all(&self) -> Vec<Arc<dyn Backend>> {
        self.shared.databases.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn find(&self, database: &str) -> Option<Arc<dyn Backend>> {
        self.shared.databases.lock().unwrap_or_else(PoisonError::into_inner).get(database).cloned()
    }

    async fn database(&self, name: &str) -> Result<Arc<dyn Backend>, Error> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(fits) {
            return Err(Error::invalid(format!("`{name}` is no database name: lower-case letters, digits, `-`, `_`")));
        }
        let _one = self.shared.declaring.lock().await;
        if let Some(database) = self.find(name) {
            return Ok(database);
        }
        let database = self.shared.engine.open(name, &self.shared.clock).await?;
        let mut databases = self.shared.databases.lock().unwrap_or_else(PoisonError::into_inner);
        databases.insert(name.to_owned(), Arc::clone(&database));
        Ok(database)
    }
}

/// Creates a folder for the host alone.
pub(crate) fn make_dir(dir: &Path) -> Result<(), Error> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|error| {
        tracing::error!(dir = %dir.display(), %error, "a folder cannot be made");
        Error::unavailable("its folder cannot be made")
    })
}
