//! A host that dies at a chosen step of the control plane, for tests of what a crash leaves behind.

use std::sync::atomic::{AtomicU64, Ordering};

/// The step to die at, from 1; only with `--test-clock`, so that nobody's environment can do this by mistake.
pub const VARIABLE: &str = "WHARF_TEST_CRASH_AT";

/// Counts durable steps.
#[derive(Debug, Default)]
pub struct CrashPoint {
    at: u64,
    steps: AtomicU64,
}

impl CrashPoint {
    /// Dies at step `at`; 0 is never.
    pub fn new(at: u64) -> Self {
        Self { at, steps: AtomicU64::new(0) }
    }

    /// A step is done. At the chosen one the process ends without another instruction of ours, as by `kill -9`.
    pub fn step(&self) {
        if self.at == 0 || self.steps.fetch_add(1, Ordering::SeqCst).saturating_add(1) != self.at {
            return;
        }
        let me = rustix::process::getpid();
        if let Err(error) = rustix::process::kill_process(me, rustix::process::Signal::KILL) {
            tracing::error!(%error, "cannot die");
        }
    }
}
