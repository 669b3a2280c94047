//! The process-wide side: which component may store what, in which backend.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Answer, Backend, BlobCtx, Content, Data, Error, Folder, Info, Key, Put, TRANSFERS_MAX};

/// Microseconds since 1970-01-01T00:00:00Z.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Time one call may take where no request has begun: 30 s, the default deadline of a request.
pub const NO_REQUEST: Duration = Duration::from_secs(30);

/// Longest content type in bytes. Registered names end below 128 (RFC 6838); the rest is room for parameters.
pub const CONTENT_TYPE_MAX_BYTES: usize = 255;

/// Files for all components. Clones share one backend.
#[derive(Clone)]
pub struct BlobProvider {
    backend: Arc<dyn Backend>,
    clock: Clock,
}

impl BlobProvider {
    /// Files in a folder of this machine, made where it is absent. Blocks on the file system.
    ///
    /// # Errors
    /// [`Error::Unavailable`] where the folder cannot be made or read.
    pub fn open(dir: PathBuf, clock: Clock) -> Result<Self, Error> {
        Ok(Self::new(Folder::open(dir)?, clock))
    }

    /// Files in a backend of the caller's.
    pub fn new(backend: impl Backend, clock: Clock) -> Self {
        Self { backend: Arc::new(backend), clock }
    }

    /// What one instance of the component gets; answers `denied` where the manifest does not grant files.
    pub fn prepare(&self, component: &manifest::Component) -> BlobCtx {
        let store = component.grants.blob.map(|grant| self.store(&component.id, grant.max_bytes));
        BlobCtx::new(&component.id, store)
    }

    /// The files of one component, by its id, without a look at grants. Each call has transfers of its own to count.
    pub fn store(&self, component: &str, max_bytes: u64) -> BlobStore {
        BlobStore {
            backend: Arc::clone(&self.backend),
            clock: Arc::clone(&self.clock),
            component: component.into(),
            max_bytes,
            transfers: Arc::new(Semaphore::new(TRANSFERS_MAX)),
        }
    }
}

/// What is to be stored, but for its bytes.
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'a> {
    /// See [`Key`].
    pub key: &'a str,
    /// At most [`CONTENT_TYPE_MAX_BYTES`] of printable ASCII.
    pub content_type: &'a str,
    /// Most bytes taken; the grant may allow fewer.
    pub max_bytes: u64,
}

/// The files of one component. Clones share the count of open transfers.
#[derive(Clone)]
pub struct BlobStore {
    backend: Arc<dyn Backend>,
    clock: Clock,
    component: Arc<str>,
    max_bytes: u64,
    transfers: Arc<Semaphore>,
}

impl BlobStore {
    /// Stores the data under the key once it ended, replacing what was there.
    ///
    /// The old content stays until the new one is durable.
    /// Dropping the future keeps nothing of the new content, unless it was just being put in place.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::TooLarge`], [`Error::Interrupted`], [`Error::TooMany`], [`Error::Unavailable`],
    /// [`Error::Timeout`].
    pub async fn put(&self, file: NewFile<'_>, data: Data, deadline: Instant) -> Result<Info, Error> {
        let NewFile { key, content_type, max_bytes } = file;
        let key = Key::parse(key)?;
        check_content_type(content_type)?;
        let place = self.place()?;
        let put = Put {
            component: Arc::clone(&self.component),
            key,
            content_type: content_type.to_owned(),
            max_bytes: max_bytes.min(self.max_bytes),
            now: (self.clock)(),
        };
        let stored = until(deadline, self.backend.put(put, data)).await;
        drop(place);
        stored
    }

    /// Opens the content under the key. The deadline is for the opening; who reads holds himself to one.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotFound`], [`Error::Damaged`], [`Error::TooMany`], [`Error::Unavailable`],
    /// [`Error::Timeout`].
    pub async fn get(&self, key: &str, deadline: Instant) -> Result<(Info, Content), Error> {
        let key = Key::parse(key)?;
        let place = self.place()?;
        let (info, content) = until(deadline, self.backend.get(&self.component, &key)).await?;
        Ok((info, content.holding(place)))
    }

    /// Describes the content under the key.
    ///
    /// # Errors
    /// As [`get`](Self::get), but for `TooMany`.
    pub async fn head(&self, key: &str, deadline: Instant) -> Result<Info, Error> {
        let key = Key::parse(key)?;
        until(deadline, self.backend.head(&self.component, &key)).await
    }

    /// Removes what is under the key; an absent key is no error.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Unavailable`], [`Error::Timeout`].
    pub async fn delete(&self, key: &str, deadline: Instant) -> Result<(), Error> {
        let key = Key::parse(key)?;
        until(deadline, self.backend.delete(&self.component, &key)).await
    }

    fn place(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.transfers).try_acquire_owned().map_err(|_| Error::TooMany)
    }
}

async fn until<T>(deadline: Instant, answer: Answer<'_, T>) -> Result<T, Error> {
    tokio::time::timeout_at(deadline.into(), answer).await.map_err(|_| Error::Timeout)?
}

/// It will stand in a header one day, so it must be able to.
fn check_content_type(text: &str) -> Result<(), Error> {
    let invalid = |reason| Err(Error::Invalid { field: "content-type", reason });
    if text.len() > CONTENT_TYPE_MAX_BYTES {
        return invalid("is longer than 255 bytes");
    }
    if !text.bytes().all(|b| b == b' ' || b.is_ascii_graphic()) {
        return invalid("has a character that is not printable ASCII");
    }
    Ok(())
}
