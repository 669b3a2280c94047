//! One component on trial: its four questions, asked in batches.

use super::evidence::{Batch, Evidence};
use super::histogram::float;
use super::meter::{Counts, WIRE_ERRORS, WIRE_FAILURES, WIRE_FAULTS, WIRE_REQUESTS};

/// Requests to a batch: enough that a candidate with a share of 5 % is in most of them, few enough that at one request
/// a second a batch takes less than a minute.
const BATCH_REQUESTS: u64 = 40;
/// Deliveries to a batch: there are fewer of them.
const BATCH_MESSAGES: u64 = 20;
/// Requests of the baseline before its p95 says what slow is; two of them are then above it.
const LATENCY_REQUESTS_MIN: u64 = 40;
/// The p95 that counts.
const QUANTILE: f64 = 0.95;
/// A p95 worth rolling back for is half as long again as the baseline's: two buckets of the histogram, so that it is
/// no edge between two, and
const LATENCY_RATIO: f64 = 1.4;
/// this much longer: what a person begins to notice.
const LATENCY_RISE_MS: f64 = 50.0;
/// A rise of the failure rate worth rolling back for. Less may be true, and harms less than a rollback.
const RATE_RISE: f64 = 0.01;
/// The same for faults, which are never normal.
const FAULT_RISE: f64 = 0.001;
/// Evidence (a logarithm) that a trip wire for messages needs beside it: a disturbance that hits both sides
/// must not trip the candidate's alone. 1 in 50 by chance, and a wire is hit rarely.
const WIRE_EVIDENCE: f64 = 3.9;
/// A candidate alone, without a baseline meanwhile, is held against what the baseline was: a wire counts where less
/// than this share of the baseline's failed.
const WIRE_RATE: f64 = 0.02;
/// Requests of the candidate after which a release passes though `would_have` still doubts, because traffic is low or
/// the baseline itself fails often. In simulations at one request a second, 988 of 1,000 releases with 5 % more errors
/// than a baseline with 0.2 % had failed by then.
const REQUESTS_ENOUGH: u64 = 540;
/// Deliveries of the candidate to see before a release with consumers passes: half of them failing would have shown.
const MESSAGES_MIN: u64 = 60;

/// A component of the candidate against the same one of the baseline.
#[derive(Clone, Debug, Default)]
pub(super) struct Trial {
    // Cumulative, at the end of the last batch.
    requests: (Counts, Counts),
    messages: (Counts, Counts),
    errors: Evidence,
    faults: Evidence,
    slow: Evidence,
    failures: Evidence,
    // In the last batch the baseline was not asked at all: 100 %.
    alone: bool,
}

impl Trial {
    /// Takes the counts up to now; a fault as a sentence where the evidence reaches `limit` (a logarithm).
    pub(super) fn observe(&mut self, candidate: &Counts, baseline: &Counts, limit: f64) -> Option<String> {
        self.take_requests(candidate, baseline);
        self.take_messages(candidate, baseline);
        let wire = || wires(candidate, baseline, self.failures.logarithm(), self.alone);
        wire().or_else(|| self.convinced(candidate, baseline, limit))
    }

    /// Whether a bad candidate would have shown by now; else what is missing.
    pub(super) fn enough(&self, candidate: &Counts, baseline: &Counts, limit: f64) -> Result<(), String> {
        if !self.errors.would_have(limit) && candidate.requests < REQUESTS_ENOUGH {
            let seen = candidate.requests;
            return Err(format!("{seen} requests on the candidate are too few to see 5 % of errors"));
        }
        let any = candidate.messages > 0 || baseline.messages > 0;
        if any && candidate.messages < MESSAGES_MIN {
            return Err(format!("{} of {MESSAGES_MIN} messages were handled by the candidate", candidate.messages));
        }
        Ok(())
    }

    fn take_requests(&mut self, candidate: &Counts, baseline: &Counts) {
        let (old, old_baseline) = &self.requests;
        let pick = |count: fn(&Counts) -> u64| {
            (count(candidate).saturating_sub(count(old)), count(baseline).saturating_sub(count(old_baseline)))
        };
        let (requests, others) = pick(|counts| counts.requests);
        if requests.saturating_add(others) < BATCH_REQUESTS {
            return;
        }
        let batch = |(candidate_bad, baseline_bad)| Batch {
            candidate: requests,
            baseline: others,
            candidate_bad,
            baseline_bad,
        };
        self.errors.add(batch(pick(|counts| counts.errors)), rate(baseline.errors, baseline.requests));
        self.faults.add(batch(pick(|counts| counts.faults)), rate(baseline.faults, baseline.requests));
        // What slow is was known before the batch began: else the bet would know its outcome.
        let known = old_baseline.latency.total() >= LATENCY_REQUESTS_MIN;
        if let Some(bucket) = old_baseline.latency.quantile(QUANTILE).filter(|_| known) {
            let slow =
                |now: &Counts, then: &Counts| now.latency.above(bucket).saturating_sub(then.latency.above(bucket));
            self.slow.add(batch((slow(candidate, old), slow(baseline, old_baseline))), 1.0 - QUANTILE);
        }
        self.alone = others == 0;
        self.requests = (candidate.clone(), baseline.clone());
    }

    fn take_messages(&mut self, candidate: &Counts, baseline: &Counts) {
        let (old, old_baseline) = &self.messages;
        let batch = Batch {
            candidate: candidate.messages.saturating_sub(old.messages),
            baseline: baseline.messages.saturating_sub(old_baseline.messages),
            candidate_bad: candidate.failures.saturating_sub(old.failures),
            baseline_bad: baseline.failures.saturating_sub(old_baseline.failures),
        };
        if batch.candidate.saturating_add(batch.baseline) >= BATCH_MESSAGES {
            self.failures.add(batch, rate(baseline.failures, baseline.messages));
            self.messages = (candidate.clone(), baseline.clone());
        }
    }

    fn convinced(&self, candidate: &Counts, baseline: &Counts, limit: f64) -> Option<String> {
        let risen =
            |evidence: &Evidence, what: &str, (bad, of): (u64, u64), (base, base_of): (u64, u64), least: f64| {
                let (share, before) = (rate(bad, of), rate(base, base_of));
                (evidence.logarithm() >= limit && share - before >= least).then(|| {
                    format!(
                        "{what}: {bad} of {of} ({:.1} %), {base} of {base_of} ({:.1} %) before",
                        share * 100.0,
                        before * 100.0
                    )
                })
            };
        let requests =
            |candidate_bad, baseline_bad| ((candidate_bad, candidate.requests), (baseline_bad, baseline.requests));
        let (mine, theirs) = requests(candidate.faults, baseline.faults);
        let faults = risen(&self.faults, "faults", mine, theirs, FAULT_RISE);
        let (mine, theirs) = requests(candidate.errors, baseline.errors);
        let errors = || risen(&self.errors, "errors", mine, theirs, RATE_RISE);
        let (mine, theirs) = ((candidate.failures, candidate.messages), (baseline.failures, baseline.messages));
        let failures = || risen(&self.failures, "messages failed", mine, theirs, RATE_RISE);
        faults.or_else(errors).or_else(failures).or_else(|| self.slower(candidate, baseline, limit))
    }

    fn slower(&self, candidate: &Counts, baseline: &Counts, limit: f64) -> Option<String> {
        let (now, before) = (candidate.latency.quantile_ms(QUANTILE), baseline.latency.quantile_ms(QUANTILE));
        let worth = now >= before * LATENCY_RATIO && now - before >= LATENCY_RISE_MS;
        (worth && self.slow.logarithm() >= limit).then(|| format!("p95: {now:.0} ms, {before:.0} ms before"))
    }
}

/// For low traffic and for what nobody wants to count to the end.
fn wires(candidate: &Counts, baseline: &Counts, failures: f64, full: bool) -> Option<String> {
    // What the baseline does too, now or before, is not the candidate's.
    let alone = |bad, of| rate(bad, of) < WIRE_RATE;
    let tell = |count: u32, what: &str| Some(format!("{count} {what} in {WIRE_REQUESTS}"));
    let with = &candidate.tripped;
    if with.faults && !baseline.tripped.faults && alone(baseline.faults, baseline.requests) {
        return tell(WIRE_FAULTS, "faults");
    }
    // With a baseline meanwhile the evidence is as quick and cannot be misled by a disturbance that hits both. Without
    // one half of all requests failing has to do.
    if full && with.errors && !baseline.tripped.errors && alone(baseline.errors, baseline.requests) {
        return tell(WIRE_ERRORS, "errors");
    }
    if with.failures && alone(baseline.failures, baseline.messages) && failures >= WIRE_EVIDENCE {
        return tell(WIRE_FAILURES, "failed messages");
    }
    None
}

fn rate(bad: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { float(bad) / float(of) }
}
