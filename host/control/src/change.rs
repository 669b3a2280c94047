//! What somebody wants to deploy, by the digests of files that are in the store already.

use std::collections::{BTreeMap, BTreeSet};

use rollout::{Digest, MigrationRef, Strategy};
use serde::{Deserialize, Serialize};

/// What the next release has that the live one has not. Everything that is not named stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The text of `spin.toml`. Absent: the live release's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Digest>,
    /// The wasm file of a component, by its id. Absent: the live release's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub wasm: BTreeMap<String, Digest>,
    /// All migrations of a component in the order in which they run, by its id. Absent: the live release's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub migrations: BTreeMap<String, Vec<MigrationRef>>,
}

/// A change, and how it is to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What.
    #[serde(default)]
    pub change: Change,
    /// How weight goes to it. Absent: the operator's default (`[rollout] strategy` in host.toml).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// New rights and broken exports that are wanted, by the names that the plan gives them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub approve: BTreeSet<String>,
    /// Free text for people, at most 1,000 bytes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}
