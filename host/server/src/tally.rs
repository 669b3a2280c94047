//! What became of deliveries, by queue and by the release that took them, and how fast each queue is worked.
//!
//! In memory and since the host started. An operator is shown it; nothing is decided by it: a canary is judged by the
//! meters of its generation.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use body::Release;

/// Over which the rate is taken: long enough for a queue that is worked now and then, short enough to show a change.
const WINDOW: Duration = Duration::from_mins(5);
/// Shortest time that a rate is taken over. After a start less would only be noise.
const WINDOW_MIN: Duration = Duration::from_mins(1);
/// A window is counted in parts of this length.
const SLOT: Duration = Duration::from_secs(10);
/// Releases of one queue that are told apart: as many as are kept. The oldest is forgotten first.
const RELEASES_MAX: usize = 20;

/// Counts of every queue that was worked since the host started: a few names in the life of a host.
pub struct Tally {
    started: Instant,
    queues: Mutex<BTreeMap<String, Entry>>,
}

#[derive(Default)]
struct Entry {
    releases: BTreeMap<u64, Done>,
    /// Handled messages by number of the slot, the oldest first; at most a window of them.
    slots: VecDeque<(u64, u64)>,
}

/// What one release did with the messages of one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Deliveries that were taken.
    pub handled: u64,
    /// Deliveries that failed or were refused.
    pub failed: u64,
}

/// One delivery under way. When it is dropped it has failed, unless it was told otherwise: so a deadline that passes
/// counts too.
pub struct Attempt {
    tally: Arc<Tally>,
    queue: String,
    release: Option<Release>,
    end: End,
}

enum End {
    Failed,
    Handled,
    Returned,
}

// === impl Tally ===

impl Default for Tally {
    fn default() -> Self {
        Self { started: Instant::now(), queues: Mutex::default() }
    }
}

impl Tally {
    /// A delivery of this queue begins.
    pub fn begin(self: &Arc<Self>, queue: &str) -> Attempt {
        Attempt { tally: Arc::clone(self), queue: queue.to_owned(), release: None, end: End::Failed }
    }

    /// What each release did with the messages of a queue, by its number.
    pub fn done(&self, queue: &str) -> BTreeMap<u64, Done> {
        self.queues().get(queue).map(|entry| entry.releases.clone()).unwrap_or_default()
    }

    /// How fast a queue is worked.
    pub fn rate(&self, queue: &str) -> admin::Rate {
        self.rate_at(queue, self.started.elapsed())
    }

    fn rate_at(&self, queue: &str, age: Duration) -> admin::Rate {
        let window_s = age.clamp(WINDOW_MIN, WINDOW).as_secs();
        let oldest = oldest(slot(age));
        let queues = self.queues();
        let slots = queues.get(queue).into_iter().flat_map(|entry| &entry.slots);
        let handled: u64 = slots.filter(|(slot, _)| *slot >= oldest).map(|(_, count)| count).sum();
        admin::Rate { per_minute: per_minute(handled, window_s), window_s }
    }

    fn count(&self, queue: &str, release: Option<Release>, handled: bool, age: Duration) {
        let now = slot(age);
        let mut queues = self.queues();
        let entry = queues.entry(queue.to_owned()).or_default();
        if handled {
            match entry.slots.back_mut() {
                Some((slot, count)) if *slot == now => *count += 1,
                _ => entry.slots.push_back((now, 1)),
            }
            while entry.slots.front().is_some_and(|(slot, _)| *slot < oldest(now)) {
                entry.slots.pop_front();
            }
        }
        let Some(Release(release)) = release else { return };
        let done = entry.releases.entry(release).or_default();
        *(if handled { &mut done.handled } else { &mut done.failed }) += 1;
        if entry.releases.len() > RELEASES_MAX {
            entry.releases.pop_first();
        }
    }

    fn queues(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        // A panic in between can at worst lose a count.
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn slot(age: Duration) -> u64 {
    age.as_secs() / SLOT.as_secs()
}

/// The first slot that is still in the window.
fn oldest(now: u64) -> u64 {
    now.saturating_add(1).saturating_sub(WINDOW.as_secs() / SLOT.as_secs())
}

/// To one decimal, as it is shown.
fn per_minute(count: u64, window_s: u64) -> f64 {
    let tenths = count.saturating_mul(600).checked_div(window_s).unwrap_or_default();
    f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 10.0
}

// === impl Attempt ===

impl Attempt {
    /// The release that it was given to.
    pub fn given_to(&mut self, release: Release) {
        self.release = Some(release);
    }

    /// The component took it.
    pub fn handled(mut self) {
        self.end = End::Handled;
    }

    /// The component was never asked.
    pub fn returned(mut self) {
        self.end = End::Returned;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let handled = match self.end {
            End::Returned => return,
            End::Handled => true,
            End::Failed => false,
        };
        self.tally.count(&self.queue, self.release, handled, self.tally.started.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn each_end_of_a_delivery_counts_once_for_its_release() {
        let tally = Arc::new(Tally::default());
        let given = |release| {
            let mut attempt = tally.begin("work");
            attempt.given_to(Release(release));
            attempt
        };
        given(1).handled();
        given(2).handled();
        given(2).returned();
        drop(given(2));
        tally.begin("work").handled();
        let done = |handled, failed| Done { handled, failed };
        assert_eq!(tally.done("work"), BTreeMap::from([(1, done(1, 0)), (2, done(1, 1))]));
        assert_eq!(tally.done("other"), BTreeMap::new());
        assert_eq!(tally.rate("work"), admin::Rate { per_minute: 3.0, window_s: 60 });
    }

    #[test]
    fn a_rate_is_of_the_last_five_minutes() {
        let tally = Tally::default();
        (0..10).for_each(|_| tally.count("work", None, true, at(5)));
        tally.count("work", None, false, at(6));
        let rate = |seconds| {
            let admin::Rate { per_minute, window_s } = tally.rate_at("work", at(seconds));
            (per_minute, window_s)
        };
        assert_eq!(rate(6), (10.0, 60));
        assert_eq!(rate(150), (4.0, 150));
        assert_eq!(rate(299), (2.0, 299));
        assert_eq!(rate(300), (0.0, 300));
        (0..1000).for_each(|second| tally.count("work", None, true, at(1000 + second)));
        assert_eq!(rate(1999), (60.0, 300));
        assert_eq!(tally.queues().get("work").unwrap().slots.len(), 30);
    }

    #[test]
    fn of_many_releases_the_oldest_is_forgotten() {
        let tally = Tally::default();
        (1..=25).for_each(|release| tally.count("work", Some(Release(release)), true, at(0)));
        let known: Vec<_> = tally.done("work").into_keys().collect();
        assert_eq!(known, (6..=25).collect::<Vec<_>>());
    }
}
