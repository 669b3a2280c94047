//! Files that are there whole or not at all, also after the power went.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Only the host's user reads manifests and audit lines.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// Makes a folder, and its name durable.
pub(crate) fn make(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(dir)?;
    dir.parent().map_or(Ok(()), sync_folder)
}

/// Writes `bytes` to `path` itself and makes them durable; not yet its name.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Replaces `path` at once: temporary file, fsync, rename, fsync of the folder. A failure leaves what was there.
pub(crate) fn replace(path: &Path, temporary: &Path, bytes: &[u8]) -> io::Result<()> {
    let done = write(temporary, bytes).and_then(|()| fs::rename(temporary, path));
    if done.is_err() {
        // It may never have been made; the first error is the one to tell.
        drop(fs::remove_file(temporary));
    }
    done?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Opens a file to append to, made where absent.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(path)
}

/// The content, `None` where there is no such file.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A rename or a new name is durable only once its folder is.
pub(crate) fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
