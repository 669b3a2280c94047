//! The databases of a release: migrated before it serves, contracted after its former is gone.

use std::sync::Arc;

use control::{Kind, Refusal};
use rollout::Applied;

use super::{Platform, chain};
use crate::generation::Crew;
use crate::package::Package;

impl Platform {
    /// Its databases are there and as its migrations say, and what they send is carried.
    pub(super) async fn migrated(self: Arc<Self>, package: Package) -> Result<Package, Refusal> {
        for (id, component) in &package.app.components {
            let declared = self.capabilities.sql.declare(component, package.migrations(id).to_vec()).await;
            declared.map_err(|error| Refusal::new(Kind::Failed, format!("component `{id}`: {}", chain(&error))))?;
        }
        self.relays.follow(&self.capabilities);
        Ok(package)
    }

    /// Carries out the contract migrations of a release whose former is gone.
    pub(super) async fn contracted(self: Arc<Self>, package: Package) -> Result<(), Refusal> {
        for (id, component) in &package.app.components {
            let done = self.capabilities.sql.contract(component, package.migrations(id).to_vec()).await;
            done.map_err(|error| Refusal::new(Kind::Failed, format!("component `{id}`: {}", chain(&error))))?;
        }
        Ok(())
    }

    /// Migrations that the databases have seen.
    pub(super) async fn ran(self: Arc<Self>) -> Result<Vec<Applied>, Refusal> {
        let Some(live) = self.live() else { return Ok(Vec::new()) };
        let app = Crew::of(&live).map(|crew| Arc::clone(&crew.app));
        let mut applied = Vec::new();
        for (id, component) in app.iter().flat_map(|app| &app.components) {
            // Who shares a database does not own its schema.
            if component.grants.sql.as_ref().is_none_or(|grant| grant.migrations.is_none()) {
                continue;
            }
            let ran = self.capabilities.sql.applied(component).await;
            for migration in ran.map_err(|error| Refusal::new(Kind::Unavailable, chain(&error)))? {
                let text = migration.checksum.parse().ok().and_then(|digest| self.store.read(&digest).ok());
                let sql = text.and_then(|text| String::from_utf8(text).ok()).unwrap_or_default();
                applied.push(Applied { component: id.clone(), name: migration.file, sql });
            }
        }
        Ok(applied)
    }
}
