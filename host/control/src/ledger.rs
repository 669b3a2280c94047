//! What is on disk (journal, store, audit) and what is shown, behind one door.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rollout::{Audit, AuditLine, Digest, Journal, Recovered, Release, ReleaseId, State, Store};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::{Ended, Kind, Platform, Refusal, ReleaseView, RolloutView, Status};

/// How long an object may wait for its release: longer than the slowest deploy from its first upload to its record.
const SPARED: Duration = Duration::from_mins(10);

/// Journal, store and audit log of a state folder, and the parts of the status that live in memory alone.
pub(crate) struct Ledger {
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) store: Arc<Store>,
    audit: Audit,
    journal: Mutex<Journal>,
    /// Objects that came for a release which is not on record yet, and when. The sweep spares them for a while.
    arrived: Mutex<BTreeMap<Digest, Instant>>,
    shown: Mutex<Shown>,
    changed: watch::Sender<u64>,
}

#[derive(Default)]
struct Shown {
    application: String,
    live: Option<ReleaseView>,
    observed: Option<ReleaseId>,
    rollout: Option<RolloutView>,
    ended: Option<Ended>,
}

impl Ledger {
    pub(crate) fn open(state: &Path, store: Arc<Store>, platform: Arc<dyn Platform>) -> Result<Self, Refusal> {
        let (journal, recovered) = Journal::open(state)?;
        let journal = journal.backed_by(store.server().cloned());
        if recovered == Recovered::Previous {
            tracing::warn!("the last record of the journal is damaged; the one before it is used");
        }
        let (arrived, shown, changed) = (Mutex::default(), Mutex::default(), watch::Sender::new(0));
        Ok(Self { platform, store, audit: Audit::open(state)?, journal: Mutex::new(journal), arrived, shown, changed })
    }

    pub(crate) fn now_us(&self) -> u64 {
        self.platform.now_us()
    }

    /// A copy of the record.
    pub(crate) fn state(&self) -> State {
        self.journal().state().clone()
    }

    /// Changes the record durably. The write takes some milliseconds and happens off the request path's threads.
    pub(crate) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut State) -> Result<T, rollout::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let answer = self.on_disk(move |ledger| ledger.durable(|ledger| ledger.journal().update(change))).await;
        self.touch();
        answer
    }

    /// Records a release.
    pub(crate) async fn put(self: &Arc<Self>, release: Release) -> Result<(), Refusal> {
        let objects = release.objects();
        let put = self.put_on_disk(release).await;
        if put.is_ok() {
            self.arrived().retain(|object, _| !objects.contains(object));
        }
        put
    }

    async fn put_on_disk(self: &Arc<Self>, release: Release) -> Result<(), Refusal> {
        self.on_disk(move |ledger| ledger.durable(|ledger| ledger.store.put(&release))).await
    }

    /// A release that is kept.
    pub(crate) async fn release(self: &Arc<Self>, id: ReleaseId) -> Result<Release, Refusal> {
        self.on_disk(move |ledger| ledger.store.release(id)).await
    }

    /// Whether an object is there; it stays for as long as somebody may take to deploy it.
    pub(crate) fn has(&self, digest: Digest) -> bool {
        self.arrived().insert(digest, Instant::now());
        self.store.contains(&digest)
    }

    /// Keeps an object under a promised name.
    pub(crate) async fn keep(self: &Arc<Self>, digest: Digest, bytes: Vec<u8>) -> Result<(), Refusal> {
        self.arrived().insert(digest, Instant::now());
        self.on_disk(move |ledger| ledger.durable(|ledger| ledger.store.add_expected(&bytes, &digest))).await
    }

    /// Removes what no release that is kept needs. What fails is told in the log: the next sweep takes it.
    pub(crate) async fn sweep(self: &Arc<Self>) {
        let state = self.state();
        let keep = [state.live].into_iter().flatten().chain(state.pinned).chain(state.previous.first().copied());
        let keep = keep.chain(state.rollout.map(|rollout| rollout.candidate)).collect();
        // Nothing arrives meanwhile: what came between the look and the removal would be gone.
        let sweep = move |ledger: &Self| {
            let mut arrived = ledger.arrived();
            arrived.retain(|_, since| since.elapsed() < SPARED);
            ledger.store.sweep(&keep, &arrived.keys().copied().collect())
        };
        match self.on_disk(sweep).await {
            Ok(swept) => {
                tracing::debug!(releases = swept.releases.len(), bytes = swept.bytes, "old releases are gone");
                self.platform.swept(swept.objects);
            }
            Err(refusal) => tracing::warn!("old releases stay for now: {refusal}"),
        }
    }

    /// Adds a line to the audit log. A full disk must not keep anybody from rolling back, so it is told in the log.
    pub(crate) async fn audit(self: &Arc<Self>, line: AuditLine) {
        if let Err(refusal) = self.on_disk(move |ledger| ledger.durable(|ledger| ledger.audit.append(&line))).await {
            tracing::error!("no line in the audit log: {refusal}");
        }
    }

    pub(crate) async fn audited(self: &Arc<Self>, count: usize) -> Result<Vec<AuditLine>, Refusal> {
        self.on_disk(move |ledger| ledger.audit.recent(count)).await
    }

    pub(crate) async fn on_disk<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, rollout::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let ledger = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&ledger));
        let panicked = |_| Refusal::new(Kind::Unavailable, "the host failed while it wrote; see its log");
        done.await.map_err(panicked)?.map_err(Refusal::from)
    }

    fn durable<T>(&self, work: impl FnOnce(&Self) -> T) -> T {
        let done = work(self);
        self.platform.durable_step();
        done
    }

    // === what is shown ===

    pub(crate) fn name(&self, application: &str) {
        application.clone_into(&mut self.shown().application);
        self.touch();
    }

    /// Reads once what an operator is shown of the live release.
    pub(crate) async fn show_live(self: &Arc<Self>) -> Result<(), Refusal> {
        let live = self.state().live;
        let read = move |ledger: &Self| live.map(|live| ledger.store.release(live)).transpose();
        let view =
            self.on_disk(read).await?.map(|release| ReleaseView::live(release, |id| self.store.release(id).ok()));
        self.shown().live = view;
        self.touch();
        Ok(())
    }

    pub(crate) fn show(&self, rollout: Option<RolloutView>) {
        self.shown().rollout = rollout;
        self.touch();
    }

    /// Changes what is shown of the rollout under way, where there is one.
    pub(crate) fn amend(&self, change: impl FnOnce(&mut RolloutView)) {
        if let Some(rollout) = &mut self.shown().rollout {
            change(rollout);
        }
        self.touch();
    }

    pub(crate) fn observed(&self, release: ReleaseId) {
        self.shown().observed = Some(release);
        self.touch();
    }

    /// A rollout is over.
    pub(crate) fn ended(&self, ended: Ended) {
        tracing::info!(release = %ended.release, outcome = ?ended.outcome, why = ended.why, "rollout ended");
        let mut shown = self.shown();
        shown.rollout = None;
        shown.ended = Some(ended);
        drop(shown);
        self.touch();
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// What an operator is shown.
    pub(crate) fn status(&self) -> Status {
        let decisions = self.journal().state().decisions.clone();
        let retiring = self.platform.retiring().into_iter().map(|(id, count)| (id.to_string(), count)).collect();
        let shown = self.shown();
        Status {
            sequence: *self.changed.borrow(),
            application: shown.application.clone(),
            live: shown.live.clone(),
            observed: shown.observed,
            rollout: shown.rollout.clone(),
            ended: shown.ended.clone(),
            retiring,
            decisions,
        }
    }

    fn touch(&self) {
        self.changed.send_modify(|sequence| *sequence = sequence.wrapping_add(1));
    }

    // A panic under any of the locks leaves a whole value: all are replaced, never half-changed.
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arrived(&self) -> MutexGuard<'_, BTreeMap<Digest, Instant>> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
