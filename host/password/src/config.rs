//! How much of the machine hashing may take.

use std::time::Duration;

/// Limits of the whole process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Hashes computed at once. Default 4: with 19 MiB each they stay below 80 MiB of a 2 GB machine, and more would
    /// only queue for its two cores.
    pub concurrent: usize,
    /// Longest wait for a turn. Default 5 s: about a hundred log-ins ahead in the queue; nobody looks at a log-in form
    /// for longer.
    pub wait: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self { concurrent: 4, wait: Duration::from_secs(5) }
    }
}
