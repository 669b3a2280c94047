//! What a deploy sends: files from the developer's folder, by their digests, checked before anything leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use control::{Change, Kind, Refusal};
use manifest::{App, Component, Source};
use rollout::{Digest, MigrationRef};

use crate::cli::What;
use crate::component_file;

/// Name of the manifest in a folder.
const MANIFEST: &str = "spin.toml";

/// A change with the files that it names.
#[derive(Debug, Default)]
pub struct Parcel {
    /// What is new.
    pub change: Change,
    /// The files, by digest.
    pub objects: BTreeMap<Digest, Object>,
}

/// A file.
#[derive(Debug)]
pub struct Object {
    /// For people.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Parcel {
    /// Reads and checks what the command line names.
    ///
    /// # Errors
    /// [`Kind::Invalid`] with one sentence that says what to do.
    pub fn read(what: &What) -> Result<Self, Refusal> {
        let mut parcel = Self::default();
        match (&what.component, &what.path) {
            (None, _) => parcel.application(&what.manifest)?,
            (Some(id), None) => parcel.with_manifest(id, &what.manifest)?,
            (Some(id), Some(path)) if path.is_dir() => parcel.with_manifest(id, path)?,
            (Some(id), Some(path)) => {
                parcel.wasm(id, path)?;
                if let Some(folder) = &what.migrations {
                    parcel.migrations(id, Some(folder))?;
                }
            }
        }
        Ok(parcel)
    }

    /// The manifest with all components.
    fn application(&mut self, path: &Path) -> Result<(), Refusal> {
        let (app, root) = self.manifest(path)?;
        app.components.values().try_for_each(|component| self.component(component, &root))
    }

    /// The manifest with one component.
    fn with_manifest(&mut self, id: &str, path: &Path) -> Result<(), Refusal> {
        if id.contains(['/', '.']) && !path.join(id).is_dir() {
            let message = format!(
                "`{id}` is no component; write `wharf deploy <component> {id}`, or `-f {id}` for a whole application"
            );
            return Err(Refusal::new(Kind::Invalid, message));
        }
        let (app, root) = self.manifest(path)?;
        let component = app.components.get(id).ok_or_else(|| {
            let known: Vec<_> = app.components.keys().map(String::as_str).collect();
            let message = format!("the manifest has no component `{id}`; it has {}", known.join(", "));
            Refusal::new(Kind::Unknown, message)
        })?;
        self.component(component, &root)
    }

    fn manifest(&mut self, path: &Path) -> Result<(App, PathBuf), Refusal> {
        let path = if path.is_dir() { path.join(MANIFEST) } else { path.to_owned() };
        let name = path.display().to_string();
        let text = fs::read_to_string(&path).map_err(|error| {
            let hint = "name the manifest with `-f <file or folder>`";
            Refusal::new(Kind::Invalid, format!("cannot read {name}: {error}; {hint}"))
        })?;
        let (app, _) = manifest::parse(&name, &text).map_err(|findings| {
            let message = format!("{name} has errors; `wharf check` shows them with hints");
            Refusal::new(Kind::Invalid, message).with(findings.iter().map(ToString::to_string).collect())
        })?;
        self.change.manifest = Some(self.object(&name, text.into_bytes()));
        Ok((app, path.parent().map_or_else(PathBuf::new, Path::to_owned)))
    }

    fn component(&mut self, component: &Component, root: &Path) -> Result<(), Refusal> {
        let Source::File(file) = &component.source;
        self.wasm(&component.id, &root.join(file))?;
        let folder = component.grants.sql.as_ref().and_then(|grant| grant.migrations.as_ref());
        self.migrations(&component.id, folder.map(|folder| root.join(folder)).as_deref())
    }

    fn wasm(&mut self, id: &str, path: &Path) -> Result<(), Refusal> {
        let name = path.display().to_string();
        let invalid = |what: String| Refusal::new(Kind::Invalid, format!("component `{id}`: {name} {what}"));
        let bytes = fs::read(path).map_err(|error| invalid(format!("cannot be read ({error}); build it first")))?;
        component_file::check(&bytes).map_err(invalid)?;
        if bytes.len() > admin::OBJECT_BYTES_MAX {
            let max = admin::OBJECT_BYTES_MAX >> 20;
            return Err(invalid(format!("is larger than {max} MiB; strip it or optimise it for size")));
        }
        let digest = self.object(&name, bytes);
        self.change.wasm.insert(id.to_owned(), digest);
        Ok(())
    }

    /// In the order of their numbers. Line ends are LF, as the checksum in the database wants it.
    fn migrations(&mut self, id: &str, folder: Option<&Path>) -> Result<(), Refusal> {
        let mut found = BTreeMap::new();
        if let Some(folder) = folder {
            let unreadable = |path: &Path, error: std::io::Error| {
                let message = format!("component `{id}`: cannot read {}: {error}", path.display());
                Refusal::new(Kind::Invalid, format!("{message}; name the folder of its migrations"))
            };
            for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
                let path = entry.map_err(|error| unreadable(folder, error))?.path();
                let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
                if !path.is_file() || path.extension().is_none_or(|extension| extension != "sql") {
                    continue;
                }
                let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
                let text = text.replace("\r\n", "\n");
                let migration = sql::Migration::parse_dir_entry(name, &text);
                let migration = migration.map_err(|error| Refusal::new(Kind::Invalid, error.to_string()))?;
                let Some(migration) = migration else { continue };
                let checksum = self.object(&path.display().to_string(), text.into_bytes());
                let reference = MigrationRef { name: name.to_owned(), checksum };
                if let Some(MigrationRef { name: other, .. }) = found.insert(migration.version, reference) {
                    let message = format!("{name} and {other} of `{id}` have the same number; renumber the newer one");
                    return Err(Refusal::new(Kind::Invalid, message));
                }
            }
        }
        self.change.migrations.insert(id.to_owned(), found.into_values().collect());
        Ok(())
    }

    fn object(&mut self, name: &str, bytes: Vec<u8>) -> Digest {
        let digest = Digest::of(&bytes);
        self.objects.entry(digest).or_insert_with(|| Object { name: name.to_owned(), bytes: bytes.into() });
        digest
    }
}
