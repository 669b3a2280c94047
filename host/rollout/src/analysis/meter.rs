//! Counting on the request path: some relaxed atomic additions, no lock.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::histogram::{BUCKETS, Histogram, bucket};

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer below 500.
    Good,
    /// An answer of 500 or above.
    Error,
    /// The component's own code failed: it trapped or ran out of memory. Counts as an error too. A deadline that a
    /// slow backend used up is an [`Outcome::Error`].
    Fault,
}

/// Counts of one component in one generation, from the beginning of a rollout.
#[derive(Debug)]
pub struct Meter {
    requests: AtomicU64,
    errors: AtomicU64,
    faults: AtomicU64,
    messages: AtomicU64,
    failures: AtomicU64,
    latency: [AtomicU64; BUCKETS],
    recent: Recent,
}

/// What a [`Meter`] has counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests answered.
    pub requests: u64,
    /// Requests with [`Outcome::Error`] or [`Outcome::Fault`].
    pub errors: u64,
    /// Requests with [`Outcome::Fault`].
    pub faults: u64,
    /// Deliveries of messages and schedules.
    pub messages: u64,
    /// Deliveries that the handler did not take.
    pub failures: u64,
    /// Of requests.
    pub latency: Histogram,
    /// The trip wires that were ever hit in [`WIRE_REQUESTS`] requests, or deliveries, in a row.
    pub(super) tripped: Tripped,
}

/// Which trip wires were hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tripped {
    pub(super) faults: bool,
    pub(super) failures: bool,
    pub(super) errors: bool,
}

/// Requests in a row that a trip wire looks at.
pub(super) const WIRE_REQUESTS: u32 = 20;
/// Faults among them: a trap is never normal, two may be one unlucky client that tries again.
pub(super) const WIRE_FAULTS: u32 = 3;
/// Messages that failed among them; the same reason.
pub(super) const WIRE_FAILURES: u32 = 3;
/// Errors among them: with half of all requests failing nobody needs statistics.
pub(super) const WIRE_ERRORS: u32 = 10;

/// The last outcomes as bits, newest lowest; and whether a wire was ever hit, since a burst may be over when somebody
/// looks.
#[derive(Debug, Default)]
struct Recent {
    faults: Wire,
    failures: Wire,
    errors: Wire,
}

#[derive(Debug, Default)]
struct Wire(AtomicU32);

// === impl Meter ===

impl Default for Meter {
    fn default() -> Self {
        Self {
            requests: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            faults: AtomicU64::new(0),
            messages: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            latency: std::array::from_fn(|_| AtomicU64::new(0)),
            recent: Recent::default(),
        }
    }
}

impl Meter {
    /// Counts a request that has ended. `took` is until the head of the answer: bodies last as long as clients read.
    pub fn request(&self, outcome: Outcome, took: Duration) {
        let (error, fault) = (outcome != Outcome::Good, outcome == Outcome::Fault);
        self.errors.fetch_add(u64::from(error), Relaxed);
        self.faults.fetch_add(u64::from(fault), Relaxed);
        if let Some(count) = self.latency.get(bucket(took.as_secs_f64() * 1_000.0)) {
            count.fetch_add(1, Relaxed);
        }
        self.recent.errors.push(error, WIRE_ERRORS);
        self.recent.faults.push(fault, WIRE_FAULTS);
        self.requests.fetch_add(1, Relaxed);
    }

    /// An answer that was counted as good broke off after its head.
    pub fn broke_off(&self) {
        self.errors.fetch_add(1, Relaxed);
        self.recent.errors.push(true, WIRE_ERRORS);
    }

    /// Counts a delivery of a message, or a run of a schedule; `taken`: the handler answered below 300.
    pub fn message(&self, taken: bool) {
        self.failures.fetch_add(u64::from(!taken), Relaxed);
        self.recent.failures.push(!taken, WIRE_FAILURES);
        self.messages.fetch_add(1, Relaxed);
    }

    /// Forgets the trip wires that were hit, and what they have seen. For the beginning of a rollout, whose baseline has
    /// counted for longer.
    pub fn rearm(&self) {
        for wire in [&self.recent.faults, &self.recent.failures, &self.recent.errors] {
            wire.0.store(0, Relaxed);
        }
    }

    /// What was counted up to now. Not one instant: a request that ends meanwhile may be in some of the numbers.
    pub fn counts(&self) -> Counts {
        let mut latency = Histogram::default();
        for (count, atomic) in latency.counts.iter_mut().zip(&self.latency) {
            *count = atomic.load(Relaxed);
        }
        Counts {
            requests: self.requests.load(Relaxed),
            errors: self.errors.load(Relaxed),
            faults: self.faults.load(Relaxed),
            messages: self.messages.load(Relaxed),
            failures: self.failures.load(Relaxed),
            latency,
            tripped: Tripped {
                faults: self.recent.faults.tripped(),
                failures: self.recent.failures.tripped(),
                errors: self.recent.errors.tripped(),
            },
        }
    }
}

// === impl Wire ===

impl Wire {
    const HIT: u32 = 1 << 31;
    const WINDOW: u32 = (1 << WIRE_REQUESTS) - 1;

    fn push(&self, bad: bool, limit: u32) {
        let next = |bits: u32| {
            let window = ((bits << 1) | u32::from(bad)) & Self::WINDOW;
            let hit = if window.count_ones() >= limit { Self::HIT } else { bits & Self::HIT };
            window | hit
        };
        let mut bits = self.0.load(Relaxed);
        while let Err(other) = self.0.compare_exchange_weak(bits, next(bits), Relaxed, Relaxed) {
            bits = other;
        }
    }

    fn tripped(&self) -> bool {
        self.0.load(Relaxed) & Self::HIT != 0
    }
}

// === impl Counts ===

impl Counts {
    /// What came after `earlier`, an older copy of the same meter's counts. Trip wires are taken as they are now.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            errors: self.errors.saturating_sub(earlier.errors),
            faults: self.faults.saturating_sub(earlier.faults),
            messages: self.messages.saturating_sub(earlier.messages),
            failures: self.failures.saturating_sub(earlier.failures),
            latency: self.latency.since(&earlier.latency),
            tripped: self.tripped,
        }
    }

    /// Adds another component's counts: the whole application's are those of all.
    pub fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.errors = self.errors.saturating_add(other.errors);
        self.faults = self.faults.saturating_add(other.faults);
        self.messages = self.messages.saturating_add(other.messages);
        self.failures = self.failures.saturating_add(other.failures);
        self.latency.add(&other.latency);
        self.tripped.faults |= other.tripped.faults;
        self.tripped.failures |= other.tripped.failures;
        self.tripped.errors |= other.tripped.errors;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(outcomes: impl IntoIterator<Item = Outcome>) -> Counts {
        let meter = Meter::default();
        outcomes.into_iter().for_each(|outcome| meter.request(outcome, Duration::from_millis(3)));
        meter.counts()
    }

    #[test]
    fn three_faults_in_twenty_requests_are_remembered() {
        let spread = |gap: usize| {
            let one = std::iter::once(Outcome::Fault).chain(std::iter::repeat_n(Outcome::Good, gap));
            one.cycle().take(200).collect::<Vec<_>>()
        };
        assert!(after(spread(8)).tripped.faults);
        assert!(!after(spread(9)).tripped.faults);
        let burst = [Outcome::Fault; 3].into_iter().chain([Outcome::Good; 100]);
        let counts = after(burst);
        assert!(counts.tripped.faults && !counts.tripped.errors);
        assert_eq!((counts.requests, counts.errors, counts.faults, counts.latency.total()), (103, 3, 3, 103));
    }

    #[test]
    fn a_rollout_counts_from_its_own_beginning() {
        let meter = Meter::default();
        (0..30).for_each(|_| meter.request(Outcome::Fault, Duration::from_millis(3)));
        let before = meter.counts();
        meter.rearm();
        meter.request(Outcome::Good, Duration::from_millis(3));
        let counts = meter.counts().since(&before);
        assert_eq!((counts.requests, counts.faults, counts.latency.total()), (1, 0, 1));
        assert!(before.tripped.faults && !counts.tripped.faults);
    }

    #[test]
    fn messages_count_apart_from_requests() {
        let meter = Meter::default();
        (0..30).for_each(|n| meter.message(n % 9 != 0));
        let counts = meter.counts();
        assert_eq!((counts.messages, counts.failures, counts.requests), (30, 4, 0));
        assert!(counts.tripped.failures && !counts.tripped.errors);
    }
}
