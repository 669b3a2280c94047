//! What the journal says: the record that decides what serves after a restart.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Error, ReleaseId, Strategy};

/// Decisions kept in the record: more than any one rollout makes, and the record stays well under 100 KiB.
pub(crate) const DECISIONS_MAX: usize = 200;
/// Earlier live releases remembered, the same number as releases kept.
pub(crate) const PREVIOUS_MAX: usize = 20;

/// What is live, what is on its way, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Format of this record: [`State::VERSION`]; the journal sets it.
    #[serde(default)]
    pub version: u32,
    /// Counts the writes; the journal sets it.
    #[serde(default)]
    pub sequence: u64,
    /// The last number that a release was given, kept or not.
    #[serde(default)]
    pub issued: u64,
    /// The release that serves. `None`: nothing was ever deployed.
    #[serde(default)]
    pub live: Option<ReleaseId>,
    /// What was live before, newest first, at most 20.
    #[serde(default)]
    pub previous: Vec<ReleaseId>,
    /// Releases that the sweep leaves alone.
    #[serde(default)]
    pub pinned: Vec<ReleaseId>,
    /// A rollout under way.
    #[serde(default)]
    pub rollout: Option<Rollout>,
    /// Newest last, at most 200.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// Who deploys.
    #[serde(default)]
    pub lock: Option<Lock>,
}

/// A rollout under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollout {
    /// The release that shall become live.
    pub candidate: ReleaseId,
    /// How.
    pub strategy: Strategy,
    /// Place in [`Strategy::weights`], from 0.
    pub step: usize,
    /// Percent of clients that get the candidate; 0 while it is staged.
    pub weight: u8,
    /// Microseconds since 1970: when the rollout began.
    pub since_us: u64,
    /// Microseconds since 1970: when this step began.
    pub step_since_us: u64,
    /// Held by an operator; weights stay as they are.
    #[serde(default)]
    pub paused: bool,
}

/// One line of the decision log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Microseconds since 1970.
    pub at_us: u64,
    /// What was done: `staged`, `weight 25`, `rolled back`.
    pub what: String,
    /// The reason, in a sentence.
    pub why: String,
}

/// The deploy lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Who.
    pub holder: String,
    /// Microseconds since 1970.
    pub since_us: u64,
}

// === impl State ===

impl State {
    /// Format that this host writes, and the newest that it reads.
    pub const VERSION: u32 = 1;

    /// Takes the deploy lock.
    ///
    /// # Errors
    /// [`Error::Locked`] where somebody has it, the same holder too.
    pub fn take_lock(&mut self, holder: &str, now_us: u64) -> Result<(), Error> {
        if let Some(Lock { holder, since_us }) = &self.lock {
            return Err(Error::Locked { holder: holder.clone(), since_us: *since_us });
        }
        self.lock = Some(Lock { holder: holder.to_owned(), since_us: now_us });
        Ok(())
    }

    /// A number for a new release, which nobody had before. `next` is the store's ([`crate::Store::next_id`]).
    pub fn issue(&mut self, next: ReleaseId) -> ReleaseId {
        self.issued = next.0.max(self.issued.saturating_add(1));
        ReleaseId(self.issued)
    }

    /// Gives the deploy lock back.
    pub fn release_lock(&mut self) {
        self.lock = None;
    }

    /// Adds a line to the decision log; the oldest one goes where it is full.
    pub fn decide(&mut self, at_us: u64, what: impl Into<String>, why: impl Into<String>) {
        self.decisions.push(Decision { at_us, what: what.into(), why: why.into() });
        let surplus = self.decisions.len().saturating_sub(DECISIONS_MAX);
        self.decisions.drain(..surplus);
    }

    /// Begins a rollout at weight 0.
    pub fn begin(&mut self, candidate: ReleaseId, strategy: Strategy, now_us: u64) {
        let (step, weight, paused) = (0, 0, false);
        self.rollout =
            Some(Rollout { candidate, strategy, step, weight, since_us: now_us, step_since_us: now_us, paused });
    }

    /// Makes a release live: the former one is remembered, the rollout is over.
    pub fn go_live(&mut self, release: ReleaseId) {
        if let Some(former) = self.live.replace(release).filter(|former| *former != release) {
            self.previous.retain(|id| *id != former && *id != release);
            self.previous.insert(0, former);
            self.previous.truncate(PREVIOUS_MAX);
        }
        self.rollout = None;
    }
}

// === impl Rollout ===

impl Rollout {
    /// Goes to step `step` of the strategy; one past the last stays at the last.
    pub fn enter(&mut self, step: usize, now_us: u64) {
        let weights = self.strategy.weights();
        self.step = step.min(weights.len().saturating_sub(1));
        self.weight = weights.get(self.step).copied().unwrap_or(100);
        self.step_since_us = now_us;
    }

    /// How long this step has been held.
    pub fn held(&self, now_us: u64) -> Duration {
        Duration::from_micros(now_us.saturating_sub(self.step_since_us))
    }
}
