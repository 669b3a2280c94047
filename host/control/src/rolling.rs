//! One rollout from its first instance to its end: stage, shift, retire.

use rollout::{MigrationRef, Release, ReleaseId, Strategy};
use tokio::sync::mpsc;

use crate::draft::Draft;
use crate::engine::Command;
use crate::shift::Shifted;
use crate::{Ended, Engine, Kind, Outcome, Phase, Refusal, RolloutView, SideView, Verb};

/// Audit details name this many changed components at most.
const NAMED_MAX: usize = 20;

impl Engine {
    /// Carries a rollout out. The lock is held until it is over.
    pub(crate) async fn roll_out(
        self,
        draft: Draft,
        strategy: Strategy,
        who: String,
        mut commands: mpsc::Receiver<Command>,
    ) {
        let (id, former) = (draft.release.id, draft.release.parent);
        self.ledger.show(Some(view(id, &strategy, self.ledger.now_us())));
        let work = self.carry_out(&draft, &strategy, &who, &mut commands);
        let ended = tokio::select! {
            ended = work => ended,
            // What was begun is undone at the next start, exactly as after a crash.
            () = self.stop.cancelled() => return,
        };
        self.refuse_commands();
        let (outcome, why) = match ended {
            Ok(why) => (Outcome::Live, why),
            Err(Stopped { outcome, why }) => {
                self.give_up(id, former, outcome, &why).await;
                (outcome, why)
            }
        };
        let what = match outcome {
            Outcome::Live => "deploy",
            Outcome::RolledBack => "automatic rollback",
            Outcome::Aborted => "abort",
            Outcome::Failed | Outcome::Interrupted => "failed deploy",
        };
        let detail = format!("{why}; {}", changes(&draft));
        self.audit(&who, what, (former, Some(id)), detail).await;
        self.ledger.ended(Ended { release: id, outcome, why, at_us: self.ledger.now_us() });
        self.ledger.sweep().await;
    }

    async fn carry_out(
        &self,
        draft: &Draft,
        strategy: &Strategy,
        who: &str,
        commands: &mut mpsc::Receiver<Command>,
    ) -> Result<String, Stopped> {
        let mut release = draft.release.clone();
        let id = release.id;
        self.ledger.amend(|view| view.phase = Phase::Stage);
        let staged = self.staged(&mut release, commands).await;
        staged?;
        self.ledger.put(release.clone()).await.map_err(failed)?;
        self.ledger.amend(|view| view.phase = Phase::Shift);
        let former = release.parent;
        let Some(live) = former.filter(|_| *strategy != Strategy::Now) else {
            self.go_live(&release, "deployed at once").await.map_err(failed)?;
            self.watch_over(&release, former, who);
            return Ok("it serves".to_owned());
        };
        match self.shift(id, live, strategy, commands).await.map_err(failed)? {
            Shifted::Through(why) => {
                self.go_live(&release, &why).await.map_err(failed)?;
                Ok(why)
            }
            Shifted::Worse(why) => Err(Stopped { outcome: Outcome::RolledBack, why }),
            Shifted::Aborted(who) => Err(Stopped { outcome: Outcome::Aborted, why: format!("{who} aborted it") }),
        }
    }

    /// Makes it ready, unless an operator ends it meanwhile, and collects its assets.
    async fn staged(&self, release: &mut Release, commands: &mut mpsc::Receiver<Command>) -> Result<(), Stopped> {
        let staging = self.ledger.platform.stage(release.clone());
        let mut staging = std::pin::pin!(staging);
        loop {
            tokio::select! {
                staged = &mut staging => break staged.map_err(failed)?,
                Some(Command { verb, who, done }) = commands.recv() => {
                    let early = "it is being made ready; there is nothing to hold or to promote yet";
                    let answer = if verb == Verb::Abort { Ok(()) } else { Err(Refusal::new(Kind::Conflict, early)) };
                    drop(done.send(answer));
                    if verb == Verb::Abort {
                        return Err(Stopped { outcome: Outcome::Aborted, why: format!("{who} aborted it") });
                    }
                }
            }
        }
        let assets = self.ledger.platform.assets(release.id).await.map_err(failed)?;
        for (id, files) in assets {
            if let Some(part) = release.components.get_mut(&id) {
                part.assets = files;
            }
        }
        Ok(())
    }

    /// The release serves everybody: on record first, so that a crash in between starts with it; then the swap, the
    /// proof, and the end of the one before.
    pub(crate) async fn go_live(&self, release: &Release, why: &str) -> Result<(), Refusal> {
        let (id, now, why) = (release.id, self.ledger.now_us(), why.to_owned());
        let former = self.ledger.state().live;
        self.new_guard();
        self.ledger
            .write(move |state| {
                state.go_live(id);
                state.decide(now, format!("{id} live"), why);
                state.release_lock();
                Ok(())
            })
            .await?;
        self.ledger.platform.route(id, None)?;
        self.ledger.show_live().await?;
        self.ledger.amend(|view| (view.phase, view.weight) = (Phase::Retire, 100));
        // It serves whatever comes of this; who waits for the proof is not told of a success before.
        match self.ledger.platform.observe(id).await {
            Ok(()) => self.ledger.observed(id),
            Err(refusal) => tracing::error!(release = %id, "not seen serving: {refusal}"),
        }
        if let Some(former) = former.filter(|former| *former != id) {
            self.retire(former, Some(release.clone()));
        }
        Ok(())
    }

    /// Lets a release finish what it has begun; when it is gone, `successor` may take away what it needed.
    pub(crate) fn retire(&self, id: ReleaseId, successor: Option<Release>) {
        let engine = self.clone();
        self.tasks.spawn(async move {
            let gone = engine.ledger.platform.retire(id, engine.config.drain);
            // A host that stops drains everything anyway.
            if engine.stop.run_until_cancelled(gone).await.is_none() {
                return;
            }
            engine.ledger.amend(|_| ());
            let contract = |migration: &MigrationRef| migration.name.ends_with(".contract.sql");
            let Some(successor) = successor.filter(|release| {
                let live = engine.ledger.state().live == Some(release.id);
                live && release.components.values().any(|part| part.migrations.iter().any(contract))
            }) else {
                return;
            };
            if let Err(refusal) = engine.ledger.platform.contract(successor).await {
                tracing::error!("a contract migration failed; the next deploy tries again: {refusal}");
            }
        });
    }

    /// Everybody goes to the one before, at once.
    async fn give_up(&self, id: ReleaseId, former: Option<ReleaseId>, outcome: Outcome, why: &str) {
        let (now, live) = (self.ledger.now_us(), self.ledger.state().live);
        if let Some(live) = live
            && let Err(refusal) = self.ledger.platform.route(live, None)
        {
            tracing::error!("the way back is closed: {refusal}");
        }
        let what = match outcome {
            Outcome::RolledBack => format!("{id} rolled back"),
            Outcome::Aborted => format!("{id} aborted"),
            _ => format!("{id} failed"),
        };
        let why = why.to_owned();
        let written = self
            .ledger
            .write(move |state| {
                state.rollout = None;
                state.decide(now, what, why);
                state.release_lock();
                Ok(())
            })
            .await;
        if let Err(refusal) = written {
            tracing::error!("the end of a rollout is not on record: {refusal}");
        }
        if live != Some(id) && former != Some(id) {
            self.retire(id, None);
        }
    }
}

/// Why a rollout did not come to its end.
#[derive(Debug)]
struct Stopped {
    outcome: Outcome,
    why: String,
}

fn failed(refusal: Refusal) -> Stopped {
    let Refusal { message, details, .. } = refusal;
    let why = std::iter::once(message).chain(details).collect::<Vec<_>>().join("; ");
    Stopped { outcome: Outcome::Failed, why }
}

fn view(candidate: ReleaseId, strategy: &Strategy, now: u64) -> RolloutView {
    RolloutView {
        candidate,
        phase: Phase::Verify,
        strategy: strategy.clone(),
        weights: strategy.weights(),
        step: 0,
        weight: 0,
        paused: false,
        since_us: now,
        step_since_us: now,
        verdict: "not asked yet".to_owned(),
        candidate_counts: SideView::default(),
        baseline_counts: SideView::default(),
    }
}

/// What a person reads in the audit log a year later.
fn changes(draft: &Draft) -> String {
    let changes = draft.plan.changes.iter().take(NAMED_MAX);
    let words = changes.map(|change| match &change.component {
        Some(component) => format!("{component} {} {}", change.kind, change.text),
        None => format!("{} {}", change.kind, change.text),
    });
    let more = draft.plan.changes.len().saturating_sub(NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", words.collect::<Vec<_>>().join(", "))
}

/// Shared by everything that says which components a release changed.
pub(crate) fn changed(release: &Release, former: Option<&Release>) -> Vec<String> {
    let before = |id: &String| former.and_then(|former| former.components.get(id)).map(|part| part.wasm);
    let parts = release.components.iter();
    parts.filter(|(id, part)| before(id) != Some(part.wasm)).map(|(id, _)| id.clone()).collect()
}
