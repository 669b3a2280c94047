//! Where a server keeps its data.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder that goes with the process, or one that stays.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Removes it.
    temporary: Option<TempDir>,
}

impl Folder {
    /// A new one, in this place, that goes.
    pub(crate) fn temporary(place: &Path) -> Self {
        let temporary = TempDir::new_in(place).unwrap();
        Self { path: temporary.path().to_owned(), temporary: Some(temporary) }
    }

    /// This one, made where it is absent, that stays.
    pub(crate) fn kept(path: &Path) -> Self {
        std::fs::create_dir_all(path).unwrap();
        Self { path: path.to_owned(), temporary: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn stays(&self) -> bool {
        self.temporary.is_none()
    }
}
