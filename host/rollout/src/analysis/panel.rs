//! All components of a rollout: each may fail it, the whole says when enough was seen.

use std::collections::BTreeMap;
use std::fmt;

use super::meter::Counts;
use super::trial::Trial;

/// Bound on the probability that a good release ever fails one of the four questions by chance, all components
/// together. Four of it would be more than the 1 % of good releases that may be rolled back; but a bound is not a
/// rate: in simulations 13 of 13,500 good releases failed, 8 of 2,250 with the worst baseline tried (2 % of errors).
const ALPHA: f64 = 0.004;

/// What the counts say. Not final: the next look may say another thing, but a `Fail` stays one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A bad release would have shown by now.
    Pass,
    /// Roll back.
    Fail(Reason),
    /// Nothing is wrong, and not enough was seen to say more; what is missing.
    NotEnough(String),
}

/// Why a candidate is no good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Which component; `None`: all of them together.
    pub component: Option<String>,
    /// What, with the numbers of both sides.
    pub what: String,
}

/// The analysis of one rollout.
#[derive(Clone, Debug)]
pub struct Panel {
    whole: Trial,
    parts: BTreeMap<String, Trial>,
    failed: Option<Reason>,
    limit: f64,
}

impl Panel {
    /// One for each rollout, with the components that may fail it: those that changed, and those that call them.
    pub fn new(components: impl IntoIterator<Item = String>) -> Self {
        let parts: BTreeMap<_, _> = components.into_iter().map(|id| (id, Trial::default())).collect();
        // Each component is one more chance to be wrong; they share the probability.
        let trials = u32::try_from(parts.len().saturating_add(1)).unwrap_or(u32::MAX);
        // One component alone is the whole: the same numbers, the same question.
        let trials = if trials == 2 { 1 } else { trials };
        let limit = -(ALPHA / f64::from(trials)).ln();
        Self { whole: Trial::default(), parts, failed: None, limit }
    }

    /// Looks at the counts (candidate, baseline) since the rollout began, by component. Call it every second, at least
    /// every ten; components that are not on the panel count in the whole alone.
    ///
    /// Counts grow; where they do not, because a meter was begun anew, nothing is learned until they have caught up.
    pub fn observe(&mut self, counts: &BTreeMap<String, (Counts, Counts)>) -> Verdict {
        if let Some(reason) = &self.failed {
            return Verdict::Fail(reason.clone());
        }
        let (mut candidate, mut baseline) = (Counts::default(), Counts::default());
        for (id, (mine, theirs)) in counts {
            candidate.add(mine);
            baseline.add(theirs);
            let what = self.parts.get_mut(id).and_then(|trial| trial.observe(mine, theirs, self.limit));
            if let Some(what) = what {
                return self.fail(Some(id.clone()), what);
            }
        }
        if let Some(what) = self.whole.observe(&candidate, &baseline, self.limit) {
            return self.fail(None, what);
        }
        match self.whole.enough(&candidate, &baseline, self.limit) {
            Ok(()) => Verdict::Pass,
            Err(missing) => Verdict::NotEnough(missing),
        }
    }

    fn fail(&mut self, component: Option<String>, what: String) -> Verdict {
        let reason = self.failed.insert(Reason { component, what });
        Verdict::Fail(reason.clone())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.component {
            Some(component) => write!(f, "{component}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}
