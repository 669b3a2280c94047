//! All databases of the process, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use manifest::Component;

use crate::backend::Backend;
use crate::ctx::Access;
use crate::outbox::Sender;
use crate::sqlite::Sqlite;
use crate::{Error, Migration, Outbox, Phase, SqlCtx};

/// Wall-clock time in microseconds since the epoch; tests move it.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Whether any queue is bound to a topic.
pub type Bound = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Longest database name in bytes.
const NAME_BYTES_MAX: usize = 64;

/// The `sql` capability of the process. Cheap to clone.
///
/// Databases are named; components that name the same one share it. Each lives in `<dir>/<name>.db`.
#[derive(Clone)]
pub struct SqlProvider {
    shared: Arc<Shared>,
}

struct Shared {
    dir: PathBuf,
    clock: Clock,
    bound: Bound,
    databases: Mutex<BTreeMap<String, Arc<Sqlite>>>,
    /// Declarations run one after the other, so that two components cannot open one file twice.
    declaring: tokio::sync::Mutex<()>,
}

impl fmt::Debug for SqlProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlProvider").field("databases", &self.databases()).finish_non_exhaustive()
    }
}

impl SqlProvider {
    /// Keeps databases in `dir`, which is created (0700) where absent. Blocks for that moment.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the folder cannot be made.
    pub fn open(dir: PathBuf, clock: Clock, bound: Bound) -> Result<Self, Error> {
        crate::sqlite::make_dir(&dir)?;
        let shared =
            Shared { dir, clock, bound, databases: Mutex::default(), declaring: tokio::sync::Mutex::default() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Opens the component's database, creates it where absent, and runs its pending expand migrations in the order
    /// of their versions. Does nothing for a component without the grant.
    ///
    /// Declaring again (a new release, a second component on the same database) runs what is new. Applied migrations
    /// that are not in the list are left alone: an older release may be declared again.
    ///
    /// # Errors
    /// [`Error::Migration`] naming the file: it failed (and left nothing), or was changed after it was applied.
    /// [`Error::Invalid`] for a database name that is not lower-case letters, digits, `-`, `_`.
    /// [`Error::Unavailable`] when the file cannot be opened.
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
        self.find(database).map(|backend| Outbox(backend))
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

    /// Writes what the logs hold into the main files, so that a copy of `<name>.db` alone is complete.
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

    fn all(&self) -> Vec<Arc<Sqlite>> {
        self.shared.databases.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn find(&self, database: &str) -> Option<Arc<Sqlite>> {
        self.shared.databases.lock().unwrap_or_else(PoisonError::into_inner).get(database).cloned()
    }

    async fn database(&self, name: &str) -> Result<Arc<Sqlite>, Error> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(fits) {
            return Err(Error::invalid(format!("`{name}` is no database name: lower-case letters, digits, `-`, `_`")));
        }
        let _one = self.shared.declaring.lock().await;
        if let Some(database) = self.find(name) {
            return Ok(database);
        }
        let path = self.shared.dir.join(format!("{name}.db"));
        let database = Arc::new(Sqlite::open(path, Arc::clone(&self.shared.clock)).await?);
        let mut databases = self.shared.databases.lock().unwrap_or_else(PoisonError::into_inner);
        databases.insert(name.to_owned(), Arc::clone(&database));
        Ok(database)
    }
}
