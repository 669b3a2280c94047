//! A control arrow and queues that do what a test tells them, and remember what they were asked.
#![expect(dead_code, reason = "three test binaries share it, and none uses all of it")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use control::{
    Change, Control, Ended, Kind, Order, Outcome, Phase, PlanView, Refusal, ReleaseView, RollbackView, RolloutView,
    SideView, Status, Verb,
};
use futures::future::BoxFuture;
use rollout::{AuditLine, Digest, Plan, Release, ReleaseId, RollbackVerdict, Strategy};
use tokio::sync::watch;

// Of the crate that has this file: `admin` itself among them.
use super::{Changed, DeadLetterView, Paused, QueueView, Queues, Which};

type Answer<T> = BoxFuture<'static, Result<T, Refusal>>;

/// The fake. Release r1 is live at first.
pub(crate) struct Fake {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

struct State {
    status: Status,
    objects: BTreeMap<Digest, Vec<u8>>,
    releases: Vec<Release>,
    audit: Vec<AuditLine>,
    calls: Vec<String>,
    orders: Vec<Order>,
    plan: Plan,
    refusal: Option<Refusal>,
    verdict: RollbackVerdict,
    queues: Vec<QueueView>,
    dead: Vec<DeadLetterView>,
    /// What happens to a rollout once it has begun.
    fate: Option<(Outcome, String)>,
    /// Whether what goes live is seen at once.
    seen: bool,
}

impl Fake {
    pub(crate) fn new() -> Arc<Self> {
        let release = release(1, "ada");
        let view = ReleaseView { release: release.clone(), changed: Vec::new(), live: true, rollback: None };
        let status = Status {
            sequence: 1,
            application: "shop".to_owned(),
            live: Some(view),
            observed: Some(ReleaseId(1)),
            ..Status::default()
        };
        let state = State {
            status,
            objects: BTreeMap::new(),
            releases: vec![release],
            audit: Vec::new(),
            calls: Vec::new(),
            orders: Vec::new(),
            plan: Plan::default(),
            refusal: None,
            verdict: RollbackVerdict::Safe,
            queues: vec![QueueView { queue: "work".to_owned(), ..QueueView::default() }],
            dead: Vec::new(),
            fate: None,
            seen: true,
        };
        Arc::new(Self { state: Mutex::new(state), changes: watch::Sender::new(1) })
    }

    /// What it was asked, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state.lock().unwrap().calls.clone()
    }

    /// The orders it got.
    pub(crate) fn orders(&self) -> Vec<Order> {
        self.state.lock().unwrap().orders.clone()
    }

    pub(crate) fn object(&self, digest: Digest) -> Option<Vec<u8>> {
        self.state.lock().unwrap().objects.get(&digest).cloned()
    }

    /// The next verb is refused.
    pub(crate) fn refuse(&self, refusal: Refusal) {
        self.state.lock().unwrap().refusal = Some(refusal);
    }

    pub(crate) fn plans(&self, plan: Plan) {
        self.state.lock().unwrap().plan = plan;
    }

    pub(crate) fn judges(&self, verdict: RollbackVerdict) {
        self.state.lock().unwrap().verdict = verdict;
    }

    /// Its queues; at first one, `work`.
    pub(crate) fn holds(&self, queues: Vec<QueueView>) {
        self.state.lock().unwrap().queues = queues;
    }

    /// The dead letters of each of its queues; at first none.
    pub(crate) fn gives_up(&self, dead: Vec<DeadLetterView>) {
        self.state.lock().unwrap().dead = dead;
    }

    /// A rollout ends like this as soon as it has begun.
    pub(crate) fn ends(&self, outcome: Outcome, why: &str) {
        self.state.lock().unwrap().fate = Some((outcome, why.to_owned()));
    }

    /// What goes live is not seen before [`Fake::see`].
    pub(crate) fn hides(&self) {
        self.state.lock().unwrap().seen = false;
    }

    /// What is live is seen.
    pub(crate) fn see(&self) {
        self.change(|status| status.observed = status.live.as_ref().map(|live| live.release.id));
    }

    /// Changes the status and tells whoever watches.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Status)) {
        let sequence = {
            let mut state = self.state.lock().unwrap();
            change(&mut state.status);
            state.status.sequence += 1;
            state.status.sequence
        };
        self.changes.send_replace(sequence);
    }

    /// The rollout gets this share.
    pub(crate) fn weighs(&self, weight: u8) {
        self.change(|status| {
            let rollout = status.rollout.as_mut().unwrap();
            rollout.phase = Phase::Shift;
            rollout.weight = weight;
            rollout.step = rollout.weights.iter().position(|step| *step == weight).unwrap();
        });
    }

    /// The rollout ends.
    pub(crate) fn end(&self, outcome: Outcome, why: &str) {
        let (view, seen) = {
            let state = self.state.lock().unwrap();
            let candidate = state.status.rollout.as_ref().unwrap().candidate;
            let release = state.releases.iter().find(|release| release.id == candidate).unwrap().clone();
            (ReleaseView { release, changed: Vec::new(), live: true, rollback: None }, state.seen)
        };
        self.change(|status| {
            let release = view.release.id;
            if outcome == Outcome::Live {
                status.live = Some(view);
                if seen {
                    status.observed = Some(release);
                }
            }
            status.rollout = None;
            status.ended = Some(Ended { release, outcome, why: why.to_owned(), at_us: 5 });
        });
    }

    fn begin(&self, order: &Order, who: &str) -> ReleaseId {
        let id = {
            let mut state = self.state.lock().unwrap();
            let id = u64::try_from(state.releases.len()).unwrap() + 1;
            state.releases.push(release(id, who));
            ReleaseId(id)
        };
        let strategy = order.strategy.clone().unwrap_or(Strategy::Now);
        self.change(|status| {
            status.rollout = Some(RolloutView {
                candidate: id,
                phase: Phase::Stage,
                weights: strategy.weights(),
                strategy,
                step: 0,
                weight: 0,
                paused: false,
                since_us: 2,
                step_since_us: 2,
                verdict: "not enough data: 0 of 50 requests".to_owned(),
                candidate_counts: SideView::default(),
                baseline_counts: SideView::default(),
            });
        });
        id
    }

    fn go_back(&self, to: ReleaseId) {
        let view = ReleaseView { release: release(to.0, "ada"), changed: vec![], live: true, rollback: None };
        let seen = self.state.lock().unwrap().seen;
        self.change(|status| {
            status.live = Some(view);
            if seen {
                status.observed = Some(to);
            }
        });
    }

    fn change_dead(&self, verb: &str, (queue, which): (String, Which), who: &str) -> Answer<Changed> {
        let asked = self.asked(format!("{verb} {queue} {which:?} by {who}"));
        let mut state = self.state.lock().unwrap();
        let ids: Vec<_> = match which {
            Which::All => state.dead.iter().map(|letter| letter.id.clone()).collect(),
            Which::Ids(ids) => ids,
        };
        let (there, absent): (Vec<_>, Vec<_>) =
            ids.into_iter().partition(|id| state.dead.iter().any(|letter| letter.id == *id));
        state.dead.retain(|letter| !there.contains(&letter.id));
        let paused = state.queues.iter().any(|view| view.queue == queue && view.paused);
        ready(asked.map(|()| Changed { queue, count: u64::try_from(there.len()).unwrap(), absent, paused }))
    }

    fn asked(&self, call: String) -> Result<(), Refusal> {
        let mut state = self.state.lock().unwrap();
        state.calls.push(call);
        state.refusal.take().map_or(Ok(()), Err)
    }
}

pub(crate) fn release(id: u64, by: &str) -> Release {
    Release {
        version: 1,
        id: ReleaseId(id),
        parent: id.checked_sub(1).filter(|parent| *parent > 0).map(ReleaseId),
        created_at_us: 1_700_000_000_000_000 + id,
        by: by.to_owned(),
        note: String::new(),
        manifest: Digest::of(b"manifest"),
        components: BTreeMap::new(),
    }
}

fn ready<T: Send + 'static>(value: Result<T, Refusal>) -> Answer<T> {
    Box::pin(std::future::ready(value))
}

impl Control for Fake {
    fn keep(&self, digest: Digest, bytes: Vec<u8>) -> Answer<()> {
        let asked = self.asked(format!("keep {}", digest.short()));
        self.state.lock().unwrap().objects.insert(digest, bytes);
        ready(asked)
    }

    fn has(&self, digest: Digest) -> bool {
        self.state.lock().unwrap().objects.contains_key(&digest)
    }

    fn plan(&self, _change: Change) -> Answer<PlanView> {
        let asked = self.asked("plan".to_owned());
        let plan = self.state.lock().unwrap().plan.clone();
        let unapproved = plan.missing(&[].into()).iter().filter_map(|change| change.approval.clone()).collect();
        ready(asked.map(|()| PlanView { plan, unapproved, live: Some(ReleaseId(1)) }))
    }

    fn deploy(&self, order: Order, who: String) -> Answer<ReleaseId> {
        let asked = self.asked(format!("deploy by {who}"));
        self.state.lock().unwrap().orders.push(order.clone());
        let fate = self.state.lock().unwrap().fate.clone();
        ready(asked.map(|()| {
            let id = self.begin(&order, &who);
            if let Some((outcome, why)) = fate {
                self.end(outcome, &why);
            }
            id
        }))
    }

    fn act(&self, verb: Verb, who: String) -> Answer<Status> {
        let asked = self.asked(format!("{verb:?} by {who}").to_lowercase());
        ready(asked.map(|()| {
            let status = self.status();
            if verb == Verb::Abort && status.rollout.is_some() {
                self.end(Outcome::Aborted, &format!("{who} ended it"));
            } else {
                let pause = |rollout: &mut RolloutView| rollout.paused = verb == Verb::Pause;
                self.change(|status| status.rollout.iter_mut().for_each(pause));
            }
            self.status()
        }))
    }

    fn rollback(
        &self,
        target: Option<ReleaseId>,
        dry_run: bool,
        accept_loss: bool,
        who: String,
    ) -> Answer<RollbackView> {
        let call = format!("rollback to {target:?} dry_run={dry_run} accept_loss={accept_loss} by {who}");
        let asked = self.asked(call);
        let verdict = self.state.lock().unwrap().verdict.clone();
        if !dry_run && !accept_loss && matches!(verdict, RollbackVerdict::Loses(_)) {
            return ready(Err(Refusal::new(Kind::Conflict, format!("going back {verdict}; say `--accept-loss`"))));
        }
        let to = target.unwrap_or(ReleaseId(1));
        if asked.is_ok() && !dry_run {
            self.go_back(to);
        }
        ready(asked.map(|()| RollbackView { from: Some(ReleaseId(2)), to, verdict, done: !dry_run }))
    }

    fn status(&self) -> Status {
        self.state.lock().unwrap().status.clone()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn releases(&self) -> Answer<Vec<ReleaseView>> {
        let state = self.state.lock().unwrap();
        let live = state.status.live.as_ref().map(|live| live.release.id);
        let views = state.releases.iter().rev().map(|release| {
            let live = live == Some(release.id);
            let rollback = (!live).then_some(RollbackVerdict::Safe);
            ReleaseView { release: release.clone(), changed: vec!["cart".to_owned()], live, rollback }
        });
        ready(Ok(views.collect()))
    }

    fn audit(&self, count: usize) -> Answer<Vec<AuditLine>> {
        let line = AuditLine {
            at_us: 1_700_000_000_000_000,
            who: "ada".to_owned(),
            what: "deploy".to_owned(),
            from: Some("r1".to_owned()),
            to: Some("r2".to_owned()),
            ..AuditLine::default()
        };
        ready(Ok(vec![line; count.min(3)]))
    }
}

impl Queues for Fake {
    fn list(&self) -> Answer<Vec<QueueView>> {
        let queues = self.state.lock().unwrap().queues.clone();
        ready(Ok(queues))
    }

    fn peek(&self, queue: String, limit: u32, bodies: bool) -> Answer<Vec<DeadLetterView>> {
        let asked = self.asked(format!("peek {queue} limit={limit} bodies={bodies}"));
        let letters = self.state.lock().unwrap().dead.clone();
        ready(asked.map(|()| letters.into_iter().take(usize::try_from(limit).unwrap()).collect()))
    }

    fn redrive(&self, queue: String, which: Which, who: String) -> Answer<Changed> {
        self.change_dead("redrive", (queue, which), &who)
    }

    fn discard(&self, queue: String, which: Which, who: String) -> Answer<Changed> {
        self.change_dead("discard", (queue, which), &who)
    }

    fn set_paused(&self, queue: String, paused: bool, who: String) -> Answer<Paused> {
        let asked = self.asked(format!("{} {queue} by {who}", if paused { "pause" } else { "resume" }));
        ready(asked.map(|()| Paused { queue, paused, depth: 0 }))
    }
}
