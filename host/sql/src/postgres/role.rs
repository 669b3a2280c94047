//! The passwords of the components' roles: made here, kept in files for the host alone, told to nobody.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::Error;

/// Longest file that can be a password.
const BYTES_MAX: usize = 128;

/// A folder with one file for each role. Hosts that share a server share its content too.
#[derive(Clone, Debug)]
pub(crate) struct Passwords {
    dir: PathBuf,
}

impl Passwords {
    /// Keeps them in `dir`, which is created (0700) where absent. Blocks for that moment.
    pub(crate) fn open(dir: PathBuf) -> Result<Self, Error> {
        crate::provider::make_dir(&dir)?;
        Ok(Self { dir })
    }

    /// The password of a role; a new one where there is none.
    pub(crate) async fn of(&self, role: &str) -> Result<String, Error> {
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
