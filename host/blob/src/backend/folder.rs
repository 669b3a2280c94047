//! A folder on this machine.
//!
//! ```text
//! <dir>/<component>/<sha256 of the key>   one file per key: a header (see `header`), then the content
//! <dir>/<component>/.partial/<uuid>       being written; deleted at the next start if a crash leaves it
//! ```
//!
//! Keys are hashed because they may be longer than a file name, and because both `a` and `a/b` are keys. Description and
//! content are one file, so one rename replaces both. Who has the old file open reads it to its end. One process owns a
//! folder.

mod header;
mod partial;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};

use self::partial::Partial;
use super::{Answer, Backend, Info, Put};
use crate::{CHUNK_BYTES, Content, Data, Error, Key};

const FOLDER_MODE: u32 = 0o700;
const PARTIAL: &str = ".partial";

/// Keeps files in a folder.
#[derive(Clone, Debug)]
pub struct Folder {
    dir: PathBuf,
}

impl Folder {
    /// Opens the folder, making it (mode 0700) where it is absent, and deletes what interrupted writers left.
    ///
    /// Blocks on the file system; call it at start, not on a request.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the folder cannot be made or read.
    pub fn open(dir: PathBuf) -> Result<Self, Error> {
        make(&dir)?;
        for component in fs::read_dir(&dir)? {
            let partial = component?.path().join(PARTIAL);
            if partial.is_dir() {
                for left in fs::read_dir(partial)? {
                    fs::remove_file(left?.path())?;
                }
            }
        }
        Ok(Self { dir })
    }

    /// The component's own folder. Its id comes from the manifest, which has checked it; checked again, because here a
    /// wrong one would be a path.
    fn of(&self, component: &str) -> Result<PathBuf, Error> {
        let kebab = component.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if component.is_empty() || !kebab {
            return Err(Error::Invalid { field: "component", reason: "is no kebab-case id" });
        }
        Ok(self.dir.join(component))
    }

    fn path(&self, component: &str, key: &Key) -> Result<PathBuf, Error> {
        Ok(self.of(component)?.join(header::hex(&Sha256::digest(key.as_str()))))
    }

    async fn store(&self, put: Put, mut data: Data) -> Result<Info, Error> {
        let (top, own) = (self.dir.clone(), self.of(&put.component)?);
        let target = self.path(&put.component, &put.key)?;
        let mut partial = blocking(move || {
            make_own(&top, &own)?;
            Ok(Partial::create(&own.join(PARTIAL))?)
        })
        .await?;
        let mut size = 0_u64;
        // Guests may write in small pieces; the disk gets whole chunks.
        let mut waiting = BytesMut::new();
        while let Some(piece) = data.next().await {
            let piece = piece.map_err(|_| Error::Interrupted)?;
            size = size.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            if size > put.max_bytes {
                return Err(Error::TooLarge { limit: put.max_bytes });
            }
            waiting.extend_from_slice(&piece);
            if waiting.len() >= CHUNK_BYTES {
                let chunk = waiting.split();
                partial = blocking(move || Ok(partial.append(&chunk)?)).await?;
            }
        }
        let Put { key, content_type, now, .. } = put;
        blocking(move || {
            let partial = partial.append(&waiting)?;
            let sha256 = partial.sha256();
            let info = Info { key: key.to_string(), size, sha256, content_type, created: now };
            partial.commit(&info, &target)?;
            Ok(info)
        })
        .await
    }

    fn open_at(path: &Path, key: &Key) -> Result<(Info, File), Error> {
        let mut file = File::open(path)?;
        let info = header::read(&mut file)?;
        let whole = info.size.checked_add(header::BYTES) == Some(file.metadata()?.len());
        if info.key != key.as_str() || !whole {
            return Err(Error::Damaged);
        }
        Ok((info, file))
    }
}

impl Backend for Folder {
    fn put(&self, put: Put, data: Data) -> Answer<'_, Info> {
        Box::pin(self.store(put, data))
    }

    fn get(&self, component: &str, key: &Key) -> Answer<'_, (Info, Content)> {
        let (path, key) = (self.path(component, key), key.clone());
        Box::pin(async move {
            let path = path?;
            let (info, file) = blocking(move || Self::open_at(&path, &key)).await?;
            let content = content(file, info.size);
            Ok((info, content))
        })
    }

    fn head(&self, component: &str, key: &Key) -> Answer<'_, Info> {
        let (path, key) = (self.path(component, key), key.clone());
        Box::pin(async move {
            let path = path?;
            blocking(move || Ok(Self::open_at(&path, &key)?.0)).await
        })
    }

    fn delete(&self, component: &str, key: &Key) -> Answer<'_, ()> {
        let (own, path) = (self.of(component), self.path(component, key));
        Box::pin(async move {
            let (own, path) = (own?, path?);
            blocking(move || match fs::remove_file(path) {
                Ok(()) => Ok(sync_folder(&own)?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error.into()),
            })
            .await
        })
    }
}

/// Reads `left` bytes on demand, a chunk at a time.
fn content(file: File, left: u64) -> Content {
    Content::new(stream::try_unfold((file, left), async |(mut file, left)| {
        if left == 0 {
            return Ok(None);
        }
        let (file, chunk) = blocking(move || {
            let want = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK_BYTES);
            let mut chunk = vec![0; want];
            let read = io::Read::read(&mut file, &mut chunk)?;
            chunk.truncate(read);
            Ok((file, Bytes::from(chunk)))
        })
        .await?;
        let read = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        // Somebody cut the file short behind our back.
        let left = left.checked_sub(read).filter(|_| read > 0).ok_or(Error::Damaged)?;
        Ok(Some((chunk, (file, left))))
    }))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn make(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(dir)
}

/// Makes a component's folder durable before a file in it can be.
fn make_own(top: &Path, own: &Path) -> io::Result<()> {
    if own.join(PARTIAL).is_dir() {
        return Ok(());
    }
    make(&own.join(PARTIAL))?;
    sync_folder(own)?;
    sync_folder(top)
}

/// A rename or a new name is durable only once its folder is.
fn sync_folder(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
