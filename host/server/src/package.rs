//! A release with everything that it takes to serve it, read from the store; and how files become one.

use std::collections::BTreeMap;

use control::Kind;
use manifest::{App, Component};
use rollout::{Digest, MigrationRef, Part, Release, ReleaseId, Store};
use sql::Migration;

use crate::load::Application;
use crate::report::{Finding, Refusal};

/// The name that findings in a stored manifest carry.
const MANIFEST: &str = "spin.toml";

/// A release in memory: its manifest understood, its migrations read. The wasm files stay in the store.
pub struct Package {
    /// What it is made of.
    pub release: Release,
    /// What its manifest says.
    pub app: App,
    migrations: BTreeMap<String, Vec<Migration>>,
}

impl Package {
    /// Reads a release. Blocks for as long as the disk takes.
    ///
    /// # Errors
    /// [`Kind::Invalid`] with every finding of the manifest, or naming a migration; [`Kind::Unknown`] for a component
    /// without a wasm file; those of the store.
    pub fn open(store: &Store, release: Release) -> Result<Self, control::Refusal> {
        let text = text(store, &release.manifest, "the manifest")?;
        let (app, _) = manifest::parse(MANIFEST, &text).map_err(|findings| {
            let details = findings.iter().map(ToString::to_string).collect();
            control::Refusal::new(Kind::Invalid, "the manifest has errors").with(details)
        })?;
        let mut migrations = BTreeMap::new();
        for id in app.components.keys() {
            let part = release.components.get(id).ok_or_else(|| {
                let message = format!("the manifest names component `{id}`, which has no wasm file: deploy it too");
                control::Refusal::new(Kind::Unknown, message)
            })?;
            let files = part.migrations.iter().map(|migration| read(store, migration));
            migrations.insert(id.clone(), files.collect::<Result<_, _>>()?);
        }
        Ok(Self { release, app, migrations })
    }

    /// The migrations of a component, in the order in which they run.
    pub fn migrations(&self, id: &str) -> &[Migration] {
        self.migrations.get(id).map_or(&[], Vec::as_slice)
    }

    /// What a component is made of.
    pub fn part(&self, id: &str) -> Option<&Part> {
        self.release.components.get(id)
    }

    /// Puts the files of an application into the store. Nothing else changes.
    ///
    /// # Errors
    /// Every finding: a file that cannot be read, a migration that is none.
    pub fn import(
        store: &Store,
        application: &Application,
        id: ReleaseId,
        now_us: u64,
        by: &str,
    ) -> Result<Release, Refusal> {
        let (mut components, mut findings) = (BTreeMap::new(), Vec::new());
        for component in application.app.components.values() {
            match part(store, application, component) {
                Ok(part) => drop(components.insert(component.id.clone(), part)),
                Err(Refusal::Invalid(more)) => findings.extend(more),
                Err(failed) => return Err(failed),
            }
        }
        if !findings.is_empty() {
            return Err(Refusal::Invalid(findings));
        }
        Ok(Release {
            version: Release::VERSION,
            id,
            parent: None,
            created_at_us: now_us,
            by: by.to_owned(),
            note: String::new(),
            manifest: store.add_text(&application.text).map_err(failed)?,
            components,
        })
    }
}

/// Whether two releases serve just the same.
pub fn same(one: &Release, other: &Release) -> bool {
    let parts = |release: &Release| {
        let parts = release.components.iter();
        parts.map(|(id, part)| (id.clone(), (part.wasm, part.migrations.clone()))).collect::<BTreeMap<_, _>>()
    };
    one.manifest == other.manifest && parts(one) == parts(other)
}

fn part(store: &Store, application: &Application, component: &Component) -> Result<Part, Refusal> {
    let wasm = application.wasm(component).map_err(Refusal::invalid)?;
    let mut migrations = Vec::new();
    for migration in application.migrations(component).map_err(Refusal::invalid)? {
        let checksum = store.add_text(&migration.sql).map_err(failed)?;
        migrations.push(MigrationRef { name: migration.file_name(), checksum });
    }
    Ok(Part {
        wasm: store.add_wasm(&wasm).map_err(failed)?,
        size_bytes: u64::try_from(wasm.len()).unwrap_or(u64::MAX),
        label: String::new(),
        migrations,
        assets: BTreeMap::new(),
    })
}

fn read(store: &Store, migration: &MigrationRef) -> Result<Migration, control::Refusal> {
    let refuse = |reason: String| control::Refusal::new(Kind::Invalid, reason);
    let text = text(store, &migration.checksum, &migration.name)?;
    let read = Migration::parse_dir_entry(&migration.name, &text).map_err(|error| refuse(error.to_string()))?;
    read.ok_or_else(|| refuse(format!("{} is no migration: its name must end in .sql", migration.name)))
}

fn text(store: &Store, digest: &Digest, what: &str) -> Result<String, control::Refusal> {
    let bytes = store.read(digest)?;
    String::from_utf8(bytes).map_err(|_| control::Refusal::new(Kind::Invalid, format!("{what} is not UTF-8 text")))
}

fn failed(error: rollout::Error) -> Refusal {
    Refusal::Failed(error.into())
}

/// A refusal of the control plane, for the person who starts a host.
pub fn at_start(refusal: &control::Refusal) -> Refusal {
    let findings = refusal.details.iter().map(|detail| Finding { message: detail.clone(), hint: None });
    match refusal.kind {
        Kind::Invalid | Kind::Unapproved | Kind::Unknown if !refusal.details.is_empty() => {
            Refusal::Invalid(findings.collect())
        }
        Kind::Invalid | Kind::Unapproved | Kind::Unknown => {
            Refusal::invalid(Finding { message: refusal.message.clone(), hint: None })
        }
        _ => Refusal::Failed(anyhow::anyhow!("{}", refusal.message)),
    }
}
