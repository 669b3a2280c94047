//! What a deploy promises, shown: five experiments, each a list of claims that hold or do not.
//!
//! The same code runs small as a test and at full size in `make prove-deploys`.

pub mod consumers;
pub mod crashes;
pub mod durability;
pub mod judgement;
pub mod leaks;
pub mod swaps;

mod accounts;
mod builds;
mod lanes;
mod table;

pub use builds::Builds;
pub use table::{markdown, rows};

use std::fmt::Display;
use std::time::{Duration, Instant};

/// One claim and what was seen of it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Number of the experiment.
    pub experiment: u8,
    /// What is claimed.
    pub what: String,
    /// The bound.
    pub wanted: String,
    /// What was seen.
    pub seen: String,
    /// Whether it holds.
    pub holds: bool,
}

/// Claims of one experiment, collected.
#[derive(Debug)]
pub struct Claims {
    experiment: u8,
    list: Vec<Claim>,
}

impl Claims {
    /// Of an experiment.
    pub fn of(experiment: u8) -> Self {
        Self { experiment, list: Vec::new() }
    }

    /// A claim whose truth is known.
    pub fn add(&mut self, what: &str, wanted: impl Display, seen: impl Display, holds: bool) {
        let (what, wanted, seen) = (what.to_owned(), wanted.to_string(), seen.to_string());
        self.list.push(Claim { experiment: self.experiment, what, wanted, seen, holds });
    }

    /// A count that has to be zero, with the first examples of what was counted.
    pub fn none(&mut self, what: &str, count: u64, examples: &[String]) {
        let shown: Vec<_> = examples.iter().take(3).map(String::as_str).collect();
        let seen = if count == 0 { "0".to_owned() } else { format!("{count}: {}", shown.join(" · ")) };
        self.add(what, "0", seen, count == 0);
    }

    /// Something that is told and has no bound.
    pub fn tell(&mut self, what: &str, seen: impl Display) {
        self.add(what, "-", seen, true);
    }

    /// All of them.
    pub fn list(self) -> Vec<Claim> {
        self.list
    }
}

/// Fails the test unless every claim holds.
#[track_caller]
pub fn assert_all(claims: &[Claim]) {
    let broken: Vec<_> = claims.iter().filter(|claim| !claim.holds).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Asks until the answer is yes, some times a second, and says whether it ever was.
pub fn within(limit: Duration, mut asked: impl FnMut() -> bool) -> bool {
    const PAUSE: Duration = Duration::from_millis(20);
    let begun = Instant::now();
    loop {
        if asked() {
            return true;
        }
        if begun.elapsed() >= limit {
            return false;
        }
        pause(PAUSE);
    }
}

/// Lets time pass that is itself what is measured: a load goes on meanwhile.
pub fn pause(time: Duration) {
    let (_never, told) = std::sync::mpsc::channel::<()>();
    assert!(told.recv_timeout(time).is_err(), "nobody says anything");
}

/// The middle one.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

/// The largest one.
pub fn largest(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(0.0, f64::max)
}
