//! What the control plane asks of the host, each in a few lines over [`Platform`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use control::{Done, Refusal};
use futures::future::BoxFuture;
use rollout::{Applied, Counts, Digest, Facts, Release, ReleaseId, Split};

use super::Platform;
use crate::compile::Haste;
use crate::generation::Crew;
use crate::readiness;

/// The control plane's view. A newtype, since work in the background needs the platform itself.
#[derive(Clone)]
pub struct Shared(pub Arc<Platform>);

impl control::Platform for Shared {
    fn now_us(&self) -> u64 {
        u64::try_from(self.0.capabilities.clock.now_us()).unwrap_or(0)
    }

    fn facts(&self, release: Release) -> Done<Facts> {
        let platform = Arc::clone(&self.0);
        Box::pin(async move {
            let package = platform.open(release).await?;
            let (package, artifacts) = platform.compiled(package, Haste::Aside).await?;
            super::blocking(move || Ok(crate::facts::of(&package, &artifacts))).await
        })
    }

    fn stage(&self, release: Release) -> Done<()> {
        Box::pin(Arc::clone(&self.0).staged(release))
    }

    fn assets(&self, release: ReleaseId) -> Done<BTreeMap<String, BTreeMap<String, Digest>>> {
        let platform = Arc::clone(&self.0);
        Box::pin(async move {
            let router = platform.router.get().cloned();
            let Some((router, generation)) = router.zip(platform.ready(release)) else { return Ok(BTreeMap::new()) };
            let collect = crate::assets::collect(Arc::clone(&platform.store), router, generation);
            let assets = platform.served(collect).await??;
            platform.assets.add(&platform.store, assets.values().flatten());
            Ok(assets)
        })
    }

    fn route(&self, live: ReleaseId, trial: Option<Split>) -> Result<(), Refusal> {
        self.0.routed(live, trial)
    }

    fn observe(&self, release: ReleaseId) -> Done<()> {
        let door = self.0.door.get().cloned();
        Box::pin(async move {
            match door {
                Some(door) => door.observe(release).await,
                None => Ok(()),
            }
        })
    }

    fn begin_counting(&self, candidate: ReleaseId, live: ReleaseId) {
        let mut generations = self.0.generations();
        generations.before.clear();
        for id in [candidate, live] {
            let counts = generations.ready.get(&id).and_then(|generation| Crew::of(generation)).map(|crew| {
                crew.rearm();
                crew.counts()
            });
            generations.before.extend(counts.map(|counts| (id, counts)));
        }
    }

    fn counts(&self, candidate: ReleaseId, live: ReleaseId) -> BTreeMap<String, (Counts, Counts)> {
        let generations = self.0.generations();
        let side = |id: ReleaseId| {
            let before = generations.before.get(&id);
            let crew = generations.ready.get(&id).and_then(|generation| Crew::of(generation));
            let counts = crew.map(Crew::counts).unwrap_or_default().into_iter();
            let earlier = |id: &String| before.and_then(|before| before.get(id));
            let since = |(id, counts): (String, Counts)| {
                let since = earlier(&id).map_or_else(|| counts.clone(), |earlier| counts.since(earlier));
                (id, since)
            };
            counts.map(since).collect::<BTreeMap<_, _>>()
        };
        let (mut mine, mut theirs) = (side(candidate), side(live));
        let ids: BTreeSet<_> = mine.keys().chain(theirs.keys()).cloned().collect();
        let both = |id: String| {
            let counts = (mine.remove(&id).unwrap_or_default(), theirs.remove(&id).unwrap_or_default());
            (id, counts)
        };
        ids.into_iter().map(both).collect()
    }

    fn probe(&self, candidate: ReleaseId, live: ReleaseId) -> BoxFuture<'static, ()> {
        let sides = [candidate, live].into_iter().filter_map(|id| self.0.ready(id)).collect::<Vec<_>>();
        let router = self.0.router.get().cloned();
        let platform = Arc::clone(&self.0);
        let probes = async move {
            for (generation, router) in sides.iter().zip(std::iter::repeat(router)) {
                if let Some(router) = router {
                    readiness::probe(&router, generation).await;
                }
            }
        };
        // One that panics is in the log, and counts as none.
        Box::pin(async move { drop(platform.served(probes).await) })
    }

    fn retire(&self, release: ReleaseId, drain: Duration) -> BoxFuture<'static, ()> {
        Box::pin(Arc::clone(&self.0).gone(release, drain))
    }

    fn retiring(&self) -> BTreeMap<ReleaseId, u64> {
        // Whoever waits for its end holds it too.
        let count =
            |going: &super::Going| u64::try_from(going.generation.strong_count().saturating_sub(1)).unwrap_or(u64::MAX);
        self.0.generations().going.iter().map(|(id, going)| (*id, count(going))).collect()
    }

    fn contract(&self, release: Release) -> Done<()> {
        let platform = Arc::clone(&self.0);
        Box::pin(async move {
            let package = platform.open(release).await?;
            platform.served(Arc::clone(&platform).contracted(package)).await?
        })
    }

    fn applied(&self) -> Done<Vec<Applied>> {
        let platform = Arc::clone(&self.0);
        Box::pin(async move { platform.served(Arc::clone(&platform).ran()).await? })
    }

    fn swept(&self, objects: Vec<Digest>) {
        if objects.is_empty() {
            return;
        }
        let platform = Arc::clone(&self.0);
        // Nobody waits for it, and it is all disk.
        drop(tokio::task::spawn_blocking(move || {
            for object in &objects {
                platform.artifacts.forget(&object.to_string());
            }
            platform.remember_assets();
        }));
    }

    fn durable_step(&self) {
        self.0.crash.step();
    }
}
