//! A folder of `.eml` files: the transport for development, tests and a relay that picks files up.
//!
//! ```text
//! <dir>/20261122T113756.000123Z-<id>.eml   accepted messages, sortable by name; the operator may move or delete them
//! <dir>/.partial/<same name>               being written
//! <dir>/.keys/<id>                         empty: the message with this idempotency key was accepted
//! ```
//!
//! Order of the steps: the content is durable in `.partial`, then the key is recorded, then the file is renamed into
//! place. A crash before the record leaves a partial file that [`FolderTransport::open`] deletes; a crash after it leaves
//! one that `open` moves into place. So a key never sends twice and is never recorded for a lost message. One process
//! owns a folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Semaphore;

use super::{Delivery, Outgoing, Transport};
use crate::Error;

/// How long a key is remembered: 30 days.
///
/// Every retry in the system gives up within hours; the records are empty files, and without an end they would fill the
/// folder. Older ones go when the folder is opened.
pub const KEY_RETENTION: Duration = Duration::from_hours(30 * 24);

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
const SUFFIX: &str = ".eml";

/// Writes each message to a file of its own.
#[derive(Clone, Debug)]
pub struct FolderTransport {
    folder: Arc<Folder>,
    /// One writer at a time: two messages with one key then meet as first and second, never as equals.
    turn: Arc<Semaphore>,
}

#[derive(Debug)]
struct Folder {
    dir: PathBuf,
    partial: PathBuf,
    keys: PathBuf,
}

impl FolderTransport {
    /// Opens the folder, making it (mode 0700) where it is absent, and puts right what a crash left.
    ///
    /// Blocks on the file system; call it at start, not on a request.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the folder cannot be made, read or written.
    pub fn open(dir: PathBuf) -> Result<Self, Error> {
        let folder = Folder { partial: dir.join(".partial"), keys: dir.join(".keys"), dir };
        folder.recover().map_err(Error::unavailable("the mail folder cannot be opened"))?;
        Ok(Self { folder: Arc::new(folder), turn: Arc::new(Semaphore::new(1)) })
    }
}

impl Transport for FolderTransport {
    fn deliver(&self, outgoing: Outgoing) -> Delivery<'_> {
        Box::pin(async move {
            let cannot = || Error::unavailable("the mail folder cannot be written");
            let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(io::Error::other).map_err(cannot())?;
            let folder = Arc::clone(&self.folder);
            // Once started the write runs to its end even when the caller goes away, and keeps its turn until then.
            let written = tokio::task::spawn_blocking(move || {
                let written = folder.write(&outgoing);
                drop(turn);
                written
            });
            written.await.map_err(io::Error::other).flatten().map_err(cannot())
        })
    }
}

impl Folder {
    fn write(&self, outgoing: &Outgoing) -> io::Result<()> {
        let key = self.keys.join(&outgoing.id);
        if outgoing.once && key.try_exists()? {
            return Ok(());
        }
        let name = file_name(outgoing);
        let partial = self.partial.join(&name);
        let written = self.commit(outgoing, &partial, &key, &name);
        if written.is_err() {
            // Best effort: what stays is found by the next `open`. The key goes first, else that `open` would send what
            // this call reports as not sent.
            if outgoing.once {
                drop(fs::remove_file(&key));
            }
            drop(fs::remove_file(&partial));
        }
        written
    }

    fn commit(&self, outgoing: &Outgoing, partial: &Path, key: &Path, name: &str) -> io::Result<()> {
        let mut file = create_new(partial)?;
        file.write_all(&outgoing.bytes)?;
        file.sync_all()?;
        if outgoing.once {
            sync_folder(&self.partial)?;
            create_new(key)?;
            sync_folder(&self.keys)?;
        }
        fs::rename(partial, self.dir.join(name))?;
        sync_folder(&self.dir)
    }

    fn recover(&self) -> io::Result<()> {
        for dir in [&self.dir, &self.partial, &self.keys] {
            fs::DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(dir)?;
        }
        for entry in fs::read_dir(&self.partial)? {
            let entry = entry?;
            let name = entry.file_name();
            if self.is_recorded(&name.to_string_lossy()) {
                fs::rename(entry.path(), self.dir.join(&name))?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        sync_folder(&self.dir)?;
        self.forget_old_keys(SystemTime::now())
    }

    /// Whether the key of a partial file's id is on record, which it is only once the file is whole.
    fn is_recorded(&self, name: &str) -> bool {
        let id = name.strip_suffix(SUFFIX).and_then(|name| name.rsplit_once('-')).map_or("", |(_, id)| id);
        !id.is_empty() && self.keys.join(id).is_file()
    }

    fn forget_old_keys(&self, now: SystemTime) -> io::Result<()> {
        for entry in fs::read_dir(&self.keys)? {
            let entry = entry?;
            let recorded = entry.metadata()?.modified()?;
            if now.duration_since(recorded).is_ok_and(|age| age > KEY_RETENTION) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

fn file_name(outgoing: &Outgoing) -> String {
    // A clock outside the calendar is clamped: a wrong date in a name must not lose a mail.
    let at = jiff::Timestamp::from_microsecond(outgoing.accepted_at).unwrap_or_default();
    format!("{}-{}{SUFFIX}", at.strftime("%Y%m%dT%H%M%S%.6fZ"), outgoing.id)
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)
}

/// A rename or a new name is durable only once its folder is.
fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::{FolderTransport, KEY_RETENTION, SystemTime, fs};
    use std::fs::File;

    #[test]
    fn an_old_key_is_forgotten_and_a_young_one_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        drop(FolderTransport::open(dir.path().to_owned()).unwrap());
        let keys = dir.path().join(".keys");
        let old = SystemTime::now() - KEY_RETENTION - std::time::Duration::from_mins(1);
        File::create(keys.join("old")).unwrap().set_modified(old).unwrap();
        drop(File::create(keys.join("young")).unwrap());
        drop(FolderTransport::open(dir.path().to_owned()).unwrap());
        let left: Vec<_> = fs::read_dir(&keys).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["young"]);
    }
}
