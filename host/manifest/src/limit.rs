//! How much one component may use. Each limit hit is a typed fault and harms no neighbour.

use std::time::Duration;

/// Limits of one component. The ranges that a manifest may choose from are in `parse/limits.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all linear memories and tables of one instance together. Default 64 MiB: an idle service uses 2, and
    /// sixteen instances at the limit still fit the 2 GB machine.
    pub memory: u64,
    /// Wall time of one request, guest code and host calls together, up to the last byte of its answer. Default 30 s.
    pub deadline: Duration,
    /// Largest request body in bytes. Default 1 MiB.
    pub request_body: u64,
    /// Largest response body in bytes. Default 32 MiB.
    pub response_body: u64,
    /// Requests served at once. Default 16.
    pub concurrency: u32,
    /// How long a request waits for a place among those. Default 2 s, then 503.
    pub wait: Duration,
    /// Outgoing HTTP requests at once, per request served. Default 8.
    pub outbound: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            deadline: Duration::from_secs(30),
            request_body: 1 << 20,
            response_body: 32 << 20,
            concurrency: 16,
            wait: Duration::from_secs(2),
            outbound: 8,
        }
    }
}
