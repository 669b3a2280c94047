//! Compiled components: ahead of time, cached on disk by content, mapped into memory at the next start.
#![expect(unsafe_code, reason = "wasmtime cannot verify native code that it maps; see `map`")]

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use wasmtime::component::Component;

use crate::{Engine, Error};

/// A compiled component that has not been linked yet.
#[derive(Clone)]
pub struct Artifact {
    component: Component,
    digest: String,
    engine: wasmtime::Engine,
}

impl Artifact {
    /// SHA-256 of the wasm file, lower-case hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Full names of what the component imports, for example `wharf:sql/sql@0.1.0`.
    pub fn imports(&self) -> Vec<String> {
        self.component.component_type().imports(&self.engine).map(|(name, _)| name.to_owned()).collect()
    }

    /// Full names of what the component exports.
    pub fn exports(&self) -> Vec<String> {
        self.component.component_type().exports(&self.engine).map(|(name, _)| name.to_owned()).collect()
    }

    pub(crate) fn component(&self) -> &Component {
        &self.component
    }
}

/// The compilation cache: a private folder of native code by digest of the wasm and version of the engine.
#[derive(Clone)]
pub struct Artifacts {
    folder: PathBuf,
    engine: Engine,
    /// Engine version, settings and CPU features: a cache entry is valid for these alone.
    compatibility: u64,
}

impl Artifacts {
    /// Opens the cache, making the folder (mode 0700) where it is absent.
    ///
    /// # Errors
    /// [`Error::Cache`] when the folder cannot be made.
    pub fn open(engine: &Engine, folder: PathBuf) -> Result<Self, Error> {
        let cache = |source| Error::Cache { path: folder.clone(), source };
        make_private_folder(&folder).map_err(cache)?;
        let mut hasher = DefaultHasher::new();
        engine.wasmtime().precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self { folder, engine: engine.clone(), compatibility: hasher.finish() })
    }

    /// Compiles the component or maps what an earlier call compiled. Blocks for as long as the compiler runs (about
    /// 0.4 s per MB and core), so call it off the request path.
    ///
    /// # Errors
    /// [`Error::NotAComponent`] for bytes that are none; [`Error::Cache`] when the result cannot be kept.
    pub fn load(&self, id: &str, wasm: &[u8]) -> Result<Artifact, Error> {
        let digest = hex(&Sha256::digest(wasm));
        let path = self.path(&digest);
        // A file that does not load (a half-written disk, another build of the engine) is compiled again.
        let component = if let Some(component) = self.map(&path) {
            component
        } else {
            self.compile(id, wasm, &path)?;
            self.map(&path).ok_or_else(|| Error::Cache {
                path: path.clone(),
                source: std::io::Error::other("the file just written does not load"),
            })?
        };
        Ok(Artifact { component, digest, engine: self.engine.wasmtime().clone() })
    }

    /// Whether this component is compiled already, so that [`Artifacts::load`] only maps it.
    pub fn has(&self, wasm: &[u8]) -> bool {
        self.path(&hex(&Sha256::digest(wasm))).exists()
    }

    /// Removes what was compiled from a wasm file, by its SHA-256. What is mapped stays mapped; what is needed again is
    /// compiled again.
    pub fn forget(&self, digest: &str) {
        match fs::remove_file(self.path(digest)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(digest, %error, "a compiled component stays in the cache");
            }
            _ => {}
        }
    }

    fn path(&self, digest: &str) -> PathBuf {
        self.folder.join(format!("{digest}-{:016x}.cwasm", self.compatibility))
    }

    fn compile(&self, id: &str, wasm: &[u8], path: &Path) -> Result<(), Error> {
        let code = self
            .engine
            .wasmtime()
            .precompile_component(wasm)
            .map_err(|error| Error::NotAComponent { component: id.to_owned(), reason: format!("{error:#}") })?;
        write_atomically(path, &code).map_err(|source| Error::Cache { path: path.to_owned(), source })
    }

    fn map(&self, path: &Path) -> Option<Component> {
        if !path.exists() {
            return None;
        }
        // SAFETY: the file was written by `compile` of this or an equal engine (the name carries the compatibility
        // hash) into a folder that only this user can write, by rename, so it is whole and ours.
        let mapped = unsafe { Component::deserialize_file(self.engine.wasmtime(), path) };
        mapped.inspect_err(|error| tracing::warn!(path = %path.display(), "compiled again: {error:#}")).ok()
    }
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// Readers see the whole file or none, also after a crash.
fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let mut file = fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
