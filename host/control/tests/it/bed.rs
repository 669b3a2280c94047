//! A pretended host, and an engine on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use control::{Change, Config, Control, Done, Ended, Engine, Kind, Order, Platform, Refusal, Status};
use futures::future::BoxFuture;
use rollout::{
    Applied, ComponentFacts, Counts, Digest, Facts, Meter, MigrationRef, Outcome, Release, ReleaseId, Split, Store,
    Strategy,
};
use tempfile::TempDir;

/// Who was routed to: the live release, and the candidate with its weight.
pub(crate) type Route = (ReleaseId, Option<(ReleaseId, u8)>);

/// What the pretended host does and has done.
#[derive(Default)]
pub(crate) struct Host {
    pub(crate) routes: Mutex<Vec<Route>>,
    pub(crate) retired: Mutex<Vec<ReleaseId>>,
    pub(crate) contracted: Mutex<Vec<ReleaseId>>,
    pub(crate) probed: Mutex<usize>,
    pub(crate) applied: Mutex<Vec<Applied>>,
    pub(crate) stage_fails: Mutex<Option<&'static str>>,
    /// How the candidate answers each request of its share; `None`: nobody asks.
    pub(crate) traffic: Mutex<Option<Outcome>>,
    /// A grant that the wasm asks for by its digest.
    pub(crate) grants: Mutex<BTreeMap<Digest, &'static str>>,
    /// Called after each durable step.
    pub(crate) after_step: Mutex<Option<Box<dyn Fn() + Send>>>,
    candidate: Meter,
    baseline: Meter,
    clock: Mutex<u64>,
}

pub(crate) struct Pretend(pub(crate) Arc<Host>);

impl Platform for Pretend {
    fn now_us(&self) -> u64 {
        let mut clock = self.0.clock.lock().unwrap();
        *clock += 1;
        *clock
    }

    fn facts(&self, release: Release) -> Done<Facts> {
        let grants = self.0.grants.lock().unwrap().clone();
        let component = |(id, part): (&String, &rollout::Part)| {
            let mut facts = ComponentFacts { digest: Some(part.wasm), ..ComponentFacts::default() };
            facts.grants.extend(grants.get(&part.wasm).map(|grant| (*grant).to_owned()));
            facts.migrations.clone_from(&part.migrations);
            (id.clone(), facts)
        };
        let components = release.components.iter().map(component).collect();
        Box::pin(async move { Ok(Facts { components, ..Facts::default() }) })
    }

    fn stage(&self, _: Release) -> Done<()> {
        let fails = *self.0.stage_fails.lock().unwrap();
        Box::pin(async move { fails.map_or(Ok(()), |why| Err(Refusal::new(Kind::Failed, why))) })
    }

    fn assets(&self, _: ReleaseId) -> Done<BTreeMap<String, BTreeMap<String, Digest>>> {
        Box::pin(async { Ok(BTreeMap::new()) })
    }

    fn route(&self, live: ReleaseId, trial: Option<Split>) -> Result<(), Refusal> {
        self.0.routes.lock().unwrap().push((live, trial.map(|split| (split.candidate, split.weight))));
        Ok(())
    }

    fn observe(&self, _: ReleaseId) -> Done<()> {
        Box::pin(async { Ok(()) })
    }

    fn begin_counting(&self, _: ReleaseId, _: ReleaseId) {}

    fn counts(&self, _: ReleaseId, _: ReleaseId) -> BTreeMap<String, (Counts, Counts)> {
        // Every look finds twenty more requests on each side.
        let traffic = *self.0.traffic.lock().unwrap();
        if let Some(outcome) = traffic {
            for _ in 0..20 {
                self.0.candidate.request(outcome, Duration::from_millis(3));
                self.0.baseline.request(Outcome::Good, Duration::from_millis(3));
            }
        }
        BTreeMap::from([("shop".to_owned(), (self.0.candidate.counts(), self.0.baseline.counts()))])
    }

    fn probe(&self, _: ReleaseId, _: ReleaseId) -> BoxFuture<'static, ()> {
        *self.0.probed.lock().unwrap() += 1;
        self.0.candidate.request(Outcome::Good, Duration::from_millis(3));
        self.0.baseline.request(Outcome::Good, Duration::from_millis(3));
        Box::pin(async {})
    }

    fn retire(&self, release: ReleaseId, _: Duration) -> BoxFuture<'static, ()> {
        self.0.retired.lock().unwrap().push(release);
        Box::pin(async {})
    }

    fn retiring(&self) -> BTreeMap<ReleaseId, u64> {
        BTreeMap::new()
    }

    fn contract(&self, release: Release) -> Done<()> {
        self.0.contracted.lock().unwrap().push(release.id);
        Box::pin(async { Ok(()) })
    }

    fn applied(&self) -> Done<Vec<Applied>> {
        let applied = self.0.applied.lock().unwrap().clone();
        Box::pin(async { Ok(applied) })
    }

    fn swept(&self, _: Vec<Digest>) {}

    fn durable_step(&self) {
        if let Some(after) = &*self.0.after_step.lock().unwrap() {
            after();
        }
    }
}

/// An engine with release r1 live.
pub(crate) struct Bed {
    pub(crate) dir: Arc<TempDir>,
    pub(crate) host: Arc<Host>,
    pub(crate) store: Arc<Store>,
    pub(crate) engine: Engine,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let bed = Self::on(dir.clone().path(), dir).await;
        let first = Release {
            version: Release::VERSION,
            id: ReleaseId(1),
            parent: None,
            created_at_us: 0,
            by: String::new(),
            note: String::new(),
            manifest: bed.store.add_text("manifest").unwrap(),
            components: BTreeMap::from([("shop".to_owned(), part(bed.store.add(b"v1").unwrap()))]),
        };
        bed.engine.begin_with("demo", first, "test").await.unwrap();
        bed
    }

    /// On a state folder that exists already.
    pub(crate) async fn on(state: &Path, dir: Arc<TempDir>) -> Self {
        let (host, store) = (Arc::new(Host::default()), Arc::new(Store::open(state).unwrap()));
        let platform = Arc::new(Pretend(Arc::clone(&host)));
        let engine = Engine::open(state, Arc::clone(&store), platform, Config::default()).await.unwrap();
        Self { dir, host, store, engine }
    }

    /// An order for the component in this form.
    pub(crate) fn order(&self, wasm: &str, strategy: &str) -> Order {
        let digest = self.store.add(wasm.as_bytes()).unwrap();
        assert!(self.engine.has(digest));
        let change = Change { wasm: BTreeMap::from([("shop".to_owned(), digest)]), ..Change::default() };
        Order { strategy: Some(strategy.parse::<Strategy>().unwrap()), ..Order::of(change) }
    }

    pub(crate) async fn deploy(&self, order: Order) -> Result<ReleaseId, Refusal> {
        self.engine.deploy(order, "ada".to_owned()).await
    }

    /// Waits until the rollout is over.
    pub(crate) async fn end(&self) -> Ended {
        self.until(|status| status.rollout.is_none() && status.ended.is_some()).await.ended.unwrap()
    }

    pub(crate) async fn until(&self, wanted: impl Fn(&Status) -> bool) -> Status {
        let mut changes = self.engine.changes();
        loop {
            changes.borrow_and_update();
            let status = self.engine.status();
            if wanted(&status) {
                return status;
            }
            changes.changed().await.unwrap();
        }
    }

    pub(crate) fn live(&self) -> u64 {
        self.engine.live().unwrap().0
    }

    /// Weights that were routed, in order.
    pub(crate) fn weights(&self) -> Vec<u8> {
        self.host.routes.lock().unwrap().iter().filter_map(|(_, trial)| trial.map(|(_, weight)| weight)).collect()
    }

    pub(crate) fn last_route(&self) -> Route {
        *self.host.routes.lock().unwrap().last().unwrap()
    }
}

pub(crate) fn part(wasm: Digest) -> rollout::Part {
    rollout::Part { wasm, size_bytes: 2, label: String::new(), migrations: Vec::new(), assets: BTreeMap::new() }
}

pub(crate) fn migration(store: &Store, name: &str, sql: &str) -> MigrationRef {
    MigrationRef { name: name.to_owned(), checksum: store.add_text(sql).unwrap() }
}

pub(crate) fn approve(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
