//! What an operator can ask for.

use std::sync::Arc;

use futures::future::BoxFuture;
use rollout::{AuditLine, Digest, Release, ReleaseId, rollback_verdict};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::draft::Draft;
use crate::{Change, Engine, Kind, Order, PlanView, Refusal, ReleaseView, RollbackView, Status};

/// What is done to a rollout under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// The next step at once, past the analysis; also out of a pause.
    Promote,
    /// Hold the weights as they are. The analysis goes on and may still roll back.
    Pause,
    /// Go on.
    Resume,
    /// End it: everybody goes to the live release at once.
    Abort,
}

/// An answer, or why there is none.
pub type Answer<T> = BoxFuture<'static, Result<T, Refusal>>;

/// The operator's verbs. `who` names the person or token in the audit log.
///
/// Futures may be dropped: what has begun goes on in a task of its own, and [`Control::status`] says how it goes.
pub trait Control: Send + Sync + 'static {
    /// Keeps an object: a wasm file, a manifest or a migration. The bytes must have the digest.
    fn keep(&self, digest: Digest, bytes: Vec<u8>) -> Answer<()>;

    /// Whether an object is kept already.
    fn has(&self, digest: Digest) -> bool;

    /// What a change would do. Compiles what is new, changes nothing.
    fn plan(&self, change: Change) -> Answer<PlanView>;

    /// Begins a rollout, and answers with the number of the release once it has been verified and the lock is taken;
    /// the rest happens in the background. An order that changes nothing is refused.
    fn deploy(&self, order: Order, who: String) -> Answer<ReleaseId>;

    /// A rollout under way is promoted, paused, resumed or aborted.
    fn act(&self, verb: Verb, who: String) -> Answer<Status>;

    /// Goes back to `target`, or to what was live before; at once, within a second, without a rebuild. With `dry_run`
    /// it only says what that means. A way back that loses something needs `accept_loss`.
    fn rollback(
        &self,
        target: Option<ReleaseId>,
        dry_run: bool,
        accept_loss: bool,
        who: String,
    ) -> Answer<RollbackView>;

    /// What is live and what is on its way.
    fn status(&self) -> Status;

    /// Changes whenever [`Status::sequence`] does.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Every release that is kept, the newest first.
    fn releases(&self) -> Answer<Vec<ReleaseView>>;

    /// The last lines of the audit log, oldest first.
    fn audit(&self, count: usize) -> Answer<Vec<AuditLine>>;
}

impl Control for Engine {
    fn keep(&self, digest: Digest, bytes: Vec<u8>) -> Answer<()> {
        let ledger = Arc::clone(&self.ledger);
        Box::pin(async move { ledger.keep(digest, bytes).await })
    }

    fn has(&self, digest: Digest) -> bool {
        self.ledger.has(digest)
    }

    fn plan(&self, change: Change) -> Answer<PlanView> {
        let ledger = Arc::clone(&self.ledger);
        Box::pin(async move {
            let store = Arc::clone(&ledger.store);
            let next = ledger.on_disk(move |_| store.next_id()).await?;
            Ok(Draft::new(&ledger, next, change).await?.view())
        })
    }

    fn deploy(&self, order: Order, who: String) -> Answer<ReleaseId> {
        detached(self, self.clone().begin(order, who))
    }

    fn act(&self, verb: Verb, who: String) -> Answer<Status> {
        let engine = self.clone();
        Box::pin(async move {
            engine.command(verb, who).await?;
            Ok(engine.status())
        })
    }

    fn rollback(
        &self,
        target: Option<ReleaseId>,
        dry_run: bool,
        accept_loss: bool,
        who: String,
    ) -> Answer<RollbackView> {
        detached(self, self.clone().roll_back(target, dry_run, accept_loss, who))
    }

    fn status(&self) -> Status {
        self.ledger.status()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        Self::changes(self)
    }

    fn releases(&self) -> Answer<Vec<ReleaseView>> {
        let engine = self.clone();
        Box::pin(async move { engine.list().await })
    }

    fn audit(&self, count: usize) -> Answer<Vec<AuditLine>> {
        let ledger = Arc::clone(&self.ledger);
        Box::pin(async move { ledger.audited(count).await })
    }
}

impl Engine {
    async fn list(&self) -> Result<Vec<ReleaseView>, Refusal> {
        let store = Arc::clone(&self.ledger.store);
        let releases = self.ledger.on_disk(move |_| store.releases()).await?;
        let applied = self.ledger.platform.applied().await?;
        let live = self.live();
        let find = |id: ReleaseId| releases.iter().find(|release| release.id == id).cloned();
        let view = |release: &Release| {
            let mut view = ReleaseView::new(release.clone(), find);
            view.live = live == Some(release.id);
            view.rollback = (!view.live).then(|| rollback_verdict(release, &applied));
            view
        };
        Ok(releases.iter().rev().map(view).collect())
    }
}

/// Work that is not cut off in the middle when whoever asked for it goes away.
fn detached<T: Send + 'static>(
    engine: &Engine,
    work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Answer<T> {
    let stop = engine.stop.clone();
    let stopped = || Err(Refusal::new(Kind::Unavailable, "the host is stopping"));
    let work = async move { stop.run_until_cancelled(work).await.unwrap_or_else(stopped) };
    let work = engine.tasks.spawn(work);
    Box::pin(async move {
        let panicked = |_| Refusal::new(Kind::Unavailable, "the host failed while it did that; see its log");
        work.await.map_err(panicked)?
    })
}
