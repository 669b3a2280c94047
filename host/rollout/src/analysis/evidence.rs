//! Evidence that one kind of failure is more frequent in the candidate than in the baseline.
//!
//! Where both are equally good, a failure among `c` requests of the candidate and `b` of the baseline falls on the
//! candidate with probability `w = c / (c + b)`. Were it `t` times as frequent there, with `t w / (1 - w + t w)`. The
//! product of the ratios of the two, over all failures, is a martingale in the first case; mixed over some `t` it stays
//! one. By Ville's inequality it ever reaches `1 / a` with probability `a` at most, at every time at once. Requests are
//! taken in batches: within one, the candidate's failures are hypergeometric, which a binomial dominates (Hoeffding).
//!
//! Whatever harms both sides (a slow database, a busy hour, a change of weight) changes no `w` inside a batch.
//!
//! Not covered: failures that stick to few clients. A client stays on one side, so its failures are one coin and not
//! many. With 8 of 400 clients failing every other request on both sides, 6 of 100 good releases failed in a simulation
//! at 100 requests a second, and 7 of 800 at 1 and 20.
//!
//! # Source
//! Robbins, "Statistical Methods Related to the Law of the Iterated Logarithm" (1970): the mixture. Johari, Pekelis,
//! Walsh, "Always Valid Inference" (Operations Research, 2022): its use while one looks. Lindon, Malek, "Anytime-Valid
//! Inference for Multinomial Count Data" (2022): failures of canaries as coins whose bias is the traffic's split.

use super::histogram::float;

/// Ways in which a candidate may be worse: `t`, and the share of the mixture. Little worse is rare and slow to see;
/// much worse is what bad releases are, so that most of the capital is there.
const MIXTURE: [(f64, f64); 5] = [(2.0, 0.1), (4.0, 0.15), (8.0, 0.2), (32.0, 0.25), (1_000.0, 0.3)];

/// A rise that must not slip through: 5 of 100 requests fail more than before.
const RISE: f64 = 0.05;
/// A baseline without a failure is taken for one with this rate: one more cannot be told from none.
const RATE_MIN: f64 = 0.001;
/// Standard deviations on the safe side, for 99 of 100 candidates with that [`RISE`].
const MARGIN: f64 = 2.33;

/// Accumulates batches.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    // Logarithms of the capital at each `t`.
    bets: [f64; MIXTURE.len()],
    expected: f64,
    variance: f64,
}

/// Requests of both sides and how many of them failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) candidate: u64,
    pub(super) baseline: u64,
    pub(super) candidate_bad: u64,
    pub(super) baseline_bad: u64,
}

impl Evidence {
    /// Adds a batch. `rate` is the baseline's failure rate up to now, for [`Evidence::would_have`] alone.
    pub(super) fn add(&mut self, batch: Batch, rate: f64) {
        let (candidate, baseline) = (float(batch.candidate), float(batch.baseline));
        if batch.candidate == 0 || batch.baseline == 0 {
            return;
        }
        let share = candidate / (candidate + baseline);
        for (bet, (times, _)) in self.bets.iter_mut().zip(MIXTURE) {
            let (on_candidate, on_baseline) = ratios(share, times);
            *bet += float(batch.candidate_bad) * on_candidate + float(batch.baseline_bad) * on_baseline;
        }
        let rate = rate.max(RATE_MIN);
        let risen = rate + RISE;
        let (on_candidate, on_baseline) = ratios(share, risen / rate);
        self.expected += candidate * risen * on_candidate + baseline * rate * on_baseline;
        self.variance += candidate * risen * on_candidate.powi(2) + baseline * rate * on_baseline.powi(2);
    }

    /// The logarithm of the evidence that the candidate is worse; 0 is none.
    pub(super) fn logarithm(&self) -> f64 {
        let mixed: Vec<_> = self.bets.iter().zip(MIXTURE).map(|(bet, (_, share))| bet + share.ln()).collect();
        let largest = mixed.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        largest + mixed.iter().map(|bet| (bet - largest).exp()).sum::<f64>().ln()
    }

    /// Whether a candidate with [`RISE`] would by now almost surely have reached `logarithm`.
    pub(super) fn would_have(&self, logarithm: f64) -> bool {
        let needed = logarithm - MIXTURE.iter().map(|(_, share)| share.ln()).fold(f64::NEG_INFINITY, f64::max);
        self.expected - MARGIN * self.variance.sqrt() >= needed
    }
}

/// Logarithms of the ratios for a failure on either side.
fn ratios(share: f64, times: f64) -> (f64, f64) {
    let sum = 1.0 - share + times * share;
    (times.ln() - sum.ln(), -sum.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_on_the_candidate_alone_convince_and_on_both_do_not() {
        let (mut worse, mut same, mut better) = (Evidence::default(), Evidence::default(), Evidence::default());
        for _ in 0..20 {
            let batch =
                |candidate_bad, baseline_bad| Batch { candidate: 10, baseline: 10, candidate_bad, baseline_bad };
            worse.add(batch(1, 0), 0.0);
            same.add(batch(1, 1), 0.1);
            better.add(batch(0, 1), 0.1);
        }
        assert!(worse.logarithm() > 10.0 && same.logarithm() < 0.0 && better.logarithm() < -5.0);
    }

    #[test]
    fn one_side_alone_tells_nothing() {
        let mut evidence = Evidence::default();
        evidence.add(Batch { candidate: 100, baseline: 0, candidate_bad: 100, baseline_bad: 0 }, 0.0);
        assert!(evidence.logarithm().abs() < 1e-9 && !evidence.would_have(0.0));
    }
}
