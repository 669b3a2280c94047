//! Everything a release needs, by its digest; and the releases themselves.
//!
//! ```text
//! <state>/releases/objects/<sha256>   wasm files, manifests, migrations, assets
//! <state>/releases/r<N>.json          one sealed record each
//! <state>/releases/partial            being written; the next write replaces it
//! ```
//!
//! One process owns the folder. Nothing in it is ever changed; the sweep alone removes.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Digest, Error, Release, ReleaseId, Server, disk, seal};

/// Releases that are kept: a week of a busy team, and the number that a rollback may choose from.
pub const RELEASES_KEPT: usize = 20;

/// Objects and releases in a folder.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    server: Option<Arc<Server>>,
    // There is one temporary file, so that a crash leaves one at most.
    writing: Mutex<()>,
}

/// What a sweep has removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Ascending.
    pub releases: Vec<ReleaseId>,
    /// Names of the objects, in no order.
    pub objects: Vec<Digest>,
    /// Bytes of those objects.
    pub bytes: u64,
}

impl Store {
    /// Opens `<state>/releases`, making it (mode 0700) where it is absent.
    ///
    /// # Errors
    /// [`Error::Full`] or [`Error::Disk`].
    pub fn open(state: &Path) -> Result<Self, Error> {
        let dir = state.join("releases");
        let made = disk::make(&dir).and_then(|()| disk::make(&dir.join("objects")));
        made.map_err(|source| Error::disk("releases", source))?;
        Ok(Self { dir, server: None, writing: Mutex::new(()) })
    }

    /// The same, with a server that gets whatever is stored, and loses whatever is swept. What it has beforehand is brought
    /// by [`crate::mirror`].
    #[must_use]
    pub fn backed_by(self, server: Option<Arc<Server>>) -> Self {
        Self { server, ..self }
    }

    /// The server, where there is one.
    pub fn server(&self) -> Option<&Arc<Server>> {
        self.server.as_ref()
    }

    /// Stores bytes and gives their name. What is there already is not written again, unless it is damaged.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Disk`] or [`Error::Server`]; nothing has changed then that anybody could see.
    pub fn add(&self, bytes: &[u8]) -> Result<Digest, Error> {
        let digest = Digest::of(bytes);
        if !matches!(self.read(&digest), Ok(there) if there == bytes) {
            self.replace(&self.path(&digest), bytes)?;
        }
        if let Some(server) = &self.server {
            server.put_object(&digest, bytes)?;
        }
        Ok(digest)
    }

    /// Stores a wasm file: [`Store::add`].
    ///
    /// # Errors
    /// As there.
    pub fn add_wasm(&self, bytes: &[u8]) -> Result<Digest, Error> {
        self.add(bytes)
    }

    /// Stores a text with LF line ends, so that a checkout on another system does not change its name.
    ///
    /// # Errors
    /// As [`Store::add`].
    pub fn add_text(&self, text: &str) -> Result<Digest, Error> {
        self.add(text.replace("\r\n", "\n").as_bytes())
    }

    /// Stores bytes whose digest was promised.
    ///
    /// # Errors
    /// [`Error::Mismatch`] where they are others; else as [`Store::add`].
    pub fn add_expected(&self, bytes: &[u8], expected: &Digest) -> Result<(), Error> {
        let found = Digest::of(bytes);
        if found != *expected {
            return Err(Error::Mismatch { expected: *expected, found });
        }
        self.add(bytes).map(drop)
    }

    /// An object's bytes, checked against its name.
    ///
    /// # Errors
    /// [`Error::NoObject`], [`Error::Mismatch`] where the disk has changed it, [`Error::Disk`].
    pub fn read(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        let bytes = disk::read(&self.path(digest)).map_err(|source| Error::disk(&object(digest), source))?;
        let bytes = bytes.ok_or(Error::NoObject(*digest))?;
        let found = Digest::of(&bytes);
        if found == *digest { Ok(bytes) } else { Err(Error::Mismatch { expected: *digest, found }) }
    }

    /// Whether the object is there; its bytes are not looked at.
    pub fn contains(&self, digest: &Digest) -> bool {
        self.path(digest).is_file()
    }

    /// Where the object is, for those who map or compile it.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.dir.join("objects").join(digest.to_string())
    }

    /// The number that the next release gets: one more than the last one kept. The last one is never swept.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn next_id(&self) -> Result<ReleaseId, Error> {
        let last = self.ids()?.last().map_or(0, |id| id.0);
        Ok(ReleaseId(last.saturating_add(1)))
    }

    /// Records a release, once and for all.
    ///
    /// # Errors
    /// [`Error::NoObject`] where something it needs is not stored, [`Error::Exists`] where its number is taken,
    /// [`Error::Full`], [`Error::Disk`] or [`Error::Server`].
    pub fn put(&self, release: &Release) -> Result<(), Error> {
        if let Some(missing) = release.objects().into_iter().find(|digest| !self.contains(digest)) {
            return Err(Error::NoObject(missing));
        }
        let path = self.record(release.id);
        if path.exists() {
            return Err(Error::Exists(release.id));
        }
        let record = sealed(release)?;
        if let Some(server) = &self.server {
            server.put_release(release.id, &record)?;
        }
        self.replace(&path, &record)
    }

    /// Records what a server has on record, in the place of what is damaged here.
    pub(crate) fn put_again(&self, release: &Release) -> Result<(), Error> {
        self.replace(&self.record(release.id), &sealed(release)?)
    }

    /// A release by its number.
    ///
    /// # Errors
    /// [`Error::NoRelease`], [`Error::Damaged`], [`Error::Newer`], [`Error::Disk`].
    pub fn release(&self, id: ReleaseId) -> Result<Release, Error> {
        let file = file(id);
        let bytes = disk::read(&self.record(id)).map_err(|source| Error::disk(&file, source))?;
        let bytes = bytes.ok_or(Error::NoRelease(id))?;
        match seal::version(&bytes) {
            Some(version) if version > Release::VERSION => Err(Error::Newer { file, version }),
            _ => seal::open(&bytes).filter(|release: &Release| release.id == id).ok_or(Error::Damaged { file }),
        }
    }

    /// Every release that can be read, ascending. A damaged one is left out: there is no way back to it.
    ///
    /// # Errors
    /// [`Error::Disk`].
    pub fn releases(&self) -> Result<Vec<Release>, Error> {
        Ok(self.ids()?.into_iter().filter_map(|id| self.release(id).ok()).collect())
    }

    /// Removes all but the last [`RELEASES_KEPT`] releases and `keep` (live, candidate, pinned), then every object
    /// that no remaining release needs and that is not `spared`: what came for a release that has no record yet.
    ///
    /// A kill in between leaves objects behind, which the next sweep takes.
    ///
    /// # Errors
    /// [`Error::Disk`], and whatever reading a release gives: with one that cannot be read no object is removed, since
    /// nobody knows which ones it needs.
    pub fn sweep(&self, keep: &BTreeSet<ReleaseId>, spared: &BTreeSet<Digest>) -> Result<Swept, Error> {
        let fault = |source| Error::disk("releases", source);
        let ids = self.ids()?;
        let old = ids.len().saturating_sub(RELEASES_KEPT);
        let (mut swept, mut needed) = (Swept::default(), BTreeSet::new());
        for (place, id) in ids.into_iter().enumerate() {
            if place < old && !keep.contains(&id) {
                swept.releases.push(id);
            } else {
                needed.extend(self.release(id)?.objects());
            }
        }
        for id in &swept.releases {
            fs::remove_file(self.record(*id)).map_err(fault)?;
        }
        // First the records for good, then what they needed.
        disk::sync_folder(&self.dir).map_err(fault)?;
        for entry in fs::read_dir(self.dir.join("objects")).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let digest = entry.file_name().to_str().and_then(|name| name.parse::<Digest>().ok());
            if digest.is_some_and(|digest| needed.contains(&digest) || spared.contains(&digest)) {
                continue;
            }
            swept.bytes = swept.bytes.saturating_add(entry.metadata().map_err(fault)?.len());
            swept.objects.extend(digest);
            fs::remove_file(entry.path()).map_err(fault)?;
        }
        if let Some(server) = &self.server {
            server.remove(&swept)?;
        }
        Ok(swept)
    }

    fn ids(&self) -> Result<BTreeSet<ReleaseId>, Error> {
        let read = || -> io::Result<BTreeSet<ReleaseId>> {
            let mut ids = BTreeSet::new();
            for entry in fs::read_dir(&self.dir)? {
                let name = entry?.file_name();
                let id = name
                    .to_str()
                    .and_then(|name| name.strip_suffix(".json"))
                    .and_then(|id| id.parse::<ReleaseId>().ok());
                ids.extend(id);
            }
            Ok(ids)
        };
        read().map_err(|source| Error::disk("releases", source))
    }

    fn record(&self, id: ReleaseId) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        disk::replace(path, &self.dir.join("partial"), bytes)
            .map_err(|source| Error::disk(&format!("releases/{name}"), source))
    }
}

/// A release's record as it is kept.
pub(crate) fn sealed(release: &Release) -> Result<Vec<u8>, Error> {
    seal::seal(&file(release.id), release)
}

fn file(id: ReleaseId) -> String {
    format!("releases/{id}.json")
}

fn object(digest: &Digest) -> String {
    format!("releases/objects/{digest}")
}
