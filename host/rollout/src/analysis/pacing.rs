//! When to take the next step.
//!
//! Early steps are short: they are there so that what is plainly broken meets few. The last step below 100 % is held
//! until a release with 5 % more errors would almost surely have failed, since at 100 % there is nobody left to compare
//! with. With the default steps and a baseline without errors this takes about 3 minutes at 100 and at 20 requests a
//! second, and about 22 minutes at one a second.

use std::time::Duration;

use super::panel::{Reason, Verdict};
use crate::Strategy;

/// Shortest hold of an early step: some looks, and the caches of the new version are warm.
pub const EARLY_HOLD: Duration = Duration::from_secs(30);
/// Requests on the candidate for an early step to be over: a trip wire's window.
pub const EARLY_REQUESTS_MIN: u64 = 20;
/// Longest hold of an early step: with so little traffic the larger share harms few, and tells more.
pub const EARLY_HOLD_MAX: Duration = Duration::from_mins(2);
/// Shortest hold of the last step below 100 %: as long as both early ones together.
pub const LAST_HOLD: Duration = Duration::from_mins(1);
/// Longest hold of the last step: at one request a second 18 minutes are needed; with less traffic a person is asked.
pub const LAST_HOLD_MAX: Duration = Duration::from_mins(30);
/// Hold at 100 %, by trip wires alone, before the old release is given up.
pub const FULL_HOLD: Duration = Duration::from_secs(30);

/// Where in a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// 0 %: testers alone reach it, and a person says when others shall.
    Testers,
    /// A step with another below 100 % after it.
    Early,
    /// The last step below 100 %.
    Last,
    /// 100 %.
    Full,
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing.
    Hold,
    /// The next step; at [`Stage::Full`]: the rollout is done.
    Advance,
    /// Back to the baseline, at once.
    RollBack(Reason),
    /// Too little happened to judge, in all the time there was; what is missing. Probe, or ask a person.
    Starved(String),
}

impl Stage {
    /// The stage of a strategy's step.
    pub fn of(strategy: &Strategy, step: usize) -> Self {
        let weights = strategy.weights();
        let full = |step: usize| weights.get(step).is_none_or(|weight| *weight >= 100);
        if weights.get(step) == Some(&0) {
            return Self::Testers;
        }
        match (full(step), full(step.saturating_add(1))) {
            (true, _) => Self::Full,
            (false, true) => Self::Last,
            (false, false) => Self::Early,
        }
    }
}

/// What to do, given how long the step was `held`, the candidate's `requests` in this step, and the verdict.
pub fn pace(stage: Stage, held: Duration, requests: u64, verdict: &Verdict) -> Advice {
    if let Verdict::Fail(reason) = verdict {
        return Advice::RollBack(reason.clone());
    }
    let go = |ready| if ready { Advice::Advance } else { Advice::Hold };
    match (stage, verdict) {
        (Stage::Testers, _) => Advice::Hold,
        (Stage::Early, _) => go(held >= EARLY_HOLD_MAX || (held >= EARLY_HOLD && requests >= EARLY_REQUESTS_MIN)),
        (Stage::Last, Verdict::NotEnough(missing)) if held >= LAST_HOLD_MAX => Advice::Starved(missing.clone()),
        (Stage::Last, verdict) => go(held >= LAST_HOLD && *verdict == Verdict::Pass),
        (Stage::Full, _) => go(held >= FULL_HOLD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn stages_follow_the_strategy() {
        let stages = |text: &str| {
            let strategy: Strategy = text.parse().unwrap();
            (0..=strategy.weights().len()).map(|step| Stage::of(&strategy, step)).collect::<Vec<_>>()
        };
        assert_eq!(stages("canary"), [Stage::Early, Stage::Early, Stage::Last, Stage::Full, Stage::Full]);
        assert_eq!(stages("5,100"), [Stage::Last, Stage::Full, Stage::Full]);
        assert_eq!(stages("0,50,100"), [Stage::Testers, Stage::Last, Stage::Full, Stage::Full]);
        assert_eq!(stages("now"), [Stage::Full, Stage::Full]);
    }

    #[test]
    fn only_the_last_step_waits_for_a_verdict() {
        let missing = Verdict::NotEnough("x".into());
        for (stage, held, requests, verdict, advice) in [
            (Stage::Testers, 9_999, 999, &Verdict::Pass, Advice::Hold),
            (Stage::Early, 29, 999, &Verdict::Pass, Advice::Hold),
            (Stage::Early, 30, 19, &missing, Advice::Hold),
            (Stage::Early, 30, 20, &missing, Advice::Advance),
            (Stage::Early, 120, 0, &missing, Advice::Advance),
            (Stage::Last, 59, 999, &Verdict::Pass, Advice::Hold),
            (Stage::Last, 60, 999, &Verdict::Pass, Advice::Advance),
            (Stage::Last, 1_799, 999, &missing, Advice::Hold),
            (Stage::Last, 1_800, 0, &missing, Advice::Starved("x".into())),
            (Stage::Full, 29, 0, &missing, Advice::Hold),
            (Stage::Full, 30, 0, &missing, Advice::Advance),
        ] {
            assert_eq!(pace(stage, seconds(held), requests, verdict), advice, "{stage:?} {held} {requests}");
        }
        let reason = Reason { component: None, what: "faults".into() };
        for stage in [Stage::Testers, Stage::Early, Stage::Last, Stage::Full] {
            let advice = pace(stage, seconds(0), 0, &Verdict::Fail(reason.clone()));
            assert_eq!(advice, Advice::RollBack(reason.clone()));
        }
    }
}
