//! Bounds of the hub, each with the reason for its default.

use std::time::Duration;

/// Bounds of one [`crate::Hub`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Open streams. Default 10,000: about 40 MiB, and more people than one small machine serves.
    pub streams: usize,
    /// Open streams with exactly the same channels. Default 64: a person's tabs on all devices; channels for everybody
    /// together with a personal one make sets of their own.
    pub streams_per_set: usize,
    /// Quiet time after which a stream says that it is alive. Default 15 s: proxies cut at 30 or 60.
    pub heartbeat: Duration,
    /// Events that one stream may lag behind. Default 64; beyond it the stream ends and the browser resumes.
    pub queue: usize,
    /// Events kept per channel for those that resume. Default 64.
    pub kept_per_channel: usize,
    /// Events kept in all. Default 65,536.
    pub kept: usize,
    /// Bytes kept in all. Default 32 MiB.
    pub kept_bytes: usize,
    /// How long an event is kept. Default 10 min: a laptop that was carried to another room.
    pub kept_for: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            streams: 10_000,
            streams_per_set: 64,
            heartbeat: Duration::from_secs(15),
            queue: 64,
            kept_per_channel: 64,
            kept: 65_536,
            kept_bytes: 32 << 20,
            kept_for: Duration::from_mins(10),
        }
    }
}
