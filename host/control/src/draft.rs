//! The next release on paper: the live one with a change in it, compared and approved.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollout::{Digest, Facts, Part, Plan, Release, ReleaseId};

use crate::ledger::Ledger;
use crate::{Change, Kind, Order, PlanView, Refusal};

/// Longest note in bytes.
const NOTE_BYTES_MAX: usize = 1_000;

/// A release that was compared with the live one.
pub(crate) struct Draft {
    pub(crate) release: Release,
    pub(crate) plan: Plan,
}

impl Draft {
    /// Puts a release together and compares it. Compiles what is new.
    pub(crate) async fn new(ledger: &Arc<Ledger>, id: ReleaseId, change: Change) -> Result<Self, Refusal> {
        let live = match ledger.state().live {
            Some(live) => Some(ledger.release(live).await?),
            None => None,
        };
        let named: Vec<_> = change.wasm.keys().chain(change.migrations.keys()).cloned().collect();
        let mut release = release(ledger, id, live.as_ref(), change)?;
        let facts = ledger.platform.facts(release.clone()).await?;
        if let Some(unknown) = named.iter().find(|id| !facts.components.contains_key(*id)) {
            let known = facts.components.keys().cloned().collect::<Vec<_>>().join(", ");
            let message = format!("there is no component `{unknown}`; the manifest names {known}");
            return Err(Refusal::new(Kind::Unknown, message));
        }
        // What the manifest no longer names is no longer part of it.
        release.components.retain(|id, _| facts.components.contains_key(id));
        let before = match live {
            Some(live) => ledger.platform.facts(live).await?,
            None => Facts::default(),
        };
        Ok(Self { release, plan: Plan::between(&before, &facts) })
    }

    /// What an operator is shown.
    pub(crate) fn view(self) -> PlanView {
        let unapproved = self.unapproved(&Order::of(Change::default()));
        PlanView { plan: self.plan, unapproved, live: self.release.parent }
    }

    /// Refuses an order that changes nothing, or more than was approved by name.
    pub(crate) fn approve(&self, order: &Order) -> Result<(), Refusal> {
        if order.note.len() > NOTE_BYTES_MAX {
            return Err(Refusal::new(Kind::Invalid, format!("the note is longer than {NOTE_BYTES_MAX} bytes")));
        }
        if self.plan.is_empty() {
            let live = self.release.parent.map_or_else(String::new, |live| live.to_string());
            return Err(Refusal::new(Kind::Conflict, format!("nothing changes: {live} serves just this already")));
        }
        let unapproved = self.unapproved(order);
        if unapproved.is_empty() {
            return Ok(());
        }
        let message = "this release asks for more than the live one has; approve each by name if that is wanted";
        Err(Refusal::new(Kind::Unapproved, message).with(unapproved))
    }

    fn unapproved(&self, order: &Order) -> Vec<String> {
        self.plan.missing(&order.approve).into_iter().filter_map(|change| change.approval.clone()).collect()
    }
}

impl Order {
    /// A change with every default.
    pub fn of(change: Change) -> Self {
        Self { change, strategy: None, approve: [].into(), note: String::new() }
    }
}

fn release(ledger: &Ledger, id: ReleaseId, live: Option<&Release>, change: Change) -> Result<Release, Refusal> {
    let Change { manifest, wasm, migrations } = change;
    let manifest = manifest.or_else(|| live.map(|live| live.manifest));
    let manifest = manifest.ok_or_else(|| {
        Refusal::new(
            Kind::Conflict,
            "nothing is live yet: deploy the whole application, from the folder of its manifest",
        )
    })?;
    let mut components = live.map_or_else(BTreeMap::new, |live| live.components.clone());
    for (id, digest) in wasm {
        let part = components.entry(id).or_insert_with(|| empty(digest));
        *part = Part { wasm: digest, size_bytes: size(ledger, &digest)?, assets: [].into(), ..part.clone() };
    }
    for (id, files) in migrations {
        let unknown = || Refusal::new(Kind::Unknown, format!("there are migrations of `{id}` and no wasm file of it"));
        components.get_mut(&id).ok_or_else(unknown)?.migrations = files;
    }
    let release = Release {
        version: Release::VERSION,
        id,
        parent: live.map(|live| live.id),
        created_at_us: ledger.now_us(),
        by: String::new(),
        note: String::new(),
        manifest,
        components,
    };
    match release.objects().into_iter().find(|digest| !ledger.store.contains(digest)) {
        Some(missing) => Err(rollout::Error::NoObject(missing).into()),
        None => Ok(release),
    }
}

fn empty(wasm: Digest) -> Part {
    Part { wasm, size_bytes: 0, label: String::new(), migrations: Vec::new(), assets: [].into() }
}

fn size(ledger: &Ledger, digest: &Digest) -> Result<u64, Refusal> {
    let found = std::fs::metadata(ledger.store.path(digest)).map(|metadata| metadata.len());
    found.map_err(|_| rollout::Error::NoObject(*digest).into())
}
