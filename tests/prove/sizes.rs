//! How large each experiment is.

use std::time::Duration;

use tests::proof::judgement::{Group, releases};
use tests::proof::{Builds, consumers, crashes, leaks, swaps};

/// All of them.
pub(crate) struct Sizes {
    pub(crate) swaps: swaps::Size,
    pub(crate) crashes: crashes::Size,
    /// The one that takes longest first.
    pub(crate) groups: Vec<Group>,
    pub(crate) leaks: leaks::Size,
    pub(crate) consumers: consumers::Size,
}

impl Sizes {
    /// What the promises are about.
    pub(crate) fn full() -> Self {
        Self {
            swaps: swaps::Size {
                builds: Builds { deploys: 500, new: 100 },
                rate: 300.0,
                streams: 200,
                steady: Duration::from_mins(1),
                rollbacks: 10,
                pace: 0.01,
                p99_ratio: 1.5,
            },
            crashes: crashes::Size { strategies: vec!["now", "50,100"], stride: 1, instants: 100, at_once: 2 },
            groups: vec![
                // Time is what this one is about: unchanged. A good release takes 22 minutes.
                Group { rate: 1.0, pace: 1.0, releases: releases(33, 34), at_once: 67 },
                // The numbers of requests that are asked for take longer than these holds.
                Group { rate: 20.0, pace: 0.3, releases: releases(33, 33), at_once: 8 },
                Group { rate: 100.0, pace: 0.1, releases: releases(34, 33), at_once: 4 },
            ],
            leaks: leaks::Size { builds: Builds { deploys: 1000, new: 100 }, first: 50, rate: 5.0, growth: 5.0 },
            consumers: consumers::Size { messages: 4_000, rate: 100.0 },
        }
    }

    /// Some minutes, for whoever changes this program.
    pub(crate) fn small() -> Self {
        Self {
            swaps: swaps::Size {
                builds: Builds { deploys: 20, new: 10 },
                rate: 100.0,
                streams: 50,
                steady: Duration::from_secs(10),
                rollbacks: 4,
                pace: 0.01,
                p99_ratio: 3.0,
            },
            crashes: crashes::Size { strategies: vec!["now"], stride: 1, instants: 10, at_once: 2 },
            groups: vec![
                Group { rate: 20.0, pace: 0.3, releases: releases(2, 7), at_once: 9 },
                Group { rate: 100.0, pace: 0.1, releases: releases(1, 7), at_once: 4 },
            ],
            leaks: leaks::Size { builds: Builds { deploys: 100, new: 60 }, first: 50, rate: 5.0, growth: 10.0 },
            consumers: consumers::Size { messages: 500, rate: 100.0 },
        }
    }
}
