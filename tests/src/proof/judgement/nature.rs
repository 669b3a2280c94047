//! What is the matter with a release.

use std::fmt;

use crate::versions::Version;

/// A kind of release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Nothing, in the component that answers people.
    Good,
    /// Nothing, in the component that handles messages.
    GoodWorker,
    /// 5 % of requests fail.
    Errors,
    /// Every request takes 300 ms more.
    Slow,
    /// One route traps.
    Trap,
    /// Only the consumer fails.
    Worker,
    /// Never ready.
    Ready,
    /// Traps when an instance is made.
    Start,
    /// Its migration fails.
    Migration,
}

/// The route that traps.
pub(super) const ROUTE: &str = "/report";

impl Nature {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Good,
        Self::GoodWorker,
        Self::Errors,
        Self::Slow,
        Self::Trap,
        Self::Worker,
        Self::Ready,
        Self::Start,
        Self::Migration,
    ];
    /// The bad ones.
    pub const BAD: [Self; 7] =
        [Self::Errors, Self::Slow, Self::Trap, Self::Worker, Self::Ready, Self::Start, Self::Migration];

    /// Whether it should become live.
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Good | Self::GoodWorker)
    }

    /// The component that it is a version of.
    pub const fn component(self) -> &'static str {
        match self {
            Self::Worker | Self::GoodWorker => "back",
            _ => "front",
        }
    }

    /// The version, the same on every host.
    pub fn version(self) -> Version {
        let version = Version::good("candidate");
        match self {
            Self::Good | Self::GoodWorker | Self::Migration => version,
            Self::Errors => version.with_errors(5),
            Self::Slow => version.slower_by(300),
            Self::Trap => version.trapping_at(ROUTE),
            Self::Worker => version.with_failing_worker(),
            Self::Ready => version.never_ready(),
            Self::Start => version.trapping_at_start(),
        }
    }
}

impl fmt::Display for Nature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "good",
            Self::GoodWorker => "good worker",
            Self::Errors => "5 % errors",
            Self::Slow => "+300 ms",
            Self::Trap => "traps on one route",
            Self::Worker => "only the worker fails",
            Self::Ready => "fails readyz",
            Self::Start => "crashes at instantiation",
            Self::Migration => "migration fails",
        })
    }
}
