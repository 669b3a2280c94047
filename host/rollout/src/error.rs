//! What can go wrong with releases and their files.

use std::io;

use crate::{Digest, ReleaseId};

/// Why something about a release was refused or could not be done. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Text that is no digest.
    #[error("`{0}` is no digest; write the 64 hexadecimal digits of a SHA-256")]
    NotADigest(String),
    /// Text that is no release.
    #[error("`{0}` is no release; write `r` and its number, for example `r12`")]
    NotARelease(String),
    /// Text that is no strategy.
    #[error("strategy `{text}` {reason}; write `now`, `canary` or steps in percent such as `5,25,50,100`")]
    Strategy {
        /// As it was given.
        text: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// The bytes are not what their digest promises; a file was changed or cut on its way.
    #[error("the content has digest {found}, not {expected}; send the file again")]
    Mismatch {
        /// What was promised.
        expected: Digest,
        /// What came.
        found: Digest,
    },
    /// No such object in the store.
    #[error("object {0} is not in the store; deploy again from the files")]
    NoObject(Digest),
    /// No such release, or no longer.
    #[error("there is no release {0}; `wharf releases` lists those that are kept")]
    NoRelease(ReleaseId),
    /// A release is immutable: its number is taken.
    #[error("release {0} exists already")]
    Exists(ReleaseId),
    /// A second deploy while one runs.
    #[error("a deploy by {holder} is under way since {since_us} us; wait for it, or `wharf abort` it")]
    Locked {
        /// Who.
        holder: String,
        /// Microseconds since 1970.
        since_us: u64,
    },
    /// Neither the record nor the one before it can be read.
    #[error("{file} and the copy before it are damaged; restore the state folder from a backup")]
    Damaged {
        /// The file, relative to the state folder.
        file: String,
    },
    /// Written by a later version of the host.
    #[error("{file} has format {version}, which this host does not know; start the newer host")]
    Newer {
        /// The file, relative to the state folder.
        file: String,
        /// Its format.
        version: u32,
    },
    /// The server that keeps journal and releases.
    #[error("the database server that keeps journal and releases fails ({reason}); nothing has changed")]
    Server {
        /// In its own words.
        reason: String,
    },
    /// Another host that shares the journal was faster.
    #[error("another host has changed the journal meanwhile; look at `wharf status` and try again")]
    Conflict,
    /// No space is left.
    #[error("the disk is full: {file} was not written and nothing has changed; free some space and try again")]
    Full {
        /// The file, relative to the state folder.
        file: String,
        /// For the log.
        #[source]
        source: io::Error,
    },
    /// The file system refuses.
    #[error("{file} cannot be read or written")]
    Disk {
        /// The file, relative to the state folder.
        file: String,
        /// For the log.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// Names the file an operation failed on.
    pub(crate) fn disk(file: &str, source: io::Error) -> Self {
        let file = file.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { file, source },
            _ => Self::Disk { file, source },
        }
    }
}
