//! The host as the control plane sees it: makes releases ready, routes to them, measures them and lets them go.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use control::{Kind, Refusal};
use rollout::{Counts, Digest, Release, ReleaseId, Side, Split, Store};
use router::{Generation, Router, Routing};
use runtime::{Artifact, Artifacts, Handler, Runtime};
use tokio::runtime::Handle;
use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::app::Options;
use crate::assets::Assets;
use crate::capabilities::{self, Capabilities};
use crate::compile::{self, Haste};
use crate::crash::CrashPoint;
use crate::door::Door;
use crate::generation::{Crew, Fleet};
use crate::loaded::Loaded;
use crate::package::Package;
use crate::relay::Relays;
use crate::state::InstanceState;
use crate::tally::Tally;
use crate::{readiness, settings};

mod migrating;
mod operating;

pub use operating::Shared;

/// How often a release that is going is looked at. Nobody waits for it.
const LOOK: Duration = Duration::from_millis(20);
/// How long what was cut may take to let go of its memory.
const CUT: Duration = Duration::from_secs(5);

/// What releases are made ready with. Shared by everything in the host that serves them.
pub struct Platform {
    pub(crate) runtime: Runtime<InstanceState>,
    pub(crate) artifacts: Artifacts,
    pub(crate) loaded: Loaded,
    pub(crate) cache: PathBuf,
    pub(crate) store: Arc<Store>,
    pub(crate) capabilities: Capabilities,
    pub(crate) options: Options,
    /// What requests are served by.
    pub(crate) serving: Handle,
    pub(crate) fleet: Fleet,
    pub(crate) relays: Relays,
    pub(crate) assets: Assets,
    pub(crate) tally: Arc<Tally>,
    pub(crate) crash: CrashPoint,
    /// Known once the first release is ready.
    pub(crate) router: OnceLock<Router>,
    /// Known once the port is bound.
    pub(crate) door: OnceLock<Door>,
    pub(crate) generations: Mutex<Generations>,
}

/// Releases in memory.
#[derive(Default)]
pub(crate) struct Generations {
    ready: BTreeMap<ReleaseId, Arc<Generation>>,
    going: BTreeMap<ReleaseId, Going>,
    /// What each side had done when the rollout under way began.
    before: BTreeMap<ReleaseId, BTreeMap<String, Counts>>,
}

/// A release that only finishes what it has begun.
struct Going {
    generation: Weak<Generation>,
    /// It was cut, and serves nobody again.
    cut: bool,
}

impl Platform {
    /// Makes the release ready that the host starts with: nobody is served yet, so nobody is asked.
    ///
    /// # Errors
    /// As [`control::Platform::stage`].
    pub async fn first(self: &Arc<Self>, package: Package) -> Result<Arc<Generation>, Refusal> {
        let (package, artifacts) = self.compiled(package, Haste::Start).await?;
        self.made(package, artifacts).await
    }

    /// The release that serves.
    pub fn live(&self) -> Option<Arc<Generation>> {
        self.router.get().map(|router| Arc::clone(router.routing().live()))
    }

    async fn open(self: &Arc<Self>, release: Release) -> Result<Package, Refusal> {
        let platform = Arc::clone(self);
        blocking(move || Package::open(&platform.store, release)).await
    }

    /// Compiles what is new and checks all of it against what the manifest grants.
    async fn compiled(
        self: &Arc<Self>,
        package: Package,
        haste: Haste,
    ) -> Result<(Package, BTreeMap<String, Artifact>), Refusal> {
        let platform = Arc::clone(self);
        blocking(move || {
            let mut artifacts = BTreeMap::new();
            for (id, component) in &package.app.components {
                let Some(part) = package.part(id) else { continue };
                let artifact = platform.artifact(id, part.wasm, haste)?;
                let ungranted = capabilities::check(&artifact, component);
                if !ungranted.is_empty() {
                    let details = ungranted.iter().map(|one| format!("{one}; {}", one.line)).collect();
                    let message = format!("component `{id}` imports what its manifest does not grant");
                    return Err(Refusal::new(Kind::Invalid, message).with(details));
                }
                platform.runtime.check(&artifact, component).map_err(|error| invalid(&error))?;
                artifacts.insert(id.clone(), artifact);
            }
            Ok((package, artifacts))
        })
        .await
    }

    /// The component of a file of the store, compiled where that is new.
    fn artifact(&self, id: &str, wasm: Digest, haste: Haste) -> Result<Artifact, Refusal> {
        if let Some(artifact) = self.loaded.get(&wasm) {
            return Ok(artifact);
        }
        let bytes = self.store.read(&wasm)?;
        if !self.artifacts.has(&bytes) {
            compile::in_child(id, &self.store.path(&wasm), &self.cache, haste);
        }
        let artifact = self.artifacts.load(id, &bytes).map_err(|error| invalid(&error))?;
        self.loaded.put(wasm, artifact.clone());
        Ok(artifact)
    }

    /// Migrated, linked, joined to its capabilities; not asked yet whether it is ready.
    async fn made(
        self: &Arc<Self>,
        package: Package,
        artifacts: BTreeMap<String, Artifact>,
    ) -> Result<Arc<Generation>, Refusal> {
        let failed = |message: String| Refusal::new(Kind::Failed, message);
        let variables = settings::variables(&package.app, &self.options).map_err(|error| refused(&error))?;
        let package = self.served(Arc::clone(self).migrated(package)).await??;
        let capabilities = Capabilities { variables, ..self.capabilities.clone() };
        let platform = Arc::clone(self);
        blocking(move || {
            // Under the lock: what a release that is going shares with this one is not cut in between.
            let mut generations = platform.generations();
            let made = Crew::generation(&platform.runtime, &platform.fleet, &capabilities, &package, &artifacts);
            let generation = made.map_err(|error| failed(format!("{error:#}")))?;
            generations.ready.insert(package.release.id, Arc::clone(&generation));
            let files: Vec<_> = package.release.components.values().map(|part| part.wasm).collect();
            platform.loaded.keep(&files);
            Ok(generation)
        })
        .await
    }

    /// Does it on the threads that serve, for what is used there afterwards: connections, timers, instances. Dropped, it
    /// ends.
    async fn served<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, Refusal> {
        AbortOnDropHandle::new(self.serving.spawn(work)).await.map_err(panicked)
    }

    async fn staged(self: Arc<Self>, release: Release) -> Result<(), Refusal> {
        let id = release.id;
        if self.taken_back(id) {
            return Ok(());
        }
        let package = self.open(release).await?;
        let (package, artifacts) = self.compiled(package, Haste::Aside).await?;
        let generation = self.made(package, artifacts).await?;
        let Some(router) = self.router.get().cloned() else { return Ok(()) };
        let asked = self.served(async move { readiness::ask(&router, &generation).await }).await.flatten();
        asked.inspect_err(|_| drop(self.generations().ready.remove(&id)))
    }

    /// A release that is ready already, or still going and whole, is only named anew.
    fn taken_back(&self, id: ReleaseId) -> bool {
        let mut generations = self.generations();
        let whole = generations.going.get(&id).filter(|going| !going.cut).and_then(|going| going.generation.upgrade());
        if let Some(generation) = whole {
            generations.going.remove(&id);
            generations.ready.insert(id, generation);
        }
        generations.ready.contains_key(&id)
    }

    fn routed(&self, live: ReleaseId, trial: Option<Split>) -> Result<(), Refusal> {
        let find = |id: ReleaseId| {
            let missing = || Refusal::new(Kind::Failed, format!("release {id} is not ready to serve"));
            self.generations().ready.get(&id).cloned().ok_or_else(missing)
        };
        let router = self.router.get().ok_or_else(|| Refusal::new(Kind::Unavailable, "the host is still starting"))?;
        let mut routing = Routing::all(find(live)?);
        if let Some(split) = trial {
            let choose = Arc::new(move |key: &[u8]| split.side(key) == Side::Candidate);
            routing = routing.with_candidate(find(split.candidate)?, choose);
        }
        self.bind_queues(&routing)?;
        router.swap(routing);
        Ok(())
    }

    /// Enters the assets of a release that the host starts with. One that cannot name them serves all the same: only
    /// its own later pages would miss them.
    pub async fn with_assets(self: &Arc<Self>, mut release: Release) -> Release {
        let Some((router, generation)) = self.router.get().cloned().zip(self.ready(release.id)) else { return release };
        match crate::assets::collect(Arc::clone(&self.store), router, generation).await {
            Ok(assets) => {
                for (id, files) in assets {
                    if let Some(part) = release.components.get_mut(&id) {
                        part.assets = files;
                    }
                }
            }
            Err(refusal) => tracing::warn!("assets are not kept beyond this release: {refusal}"),
        }
        release
    }

    /// Learns which files earlier releases had.
    pub fn remember_assets(&self) {
        self.assets.remember(&self.store);
    }

    /// Queues of both sides are worked while two serve: what the candidate adds must be heard, and what it leaves out
    /// is still the other one's.
    fn bind_queues(&self, routing: &Routing) -> Result<(), Refusal> {
        let crews = [Some(routing.live()), routing.candidate()].into_iter().flatten().filter_map(|side| Crew::of(side));
        let apps: Vec<_> = crews.map(|crew| &*crew.app).collect();
        let (consumers, crons) = crate::backends::bindings(&apps);
        let bound = self.capabilities.queue.rebind(consumers, crons);
        bound.map_err(|error| Refusal::new(Kind::Invalid, chain(&error)))
    }

    async fn gone(self: Arc<Self>, id: ReleaseId, drain: Duration) {
        let Some(generation) = self.let_go(id) else { return };
        let mut looks = tokio::time::interval(LOOK);
        let (cut_at, mut cut) = (Instant::now() + drain, false);
        while in_use(&generation) > 0 {
            looks.tick().await;
            if self.generations().ready.contains_key(&id) {
                return;
            }
            if !cut && Instant::now() >= cut_at {
                cut = true;
                tracing::warn!(release = %id, in_flight = in_use(&generation), "cut at the drain limit");
                self.cut(id);
            }
            if Instant::now() >= cut_at + CUT {
                tracing::error!(release = %id, "something still holds a release that was cut");
                break;
            }
        }
        self.generations().going.remove(&id);
        // Unmapping all of it takes time, which a thread that serves requests does not have.
        drop(tokio::task::spawn_blocking(move || drop(generation)).await);
        tracing::info!(release = %id, "gone");
    }

    /// Who holds the generation that is returned is not counted among those who use it.
    fn let_go(&self, id: ReleaseId) -> Option<Arc<Generation>> {
        let mut generations = self.generations();
        let generation = generations.ready.remove(&id)?;
        generations.going.insert(id, Going { generation: Arc::downgrade(&generation), cut: false });
        Some(generation)
    }

    /// Ends what a release still does, in the components that no other release uses: one may have come since it was let
    /// go that runs them as they are.
    fn cut(&self, id: ReleaseId) {
        let mut generations = self.generations();
        let Some(going) = generations.going.get_mut(&id) else { return };
        going.cut = true;
        let Some(generation) = going.generation.upgrade() else { return };
        let finishing = generations.going.iter().filter(|(other, going)| **other != id && !going.cut);
        let finishing = finishing.filter_map(|(_, going)| going.generation.upgrade());
        let others: Vec<_> = generations.ready.values().cloned().chain(finishing).collect();
        let others: Vec<_> = others.iter().filter_map(|other| Crew::of(other)).collect();
        if let Some(crew) = Crew::of(&generation) {
            crew.own_handlers(&others).for_each(Handler::cut);
        }
    }

    fn ready(&self, id: ReleaseId) -> Option<Arc<Generation>> {
        self.generations().ready.get(&id).cloned()
    }

    pub(crate) fn generations(&self) -> MutexGuard<'_, Generations> {
        // Entries are added and removed whole.
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Requests, messages and streams that hold a generation which is going.
fn in_use(generation: &Arc<Generation>) -> usize {
    Arc::strong_count(generation).saturating_sub(1)
}

fn invalid(error: &runtime::Error) -> Refusal {
    Refusal::new(Kind::Invalid, chain(error))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refusal> + Send + 'static) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.map_err(panicked)?
}

fn panicked(_: JoinError) -> Refusal {
    Refusal::new(Kind::Unavailable, "the host failed while it did that; see its log")
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    crate::report::Finding::from_error(error).message
}

fn refused(refusal: &crate::report::Refusal) -> Refusal {
    match refusal {
        crate::report::Refusal::Invalid(findings) => {
            let details = findings.iter().map(ToString::to_string).collect();
            Refusal::new(Kind::Invalid, "the application's settings are not complete").with(details)
        }
        other => Refusal::new(Kind::Unavailable, other.text().unwrap_or_default()),
    }
}
