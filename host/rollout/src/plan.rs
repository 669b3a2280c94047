//! What a deploy would change, and what of it somebody has to approve by name.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ComponentFacts, Facts};

/// The difference between two releases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Application first, then by component.
    pub changes: Vec<Change>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The component, `None` for the application.
    pub component: Option<String>,
    /// What kind.
    pub kind: Kind,
    /// In words, `+ mail` or `- /tickets`.
    pub text: String,
    /// The name under which it must be approved (`--approve`). `None`: safe.
    pub approval: Option<String>,
}

/// What is different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The component comes or goes.
    Component,
    /// Other wasm.
    Code,
    /// What it needs from the host.
    Import,
    /// What it offers.
    Export,
    /// What the manifest allows.
    Grant,
    /// A host it may call.
    Outbound,
    /// A public route.
    Route,
    /// A queue, a schedule, a private route.
    Consumer,
    /// A variable.
    Variable,
    /// A migration.
    Migration,
}

/// Imports that give no right: computing, time, chance and text of one's own. Everything else reaches something.
const INERT: [&str; 7] =
    ["wasi:cli/", "wasi:clocks/", "wasi:io/", "wasi:random/", "wasi:http/types", "wasi:logging/", "wharf:log/"];

// === impl Plan ===

impl Plan {
    /// Compares. An empty `old` is a first deploy: then every right is new, and the caller may well take the manifest
    /// itself for the approval.
    pub fn between(old: &Facts, new: &Facts) -> Self {
        let mut plan = Self::default();
        let nobody = BTreeSet::new();
        // What is public already may change its component.
        let public: BTreeSet<_> = old.routes.iter().map(|route| pattern(route)).collect();
        let open = |route: &str| {
            let pattern = pattern(route);
            (!public.contains(pattern)).then(|| pattern.trim_start_matches('/').to_owned())
        };
        plan.sets(None, Kind::Route, (&old.routes, &new.routes), &open);
        plan.sets(None, Kind::Variable, (&old.variables, &new.variables), &|_| None);
        for (id, component) in &new.components {
            if let Some(former) = old.components.get(id) {
                plan.component(id, former, component, &used(new, id));
            } else {
                plan.push(Some(id), Kind::Component, format!("+ {id}"), None);
                plan.component(id, &ComponentFacts::default(), component, &nobody);
            }
        }
        for id in old.components.keys().filter(|id| !new.components.contains_key(*id)) {
            let users = used(new, id);
            let approval = (!users.is_empty()).then(|| format!("{id}/component/{id}"));
            plan.push(Some(id), Kind::Component, format!("- {id}"), approval);
        }
        plan
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// What is still to be approved.
    pub fn missing(&self, approved: &BTreeSet<String>) -> Vec<&Change> {
        let missing = |change: &&Change| change.approval.as_ref().is_some_and(|name| !approved.contains(name));
        self.changes.iter().filter(missing).collect()
    }

    fn component(&mut self, id: &str, old: &ComponentFacts, new: &ComponentFacts, used: &BTreeSet<String>) {
        if old.digest != new.digest {
            let short = |facts: &ComponentFacts| facts.digest.map_or_else(|| "nothing".into(), |digest| digest.short());
            self.push(Some(id), Kind::Code, format!("{} -> {}", short(old), short(new)), None);
        }
        // A new patch of an interface is no new right.
        let rights: BTreeSet<_> = old.imports.iter().map(|import| unversioned(import)).collect();
        let right = |import: &str| {
            let inert = INERT.iter().any(|prefix| import.starts_with(prefix));
            (!inert && !rights.contains(unversioned(import))).then(|| import.to_owned())
        };
        let named = |name: &str| Some(name.to_owned());
        self.sets(Some(id), Kind::Import, (&old.imports, &new.imports), &right);
        self.exports(id, old, new, used);
        self.sets(Some(id), Kind::Grant, (&old.grants, &new.grants), &named);
        self.sets(Some(id), Kind::Outbound, (&old.outbound, &new.outbound), &named);
        self.sets(Some(id), Kind::Consumer, (&old.consumers, &new.consumers), &|_| None);
        self.sets(Some(id), Kind::Variable, (&old.variables, &new.variables), &|_| None);
        self.migrations(id, old, new);
    }

    /// An export that somebody uses and that is gone. A changed one is gone and new, since its name holds its version.
    fn exports(&mut self, id: &str, old: &ComponentFacts, new: &ComponentFacts, used: &BTreeSet<String>) {
        for export in new.exports.difference(&old.exports) {
            self.push(Some(id), Kind::Export, format!("+ {export}"), None);
        }
        for export in old.exports.difference(&new.exports) {
            let approval = used.contains(export).then(|| format!("{id}/export/{export}"));
            let users = if approval.is_some() { ", which others use" } else { "" };
            self.push(Some(id), Kind::Export, format!("- {export}{users}"), approval);
        }
    }

    /// New ones are safe when they expand; a contract one takes the way back, and a changed or lost one has run as
    /// something else.
    fn migrations(&mut self, id: &str, old: &ComponentFacts, new: &ComponentFacts) {
        let name = |migration: &str| Some(format!("{id}/migration/{migration}"));
        for migration in &new.migrations {
            let file = &migration.name;
            match old.migrations.iter().find(|former| former.name == *file) {
                Some(former) if former.checksum == migration.checksum => {}
                Some(_) => self.push(Some(id), Kind::Migration, format!("{file} has another text"), name(file)),
                None if file.ends_with(".contract.sql") => {
                    self.push(
                        Some(id),
                        Kind::Migration,
                        format!("+ {file}, after which there is no way back"),
                        name(file),
                    );
                }
                None => self.push(Some(id), Kind::Migration, format!("+ {file}"), None),
            }
        }
        let gone = |former: &&crate::MigrationRef| new.migrations.iter().all(|migration| migration.name != former.name);
        for former in old.migrations.iter().filter(gone) {
            self.push(Some(id), Kind::Migration, format!("- {}", former.name), name(&former.name));
        }
    }

    /// Both sides of two sets; `right` says for what is new which right it is.
    fn sets(
        &mut self,
        component: Option<&str>,
        kind: Kind,
        (old, new): (&BTreeSet<String>, &BTreeSet<String>),
        right: &dyn Fn(&str) -> Option<String>,
    ) {
        let owner = component.map_or_else(String::new, |id| format!("{id}/"));
        for text in new.difference(old) {
            let approval = right(text).map(|name| format!("{owner}{kind}/{name}"));
            self.push(component, kind, format!("+ {text}"), approval);
        }
        for text in old.difference(new) {
            self.push(component, kind, format!("- {text}"), None);
        }
    }

    fn push(&mut self, component: Option<&str>, kind: Kind, text: String, approval: Option<String>) {
        self.changes.push(Change { component: component.map(str::to_owned), kind, text, approval });
    }
}

/// Exports of `id` that somebody uses.
fn used(facts: &Facts, id: &str) -> BTreeSet<String> {
    let uses = facts.components.values().flat_map(|component| &component.uses);
    uses.filter(|(of, _)| of == id).map(|(_, export)| export.clone()).collect()
}

fn pattern(route: &str) -> &str {
    route.split_once(" -> ").map_or(route, |(pattern, _)| pattern)
}

fn unversioned(name: &str) -> &str {
    name.split_once('@').map_or(name, |(name, _)| name)
}

// === impl Kind ===

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Component => "component",
            Self::Code => "code",
            Self::Import => "import",
            Self::Export => "export",
            Self::Grant => "grant",
            Self::Outbound => "outbound",
            Self::Route => "route",
            Self::Consumer => "consumer",
            Self::Variable => "variable",
            Self::Migration => "migration",
        })
    }
}

#[cfg(test)]
mod tests;
