//! From the files of an application to what can be started: manifest, components, migrations.

use std::path::{Path, PathBuf};

use manifest::{App, Component, Source};
use runtime::{Artifact, Artifacts};

use crate::report::{Finding, Refusal};
use crate::{capabilities, compile};

/// A manifest that was read and found right, with its files.
pub struct Application {
    /// What the manifest says.
    pub app: App,
    /// The folder that paths in it are relative to.
    pub root: PathBuf,
    /// What is questionable about it.
    pub warnings: Vec<Finding>,
    /// The manifest's file.
    pub manifest: PathBuf,
    /// The manifest itself.
    pub text: String,
}

impl Application {
    /// Reads the manifest; `path` is the file or its folder.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with every finding.
    pub fn read(path: &Path) -> Result<Self, Refusal> {
        let path = if path.is_dir() { path.join("spin.toml") } else { path.to_owned() };
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let hint = "name the manifest with `-f <file or folder>`";
            Refusal::invalid(Finding::new(format!("cannot read {name}: {error}"), hint))
        })?;
        let root = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        match manifest::parse(&name, &text) {
            Ok((app, warnings)) => {
                let warnings = warnings.iter().map(Finding::from).collect();
                Ok(Self { app, root, warnings, manifest: path, text })
            }
            Err(findings) => Err(Refusal::Invalid(findings.iter().map(Finding::from).collect())),
        }
    }

    /// Compiles every component, or maps what an earlier start compiled, and checks its imports against its grants.
    /// `cache` is the folder of `artifacts`.
    ///
    /// # Errors
    /// Every finding of every component.
    pub fn artifacts(&self, artifacts: &Artifacts, cache: &Path) -> Result<Vec<(Component, Artifact)>, Refusal> {
        let mut ready = Vec::new();
        let mut findings = Vec::new();
        for component in self.app.components.values() {
            match self.artifact(component, artifacts, cache) {
                Ok(artifact) => {
                    findings.extend(
                        capabilities::check(&artifact, component)
                            .iter()
                            .map(|ungranted| Finding::new(ungranted.to_string(), ungranted.line.clone())),
                    );
                    ready.push((component.clone(), artifact));
                }
                Err(finding) => findings.push(finding),
            }
        }
        if findings.is_empty() { Ok(ready) } else { Err(Refusal::Invalid(findings)) }
    }

    /// Where the component's wasm file is.
    pub fn file(&self, component: &Component) -> PathBuf {
        let Source::File(file) = &component.source;
        self.root.join(file)
    }

    /// The component's wasm file.
    ///
    /// # Errors
    /// When it cannot be read; the hint says how it is built.
    pub fn wasm(&self, component: &Component) -> Result<Vec<u8>, Finding> {
        let path = self.file(component);
        std::fs::read(&path).map_err(|error| {
            let hint = match &component.build {
                Some(command) => format!("build it: `{command}`"),
                None => "check the component's `source`".to_owned(),
            };
            Finding::new(format!("component `{}`: cannot read {}: {error}", component.id, path.display()), hint)
        })
    }

    fn artifact(&self, component: &Component, artifacts: &Artifacts, cache: &Path) -> Result<Artifact, Finding> {
        let wasm = self.wasm(component)?;
        if !artifacts.has(&wasm) {
            compile::in_child(&component.id, &self.file(component), cache, compile::Haste::Start);
        }
        artifacts.load(&component.id, &wasm).map_err(|error| Finding::from_error(&error))
    }

    /// The migrations of the component's database, in order.
    ///
    /// # Errors
    /// When the folder cannot be read or a file in it is no migration.
    pub fn migrations(&self, component: &Component) -> Result<Vec<sql::Migration>, Finding> {
        let folder = component.grants.sql.as_ref().and_then(|grant| grant.migrations.as_ref());
        let Some(folder) = folder.map(|folder| self.root.join(folder)) else { return Ok(Vec::new()) };
        let unreadable = |error: std::io::Error| {
            let message = format!("component `{}`: cannot read {}: {error}", component.id, folder.display());
            Finding::new(message, "name the folder of its migrations in `sql.migrations`")
        };
        let mut migrations = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            if !path.is_file() {
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(unreadable)?;
            let migration = sql::Migration::parse_dir_entry(&name, &text);
            migrations.extend(migration.map_err(|error| Finding::from_error(&error))?);
        }
        migrations.sort_by_key(|migration| migration.version);
        Ok(migrations)
    }
}
