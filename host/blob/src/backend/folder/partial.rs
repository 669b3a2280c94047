//! A file while it is being written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{header, sync_folder};
use crate::Info;

const FILE_MODE: u32 = 0o600;

/// Deletes itself unless it was committed, whoever holds it last: the writer, or a step of it that outlived its caller.
#[derive(Debug)]
pub(super) struct Partial {
    file: File,
    path: PathBuf,
    digest: Sha256,
    committed: bool,
}

impl Partial {
    pub(super) fn create(dir: &Path) -> io::Result<Self> {
        let path = dir.join(uuid::Uuid::new_v4().simple().to_string());
        let mut file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&path)?;
        file.seek(SeekFrom::Start(header::BYTES))?;
        Ok(Self { file, path, digest: Sha256::new(), committed: false })
    }

    pub(super) fn append(mut self, bytes: &[u8]) -> io::Result<Self> {
        self.file.write_all(bytes)?;
        self.digest.update(bytes);
        Ok(self)
    }

    pub(super) fn sha256(&self) -> String {
        header::hex(&self.digest.clone().finalize())
    }

    /// Makes it durable and puts it in the place of what was there.
    pub(super) fn commit(mut self, info: &Info, target: &Path) -> io::Result<()> {
        self.file.write_all_at(&header::write(info)?, 0)?;
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        self.committed = true;
        target.parent().map_or(Ok(()), sync_folder)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.committed {
            // What cannot be deleted now is deleted at the next start.
            drop(fs::remove_file(&self.path));
        }
    }
}
