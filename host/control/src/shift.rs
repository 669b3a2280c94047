//! Weight goes to the candidate step by step, for as long as the analysis finds nothing against it.

use std::collections::BTreeMap;
use std::time::Duration;

use rollout::{Advice, Counts, Panel, ReleaseId, Split, Stage, Strategy, Verdict, pace};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::engine::Command;
use crate::rolling::changed;
use crate::{Engine, Refusal, SideView, Verb};

/// How often the counts are looked at. The analysis is made for this.
const LOOK: Duration = Duration::from_secs(1);
/// With a quick pace it is looked at more often, but not so often that the looking costs.
const LOOK_MIN: Duration = Duration::from_millis(100);
/// With no request for this long, at pace 1, the host asks the components itself.
const SILENCE: Duration = Duration::from_secs(10);
/// Questions to each side at each look while nobody else asks: enough for a verdict within minutes.
const PROBES: usize = 5;

/// How it went.
pub(crate) enum Shifted {
    /// To the end; why it may go live.
    Through(String),
    /// The analysis says no; why.
    Worse(String),
    /// An operator ended it; who.
    Aborted(String),
}

/// What is known of a rollout while it runs.
struct Trial<'a> {
    engine: &'a Engine,
    split: Split,
    weights: Vec<u8>,
    strategy: &'a Strategy,
    panel: Panel,
    verdict: Verdict,
    /// Requests of the candidate when the step began.
    before_step: u64,
    step: usize,
    held_since: Instant,
    paused: bool,
    /// Requests of both sides when somebody last asked, and when that was.
    heard: (u64, Instant),
    /// An operator wants the next step now.
    promoted: Option<String>,
}

impl Engine {
    /// Shifts from `live` to `candidate`, which are both staged.
    pub(crate) async fn shift(
        &self,
        candidate: ReleaseId,
        live: ReleaseId,
        strategy: &Strategy,
        commands: &mut mpsc::Receiver<Command>,
    ) -> Result<Shifted, Refusal> {
        let panel = Panel::new(self.on_panel(candidate, live).await?);
        let (planned, now) = (strategy.clone(), self.ledger.now_us());
        self.ledger
            .write(move |state| {
                state.begin(candidate, planned, now);
                state.decide(now, format!("{candidate} staged"), "ready, with nobody on it yet");
                Ok(())
            })
            .await?;
        self.ledger.platform.begin_counting(candidate, live);
        let mut trial = Trial {
            engine: self,
            split: Split { rollout: candidate.0, live, candidate, weight: 0 },
            weights: strategy.weights(),
            strategy,
            panel,
            verdict: Verdict::NotEnough("nothing was seen yet".to_owned()),
            before_step: 0,
            step: 0,
            held_since: Instant::now(),
            paused: false,
            heard: (0, Instant::now()),
            promoted: None,
        };
        trial.enter(0, "the first step").await?;
        trial.run(commands).await
    }

    /// Components whose failures may end the rollout: those that changed. Whoever calls them counts in the whole.
    async fn on_panel(&self, candidate: ReleaseId, live: ReleaseId) -> Result<Vec<String>, Refusal> {
        let (new, old) = (self.ledger.release(candidate).await?, self.ledger.release(live).await?);
        Ok(changed(&new, Some(&old)))
    }
}

impl Trial<'_> {
    async fn run(&mut self, commands: &mut mpsc::Receiver<Command>) -> Result<Shifted, Refusal> {
        let mut looks = interval(LOOK.mul_f64(self.engine.config.pace.min(1.0)).max(LOOK_MIN));
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(command) = commands.recv() => {
                    if let Some(who) = self.obey(command).await? {
                        return Ok(Shifted::Aborted(who));
                    }
                }
                _ = looks.tick() => {}
            }
            if let Some(shifted) = self.look().await? {
                return Ok(shifted);
            }
        }
    }

    /// Looks at the counts and does what follows from them.
    async fn look(&mut self) -> Result<Option<Shifted>, Refusal> {
        let Split { candidate, live, .. } = self.split;
        let counts = self.engine.ledger.platform.counts(candidate, live);
        self.verdict = self.panel.observe(&counts);
        let (mine, theirs) = sides(&counts);
        self.show(mine, theirs);
        self.listen(mine.requests.saturating_add(theirs.requests)).await;
        let held = self.held_since.elapsed().div_f64(self.engine.config.pace);
        let stage = Stage::of(self.strategy, self.step);
        let advice = pace(stage, held, mine.requests.saturating_sub(self.before_step), &self.verdict);
        if let Some(who) = self.promoted.take()
            && !matches!(advice, Advice::RollBack(_))
        {
            return self.advance(format!("{who} promoted it"), mine).await;
        }
        match advice {
            Advice::RollBack(reason) => Ok(Some(Shifted::Worse(reason.to_string()))),
            _ if self.paused => Ok(None),
            Advice::Hold => Ok(None),
            Advice::Advance => {
                let share = self.split.weight;
                let why =
                    format!("nothing is wrong with {share} %: {} requests, {} errors", mine.requests, mine.errors);
                self.advance(why, mine).await
            }
            Advice::Starved(missing) => {
                self.pause(true, format!("{missing}; `wharf promote` or `wharf abort` it")).await?;
                Ok(None)
            }
        }
    }

    async fn advance(&mut self, why: String, mine: SideView) -> Result<Option<Shifted>, Refusal> {
        let next = self.step.saturating_add(1);
        if next >= self.weights.len() {
            return Ok(Some(Shifted::Through(why)));
        }
        self.before_step = mine.requests;
        self.enter(next, &why).await?;
        Ok(None)
    }

    /// On record first, then the weight itself.
    async fn enter(&mut self, step: usize, why: &str) -> Result<(), Refusal> {
        self.step = step;
        self.split.weight = self.weights.get(step).copied().unwrap_or(100);
        let (now, weight, why) = (self.engine.ledger.now_us(), self.split.weight, why.to_owned());
        self.engine
            .ledger
            .write(move |state| {
                if let Some(rollout) = &mut state.rollout {
                    rollout.enter(step, now);
                    rollout.paused = false;
                }
                state.decide(now, format!("weight {weight}"), why);
                Ok(())
            })
            .await?;
        self.engine.ledger.platform.route(self.split.live, Some(self.split))?;
        self.held_since = Instant::now();
        self.paused = false;
        self.engine.ledger.amend(|view| {
            (view.step, view.weight, view.step_since_us, view.paused) = (step, weight, now, false);
        });
        Ok(())
    }

    /// Does what an operator asks for; the name of who ends it.
    async fn obey(&mut self, command: Command) -> Result<Option<String>, Refusal> {
        let Command { verb, who, done } = command;
        let answer = match verb {
            Verb::Promote => {
                self.promoted = Some(who.clone());
                Ok(())
            }
            Verb::Pause => self.pause(true, format!("{who} paused it")).await,
            Verb::Resume => self.pause(false, format!("{who} resumed it")).await,
            Verb::Abort => Ok(()),
        };
        let word = match verb {
            Verb::Promote => "promote",
            Verb::Pause => "pause",
            Verb::Resume => "resume",
            Verb::Abort => "",
        };
        if !word.is_empty() {
            let Split { live, candidate, weight, .. } = self.split;
            self.engine.audit(&who, word, (Some(live), Some(candidate)), format!("at {weight} %")).await;
        }
        drop(done.send(answer));
        Ok((verb == Verb::Abort).then_some(who))
    }

    async fn pause(&mut self, paused: bool, why: String) -> Result<(), Refusal> {
        if self.paused == paused {
            return Ok(());
        }
        let now = self.engine.ledger.now_us();
        let what = if paused { "paused" } else { "resumed" };
        self.engine
            .ledger
            .write(move |state| {
                if let Some(rollout) = &mut state.rollout {
                    rollout.paused = paused;
                }
                state.decide(now, what, why);
                Ok(())
            })
            .await?;
        self.paused = paused;
        self.engine.ledger.amend(|view| view.paused = paused);
        Ok(())
    }

    /// Where nobody asks the application, the host does.
    async fn listen(&mut self, requests: u64) {
        if requests > self.heard.0 {
            // What the host has asked itself is not somebody, but it does not hide anybody for long either.
            self.heard = (requests, Instant::now());
        }
        if self.heard.1.elapsed() < SILENCE.mul_f64(self.engine.config.pace) {
            return;
        }
        let Split { candidate, live, .. } = self.split;
        for _ in 0..PROBES {
            self.engine.ledger.platform.probe(candidate, live).await;
        }
        let (mine, theirs) = sides(&self.engine.ledger.platform.counts(candidate, live));
        self.heard.0 = mine.requests.saturating_add(theirs.requests);
    }

    fn show(&self, mine: SideView, theirs: SideView) {
        let verdict = match &self.verdict {
            Verdict::NotEnough(_) if self.split.weight == 0 => {
                let candidate = self.split.candidate;
                format!("for testers alone, with `x-wharf-release: {candidate}`; `wharf promote` goes on")
            }
            Verdict::Pass => "pass".to_owned(),
            Verdict::Fail(reason) => format!("fail: {reason}"),
            Verdict::NotEnough(missing) => format!("not enough data: {missing}"),
        };
        self.engine.ledger.amend(|view| {
            view.verdict = verdict;
            view.candidate_counts = mine;
            view.baseline_counts = theirs;
        });
    }
}

fn sides(counts: &BTreeMap<String, (Counts, Counts)>) -> (SideView, SideView) {
    let mine = counts.values().map(|(mine, _)| mine.clone());
    let theirs = counts.values().map(|(_, theirs)| theirs.clone());
    (SideView::of(mine), SideView::of(theirs))
}
