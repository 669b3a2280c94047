//! A release: one immutable generation of the whole application.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Digest, Error};

/// Number of a release, from 1, ascending, never used twice. Written `r12`, in JSON too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ReleaseId(pub u64);

/// One immutable generation of the application: everything that is needed to serve it again, by digest.
///
/// Fields that a newer host has added are passed over when it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Format of this record: [`Release::VERSION`].
    pub version: u32,
    /// Its number.
    pub id: ReleaseId,
    /// What was live when it was made.
    #[serde(default)]
    pub parent: Option<ReleaseId>,
    /// Microseconds since 1970.
    pub created_at_us: u64,
    /// Who made it: a user, a token's name, `wharf up`.
    #[serde(default)]
    pub by: String,
    /// Free text for people.
    #[serde(default)]
    pub note: String,
    /// The manifest's text in the store.
    pub manifest: Digest,
    /// By component id.
    pub components: BTreeMap<String, Part>,
}

/// One component of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The wasm file in the store.
    pub wasm: Digest,
    /// Bytes of the wasm file.
    pub size_bytes: u64,
    /// Version or other label for people.
    #[serde(default)]
    pub label: String,
    /// In the order in which they run.
    #[serde(default)]
    pub migrations: Vec<MigrationRef>,
    /// Path below the component's assets to the file in the store.
    #[serde(default)]
    pub assets: BTreeMap<String, Digest>,
}

/// A migration file of a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MigrationRef {
    /// File name, `NNNN_name.expand.sql` or `NNNN_name.contract.sql`.
    pub name: String,
    /// SHA-256 of its text with LF line ends: its checksum in the database and, when added so, its name in the store.
    pub checksum: Digest,
}

// === impl Release ===

impl Release {
    /// Format that this host writes, and the newest that it reads.
    pub const VERSION: u32 = 1;

    /// Every object of the store that it needs.
    pub fn objects(&self) -> BTreeSet<Digest> {
        let parts = self.components.values().flat_map(|part| {
            let migrations = part.migrations.iter().map(|migration| migration.checksum);
            std::iter::once(part.wasm).chain(migrations).chain(part.assets.values().copied())
        });
        std::iter::once(self.manifest).chain(parts).collect()
    }
}

// === impl ReleaseId ===

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

impl FromStr for ReleaseId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refuse = || Error::NotARelease(text.to_owned());
        let digits = text.strip_prefix('r').ok_or_else(refuse)?;
        // One spelling each: `r07` and `r+7` are none.
        let number = digits.parse().ok().filter(|number: &u64| *number > 0 && number.to_string() == digits);
        number.map(Self).ok_or_else(refuse)
    }
}

impl From<ReleaseId> for String {
    fn from(id: ReleaseId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ReleaseId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_one_spelling() {
        assert_eq!("r12".parse::<ReleaseId>().unwrap(), ReleaseId(12));
        for text in ["", "r", "12", "r0", "r07", "r+7", "R1", "r1 ", "r-1", "r99999999999999999999"] {
            assert!(text.parse::<ReleaseId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn fields_of_a_newer_host_are_passed_over() {
        let digest = Digest::of(b"x");
        let text = format!(
            r#"{{"version":1,"id":"r3","created_at_us":5,"manifest":"{digest}","later":[1],
               "components":{{"a":{{"wasm":"sha256:{digest}","size_bytes":1,"signature":"?"}}}}}}"#
        );
        let release: Release = serde_json::from_str(&text).unwrap();
        assert_eq!((release.id, release.parent), (ReleaseId(3), None));
        assert_eq!(release.components["a"].wasm, digest);
        let again: Release = serde_json::from_str(&serde_json::to_string(&release).unwrap()).unwrap();
        assert_eq!(again, release);
        assert_eq!(release.objects().len(), 1);
    }
}
