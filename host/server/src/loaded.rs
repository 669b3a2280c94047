//! Components that are in memory already, so that a deploy maps each file once: it looks at its release three times and at
//! the one that serves once or twice, and requests share the processor with that.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rollout::Digest;
use runtime::Artifact;

/// By the digest of the wasm file: what the release that was made ready last consists of, and what was looked at since.
#[derive(Default)]
pub struct Loaded(Mutex<BTreeMap<Digest, Artifact>>);

impl Loaded {
    /// The component of this file.
    pub fn get(&self, wasm: &Digest) -> Option<Artifact> {
        self.artifacts().get(wasm).cloned()
    }

    /// Remembers it.
    pub fn put(&self, wasm: Digest, artifact: Artifact) {
        self.artifacts().insert(wasm, artifact);
    }

    /// Forgets all others. What is in use stays in memory for those who use it.
    pub fn keep(&self, wasm: &[Digest]) {
        self.artifacts().retain(|digest, _| wasm.contains(digest));
    }

    fn artifacts(&self) -> MutexGuard<'_, BTreeMap<Digest, Artifact>> {
        // Entries are added and removed whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
