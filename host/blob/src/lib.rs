//! Files for components: `wharf:blob`.
//!
//! Owns the rules of keys and sizes, the seam to whatever stores files ([`Backend`]) and the bridge between a guest's
//! streams and ours, with bounded buffers in both directions. The backend that comes along keeps files in a folder
//! ([`Folder`]); one for S3-compatible storage implements the same trait.
//!
//! Deliberately absent: listing, ranges, public addresses, sharing between components.

mod backend;
mod bindings;
mod ctx;
mod error;
mod host;
mod key;
mod provider;
mod transfer;

pub use backend::{Answer, Backend, Folder, Info, Put};
pub use ctx::{BlobCtx, BlobView, HasBlob};
pub use error::Error;
pub use host::{BlobData, add_to_linker};
pub use key::{KEY_MAX_BYTES, Key};
pub use provider::{BlobProvider, BlobStore, CONTENT_TYPE_MAX_BYTES, Clock, NO_REQUEST, NewFile};
pub use transfer::{CHUNK_BYTES, Content, Data, TRANSFERS_MAX};
