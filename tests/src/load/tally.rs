//! What a load has seen.

use std::collections::BTreeMap;

use super::{Histogram, Kind};

/// Kinds of failures that are told apart; all failures are counted.
const REASONS_MAX: usize = 50;
/// Words kept of what went wrong on event streams.
const STREAM_REASONS_MAX: usize = 5;

/// Counts of a load.
#[derive(Debug, Default)]
pub struct Tally {
    /// Requests that have ended.
    pub requests: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Failures by phase and reason, numbers in the reason left out: how many, and the first one's words.
    reasons: BTreeMap<String, (u64, String)>,
    /// Answers by the version that gave them; those without a version are under the empty one.
    pub versions: BTreeMap<String, Seen>,
    /// Answers of `/mix` and how often each came.
    pub mixes: BTreeMap<String, u64>,
    /// Ids whose write was acknowledged.
    pub written: Vec<String>,
    /// Of these, ids of messages.
    pub sent: Vec<String>,
    /// Ids whose write was not acknowledged: it may be there once.
    pub unsure: Vec<String>,
    /// Latencies of quick requests, by phase: those that only read, and those that end on disk.
    pub phases: Vec<Phase>,
    /// Latencies of messages sent alone, whatever came of them.
    pub sending: Histogram,
    /// Event streams.
    pub streams: Streams,
}

/// Answers of one version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many.
    pub answers: u64,
    /// Of these, other than 200.
    pub failed: u64,
    /// Microseconds since 1970: when the first of these requests began.
    pub first_us: u64,
    /// When the last one began.
    pub last_us: u64,
}

/// Latencies of some time.
#[derive(Clone, Debug, Default)]
pub struct Phase {
    name: String,
    /// Of requests that only read.
    pub reads: Histogram,
    /// Of requests that end on disk.
    pub writes: Histogram,
}

impl Phase {
    /// One that begins.
    pub(super) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Of all.
    pub fn all(&self) -> Histogram {
        let mut all = self.reads.clone();
        all.merge(&self.writes);
        all
    }
}

/// What happened on event streams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streams {
    /// Opened.
    pub opened: usize,
    /// Ended before the load did, or never opened.
    pub dropped: usize,
    /// The first reasons.
    pub reasons: Vec<String>,
    /// Events that came.
    pub events: u64,
    /// Events that were missing when a later one came, or at the end.
    pub missing: u64,
    /// Events that came again.
    pub again: u64,
}

impl Streams {
    pub(super) fn note(&mut self, reason: String) {
        if self.reasons.len() < STREAM_REASONS_MAX {
            self.reasons.push(reason);
        }
    }
}

impl Tally {
    pub(super) fn fail(&mut self, kind: Kind, reason: impl AsRef<str>) {
        self.failed += 1;
        let phase = self.phases.last().map_or("", |phase| phase.name.as_str());
        let words = format!("{phase} {kind:?}: {}", reason.as_ref());
        let key = words.replace(|letter: char| letter.is_ascii_digit(), "");
        if self.reasons.contains_key(&key) || self.reasons.len() < REASONS_MAX {
            self.reasons.entry(key).or_insert((0, words)).0 += 1;
        }
    }

    /// Why requests failed, the most frequent reason first, each with how often.
    pub fn examples(&self) -> Vec<String> {
        let mut reasons: Vec<_> = self.reasons.values().collect();
        reasons.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        reasons.into_iter().map(|(count, words)| format!("{count} x {words}")).collect()
    }

    pub(super) fn seen(&mut self, version: &str, good: bool, begun_us: u64) {
        let seen = self.versions.entry(version.to_owned()).or_default();
        seen.answers += 1;
        seen.failed += u64::from(!good);
        seen.first_us = if seen.answers == 1 { begun_us } else { seen.first_us.min(begun_us) };
        seen.last_us = seen.last_us.max(begun_us);
    }

    pub(super) fn took(&mut self, kind: Kind, us: u64) {
        if self.phases.is_empty() {
            self.phases.push(Phase::default());
        }
        if let Some(phase) = self.phases.last_mut() {
            let histogram = if kind.leaves_a_row() { &mut phase.writes } else { &mut phase.reads };
            histogram.add(us);
        }
    }

    /// A phase.
    pub fn phase(&self, name: &str) -> &Phase {
        self.phases.iter().find(|phase| phase.name == name).unwrap_or_else(|| panic!("no phase {name}"))
    }

    /// Answers of `/mix` that name two versions.
    pub fn mixed(&self) -> u64 {
        let differ = |text: &str| text.split_once(' ').is_none_or(|(one, other)| one != other);
        self.mixes.iter().filter(|(text, _)| differ(text)).map(|(_, count)| count).sum()
    }
}
