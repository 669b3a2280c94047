//! What an operator is shown. Times are microseconds since 1970, shares are percent.

use std::collections::BTreeMap;

use rollout::{Counts, Decision, Plan, Release, ReleaseId, RollbackVerdict, Strategy};
use serde::{Deserialize, Serialize};

use crate::rolling::changed;

/// What is live, what is on its way, and why.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Status {
    /// Grows with every change of this record, so that a watcher can wait for the next.
    pub sequence: u64,
    /// The application's name.
    pub application: String,
    /// The release that serves.
    pub live: Option<ReleaseView>,
    /// The release that was last seen answering through the front door, which may lag behind `live` for a moment.
    pub observed: Option<ReleaseId>,
    /// A rollout under way.
    pub rollout: Option<RolloutView>,
    /// How the last rollout ended.
    pub ended: Option<Ended>,
    /// Releases that only finish what they have begun, with the requests and messages they still serve.
    pub retiring: BTreeMap<String, u64>,
    /// The decision log, newest last.
    pub decisions: Vec<Decision>,
}

/// A release in few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseView {
    /// The release.
    #[serde(flatten)]
    pub release: Release,
    /// Components whose wasm differs from that of the release before it.
    pub changed: Vec<String>,
    /// Whether it serves.
    pub live: bool,
    /// What going back to it means; absent for the one that is live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<RollbackVerdict>,
}

/// Where a rollout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The files are compiled and compared with the grants.
    Verify,
    /// Migrations run, an instance is made, the new version is asked whether it is ready.
    Stage,
    /// It gets its share of requests and messages.
    Shift,
    /// The old version finishes what it has begun.
    Retire,
}

/// A rollout under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RolloutView {
    /// The release on its way.
    pub candidate: ReleaseId,
    /// Where it is.
    pub phase: Phase,
    /// How weight goes to it.
    pub strategy: Strategy,
    /// The weights to go through in percent.
    pub weights: Vec<u8>,
    /// Place in `weights`, from 0.
    pub step: usize,
    /// Percent of clients that get the candidate.
    pub weight: u8,
    /// Held by an operator.
    pub paused: bool,
    /// When it began.
    pub since_us: u64,
    /// When this step began.
    pub step_since_us: u64,
    /// What the analysis says: `pass`, `fail: ...`, `not enough data: ...`.
    pub verdict: String,
    /// What the candidate did since the rollout began.
    pub candidate_counts: SideView,
    /// What the live release did meanwhile.
    pub baseline_counts: SideView,
}

/// Counts of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SideView {
    /// Requests answered.
    pub requests: u64,
    /// Answers of 500 and above, faults included.
    pub errors: u64,
    /// Traps and memory exhausted.
    pub faults: u64,
    /// 95th percentile of the time to the answer's head, in milliseconds.
    pub p95_ms: f64,
    /// Messages and schedules handled.
    pub messages: u64,
    /// Of these, those that the handler did not take.
    pub failures: u64,
}

/// How a rollout ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It serves, and was seen serving.
    Live,
    /// The analysis found it worse.
    RolledBack,
    /// An operator ended it.
    Aborted,
    /// It never got a request: it does not compile, start, migrate or become ready.
    Failed,
    /// The host stopped in the middle of it; the release that was live before still is.
    Interrupted,
}

/// The end of a rollout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The release that was to become live.
    pub release: ReleaseId,
    /// How it ended.
    pub outcome: Outcome,
    /// The reason in a sentence.
    pub why: String,
    /// When.
    pub at_us: u64,
}

/// What a deploy would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanView {
    /// Every difference.
    pub plan: Plan,
    /// Names that would have to be approved.
    pub unapproved: Vec<String>,
    /// The release it is compared with.
    pub live: Option<ReleaseId>,
}

/// What a way back means, or meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackView {
    /// The release that is live, or was.
    pub from: Option<ReleaseId>,
    /// The release to go back to.
    pub to: ReleaseId,
    /// What it means for the data.
    pub verdict: RollbackVerdict,
    /// Whether it was done.
    pub done: bool,
}

// === impl ReleaseView ===

impl ReleaseView {
    /// Of a release, with the means to find the one before it.
    pub(crate) fn new(release: Release, find: impl FnOnce(ReleaseId) -> Option<Release>) -> Self {
        let changed = changed(&release, release.parent.and_then(find).as_ref());
        Self { release, changed, live: false, rollback: None }
    }

    pub(crate) fn live(release: Release, find: impl FnOnce(ReleaseId) -> Option<Release>) -> Self {
        Self { live: true, ..Self::new(release, find) }
    }
}

// === impl SideView ===

impl SideView {
    /// The sum over all components.
    pub(crate) fn of(counts: impl Iterator<Item = Counts>) -> Self {
        let mut sum = Counts::default();
        counts.for_each(|one| sum.add(&one));
        let Counts { requests, errors, faults, messages, failures, latency, .. } = &sum;
        Self {
            requests: *requests,
            errors: *errors,
            faults: *faults,
            p95_ms: latency.quantile_ms(0.95),
            messages: *messages,
            failures: *failures,
        }
    }
}
