//! Carries out what an operator asks for, one rollout at a time.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rollout::{AuditLine, Release, ReleaseId, Store, Strategy};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::draft::Draft;
use crate::ledger::Ledger;
use crate::{Ended, Kind, Order, Outcome, Platform, Refusal, Verb};

/// What an operator decides once for all rollouts.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// How weight goes to a release where the order does not say. Default: all at once.
    pub strategy: Strategy,
    /// All hold times are multiplied by it, 0.01 to 10. Default 1.
    pub pace: f64,
    /// What an old version has begun may take this long to finish. Default 30 s, the default deadline of a request.
    pub drain: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self { strategy: Strategy::Now, pace: 1.0, drain: Duration::from_secs(30) }
    }
}

/// The engine. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Engine {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) config: Arc<Config>,
    pub(crate) tasks: TaskTracker,
    /// Ends whatever runs, when the host stops.
    pub(crate) stop: CancellationToken,
    running: Arc<Mutex<Running>>,
}

#[derive(Default)]
struct Running {
    /// Of the rollout under way.
    commands: Option<mpsc::Sender<Command>>,
    /// Of the guard over the release that went live last.
    guard: CancellationToken,
}

/// A verb for the rollout under way.
pub(crate) struct Command {
    pub(crate) verb: Verb,
    pub(crate) who: String,
    pub(crate) done: oneshot::Sender<Result<(), Refusal>>,
}

/// The release before an action, and the one after it.
pub(crate) type Between = (Option<ReleaseId>, Option<ReleaseId>);

/// Verbs that wait for a rollout to look at them. It looks at least once a second.
const COMMANDS_MAX: usize = 16;

impl Engine {
    /// Opens the journal in the state folder. A rollout that a crash or a stop has cut off is over: what was live
    /// before still is.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] where the journal cannot be read or written.
    pub async fn open(
        state: &Path,
        store: Arc<Store>,
        platform: Arc<dyn Platform>,
        config: Config,
    ) -> Result<Self, Refusal> {
        let ledger = Arc::new(Ledger::open(state, store, platform)?);
        let stop = CancellationToken::new();
        let running = Arc::default();
        let engine = Self { ledger, config: Arc::new(config), tasks: TaskTracker::new(), stop, running };
        engine.recover().await?;
        Ok(engine)
    }

    /// The release that serves after a start; `None` on a machine where nothing was ever deployed.
    pub fn live(&self) -> Option<ReleaseId> {
        self.ledger.state().live
    }

    /// Puts the release that serves at the start on record, where it is not there yet: a first start, or files that a
    /// developer has changed meanwhile. It has been staged and will be routed to.
    ///
    /// # Errors
    /// [`Kind::Unavailable`].
    pub async fn begin_with(&self, application: &str, release: Release, who: &str) -> Result<(), Refusal> {
        let (id, now, by) = (release.id, self.ledger.now_us(), who.to_owned());
        if self.live() != Some(id) {
            let former = self.live();
            self.ledger.put(release).await?;
            self.ledger
                .write(move |state| {
                    state.issued = state.issued.max(id.0);
                    state.go_live(id);
                    state.decide(now, format!("{id} live"), format!("{by} started with it"));
                    Ok(())
                })
                .await?;
            self.audit(who, "start", (former, Some(id)), String::new()).await;
        }
        self.ledger.name(application);
        self.ledger.show_live().await
    }

    /// Waits until the release that the host started with is seen at the front door. To be called once it is open.
    pub async fn observe(&self) {
        let Some(live) = self.live() else { return };
        match self.ledger.platform.observe(live).await {
            Ok(()) => self.ledger.observed(live),
            Err(refusal) => tracing::error!(release = %live, "not seen serving: {refusal}"),
        }
    }

    /// Ends what is under way, as a crash would: what is live stays live.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn recover(&self) -> Result<(), Refusal> {
        let state = self.ledger.state();
        if state.rollout.is_none() && state.lock.is_none() {
            return Ok(());
        }
        let now = self.ledger.now_us();
        let why = "the host stopped in the middle of it; deploy again";
        self.ledger
            .write(move |state| {
                if let Some(rollout) = state.rollout.take() {
                    state.decide(now, format!("{} ended", rollout.candidate), why);
                }
                state.release_lock();
                Ok(())
            })
            .await?;
        if let Some(rollout) = state.rollout {
            let (outcome, why) = (Outcome::Interrupted, why.to_owned());
            self.ledger.ended(Ended { release: rollout.candidate, outcome, why, at_us: now });
        }
        Ok(())
    }

    /// Takes the lock and gives a number. A guard over the release before ends: from here on there is a new one.
    pub(crate) async fn lock(&self, who: &str) -> Result<ReleaseId, Refusal> {
        let (store, now, holder) = (Arc::clone(&self.ledger.store), self.ledger.now_us(), who.to_owned());
        self.ledger
            .write(move |state| {
                state.take_lock(&holder, now)?;
                Ok(state.issue(store.next_id()?))
            })
            .await
    }

    /// Gives the lock back, where a verb ends without having begun a rollout.
    pub(crate) async fn unlock(&self) {
        let unlocked = self
            .ledger
            .write(|state| {
                state.release_lock();
                state.rollout = None;
                Ok(())
            })
            .await;
        if let Err(refusal) = unlocked {
            tracing::error!("the deploy lock stays until the next start: {refusal}");
        }
    }

    /// Everything of a deploy up to the answer; the rest goes on in the background.
    pub(crate) async fn begin(self, order: Order, who: String) -> Result<ReleaseId, Refusal> {
        let id = self.lock(&who).await?;
        let drafted = async {
            let draft = Draft::new(&self.ledger, id, order.change.clone()).await?;
            draft.approve(&order)?;
            Ok(draft)
        };
        match drafted.await {
            Ok(mut draft) => {
                draft.release.by.clone_from(&who);
                draft.release.note.clone_from(&order.note);
                let strategy = order.strategy.clone().unwrap_or_else(|| self.config.strategy.clone());
                let commands = self.accept_commands();
                let engine = self.clone();
                self.tasks.spawn(async move { engine.roll_out(draft, strategy, who, commands).await });
                Ok(id)
            }
            Err(refusal) => {
                self.unlock().await;
                Err(refusal)
            }
        }
    }

    /// From now on verbs go to the caller, until [`Engine::refuse_commands`].
    pub(crate) fn accept_commands(&self) -> mpsc::Receiver<Command> {
        let (sender, receiver) = mpsc::channel(COMMANDS_MAX);
        self.running().commands = Some(sender);
        receiver
    }

    pub(crate) fn refuse_commands(&self) {
        self.running().commands = None;
    }

    /// Hands a verb to the rollout under way, and waits until it has been looked at.
    pub(crate) async fn command(&self, verb: Verb, who: String) -> Result<(), Refusal> {
        let none = || Refusal::new(Kind::Conflict, "no rollout is under way; `wharf status` shows what is live");
        let commands = self.running().commands.clone().ok_or_else(none)?;
        let (done, answer) = oneshot::channel();
        commands.send(Command { verb, who, done }).await.map_err(|_| none())?;
        answer.await.map_err(|_| none())?
    }

    /// A new guard; the one before ends.
    pub(crate) fn new_guard(&self) -> CancellationToken {
        let mut running = self.running();
        running.guard.cancel();
        running.guard = self.stop.child_token();
        running.guard.clone()
    }

    /// A line for the audit log; `between` is the release before and the one after.
    pub(crate) async fn audit(&self, who: &str, what: &str, between: Between, detail: String) {
        let (from, to) = between;
        let name = |id: Option<ReleaseId>| id.map(|id| id.to_string());
        let (who, what) = (who.to_owned(), what.to_owned());
        self.record(AuditLine { who, what, from: name(from), to: name(to), detail, ..AuditLine::default() }).await;
    }

    /// Adds a line to the audit log, at this time; also about what is no rollout, so that everything stands in one place.
    ///
    /// A full disk is told in the log.
    pub async fn record(&self, line: AuditLine) {
        self.ledger.audit(AuditLine { at_us: self.ledger.now_us(), ..line }).await;
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.ledger.changes()
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Running> {
        // Both fields are replaced whole.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
