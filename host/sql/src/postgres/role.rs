//! The passwords of the components' roles: made here, kept in files for the host alone, told to nobody. Hosts that share
//! a server agree on them in the database of their own records.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Row as _};
use tokio::time::timeout;
use uuid::Uuid;

use super::connection::{STOP_WAIT, connect, simple};
use super::failure::translate;
use super::outbox::LOCKS;
use crate::Error;

/// Longest file that can be a password.
const BYTES_MAX: usize = 128;

/// Held while a host makes the table of passwords.
const LOCK_ROLES: i32 = 4;

/// In the hosts' own database, which no other role may connect to.
const TABLE: &str = "CREATE SCHEMA IF NOT EXISTS wharf_sql;
    CREATE TABLE IF NOT EXISTS wharf_sql.role (name TEXT PRIMARY KEY, password TEXT NOT NULL)";

/// A folder with one file for each role; and where several hosts agree, if there is such a place.
#[derive(Clone)]
pub(crate) struct Passwords {
    dir: PathBuf,
    shared: Option<PgConnectOptions>,
}

impl Passwords {
    /// Keeps them in `dir`, which is created (0700) where absent. Blocks for that moment.
    pub(crate) fn open(dir: PathBuf, shared: Option<PgConnectOptions>) -> Result<Self, Error> {
        crate::provider::make_dir(&dir)?;
        Ok(Self { dir, shared })
    }

    /// The password of a role; a new one where there is none.
    pub(crate) async fn of(&self, role: &str) -> Result<String, Error> {
        let own = self.of_folder(role).await?;
        match &self.shared {
            Some(database) => agree(database, role, &own).await,
            None => Ok(own),
        }
    }

    async fn of_folder(&self, role: &str) -> Result<String, Error> {
        let path = self.dir.join(role);
        let read = tokio::task::spawn_blocking(move || {
            read_or_make(&path).inspect_err(|error| {
                tracing::error!(path = %path.display(), %error, "the file with a role's password cannot be used");
            })
        });
        let read = read.await.map_err(|_| Error::unavailable("the reading thread stopped"))?;
        read.map_err(|_| Error::unavailable("the file with its password cannot be used"))
    }
}

/// Of several hosts the first one's password counts.
async fn agree(database: &PgConnectOptions, role: &str, own: &str) -> Result<String, Error> {
    let mut raw = connect(database).await?;
    let lock = format!("SELECT pg_advisory_xact_lock({LOCKS}, {LOCK_ROLES})");
    simple(&mut raw, format!("BEGIN; {lock}; {TABLE}; COMMIT")).await?;
    let agreed = first(&mut raw, role, own).await.map_err(|error| translate(&error, ""))?;
    drop(timeout(STOP_WAIT, raw.close()).await);
    Ok(agreed)
}

async fn first(raw: &mut PgConnection, role: &str, own: &str) -> sqlx::Result<String> {
    let insert = "INSERT INTO wharf_sql.role (name, password) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    sqlx::query(insert).bind(role).bind(own).execute(&mut *raw).await?;
    let select = "SELECT password FROM wharf_sql.role WHERE name = $1";
    sqlx::query(select).bind(role).fetch_one(raw).await?.try_get(0)
}

fn read_or_make(path: &Path) -> std::io::Result<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let password = text.trim();
            let plain =
                !password.is_empty() && password.len() <= BYTES_MAX && password.bytes().all(|b| b.is_ascii_graphic());
            if plain { Ok(password.to_owned()) } else { Err(ErrorKind::InvalidData.into()) }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(error) => Err(error),
    }
}

/// Two random identifiers: 244 random bits.
fn make(path: &Path) -> std::io::Result<String> {
    let password = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let partial = path.with_extension(Uuid::new_v4().simple().to_string());
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&partial)?;
    writeln!(file, "{password}")?;
    file.sync_all()?;
    // Of two at once, the first one's counts.
    let linked = std::fs::hard_link(&partial, path);
    std::fs::remove_file(&partial)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return read_or_make(path),
        linked => linked?,
    }
    if let Some(dir) = path.parent() {
        std::fs::File::open(dir)?.sync_all()?;
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::read_or_make;

    #[test]
    fn a_password_is_made_once_and_for_the_host_alone() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("shop_db");
        let first = read_or_make(&path).unwrap();
        assert_eq!(first.len(), 64);
        assert_eq!(read_or_make(&path).unwrap(), first);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, "").unwrap();
        assert!(read_or_make(&path).is_err());
    }
}
