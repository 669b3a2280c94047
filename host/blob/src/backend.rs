//! The seam between the interface and what stores files.

mod folder;

use std::pin::Pin;
use std::sync::Arc;

pub use folder::Folder;

use crate::{Content, Data, Error, Key};

/// What is known about a stored file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Info {
    /// Its key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// Of the content, lower-case hexadecimal.
    pub sha256: String,
    /// As given when it was stored.
    pub content_type: String,
    /// When this content was stored, microseconds since the epoch.
    pub created: i64,
}

/// A file to be stored.
#[derive(Clone, Debug)]
pub struct Put {
    /// Whose file it is: a kebab-case id.
    pub component: Arc<str>,
    /// Under which key.
    pub key: Key,
    /// Checked by the caller: short, printable ASCII.
    pub content_type: String,
    /// Most bytes taken.
    pub max_bytes: u64,
    /// Microseconds since the epoch.
    pub now: i64,
}

/// The pending answer of a [`Backend`].
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Stores files. Files of two components never meet.
///
/// Every future may be dropped at any point (deadline, a caller that went away): a put then leaves either the old
/// content or the new one, whole, and nothing else.
pub trait Backend: Send + Sync + 'static {
    /// Stores the content once the data ended; answers when it is durable. Until then the old content stays.
    ///
    /// [`Error::TooLarge`] as soon as `max_bytes` is passed, [`Error::Interrupted`] on an error item.
    fn put(&self, put: Put, data: Data) -> Answer<'_, Info>;

    /// Opens a file.
    fn get(&self, component: &str, key: &Key) -> Answer<'_, (Info, Content)>;

    /// Describes a file.
    fn head(&self, component: &str, key: &Key) -> Answer<'_, Info>;

    /// Removes a file; an absent one is no error.
    fn delete(&self, component: &str, key: &Key) -> Answer<'_, ()>;
}
