//! When the statement that runs on a connection has to stop. Asked by the engine's progress and busy handlers.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

/// Progress calls (of [`PROGRESS_OPS`](super::connection::PROGRESS_OPS) instructions each) that a statement may take on
/// the caller's own thread: about a millisecond.
const INLINE_TICKS_MAX: u32 = 20;

/// Never.
const NEVER: u64 = u64::MAX;

/// Shared by a connection, its handlers, and whoever waits for the statement.
///
/// Each statement is a *run* with its own number, so that cancelling one that has just ended cannot hit its successor.
#[derive(Debug)]
pub(crate) struct Watch {
    origin: Instant,
    stop_ns: AtomicU64,
    run: AtomicU64,
    cancelled: AtomicU64,
    inline: AtomicBool,
    ticks: AtomicU32,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self {
            origin: Instant::now(),
            stop_ns: AtomicU64::new(NEVER),
            run: AtomicU64::new(0),
            cancelled: AtomicU64::new(NEVER),
            inline: AtomicBool::new(false),
            ticks: AtomicU32::new(0),
        }
    }

    /// Begins a run that ends by `stop`; returns its number for [`Watch::cancel`].
    pub(crate) fn arm(&self, stop: Instant, inline: bool) -> u64 {
        let stop = stop.saturating_duration_since(self.origin).as_nanos();
        self.stop_ns.store(u64::try_from(stop).unwrap_or(NEVER), Ordering::Relaxed);
        self.inline.store(inline, Ordering::Relaxed);
        self.ticks.store(0, Ordering::Relaxed);
        self.run.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Begins a run that nothing stops: a commit or a rollback.
    pub(crate) fn disarm(&self) {
        self.stop_ns.store(NEVER, Ordering::Relaxed);
        self.inline.store(false, Ordering::Relaxed);
        self.run.fetch_add(1, Ordering::AcqRel);
    }

    /// Stops the run of this number, if it is still on.
    pub(crate) fn cancel(&self, run: u64) {
        self.cancelled.store(run, Ordering::Release);
    }

    /// The progress handler's question.
    pub(crate) fn tick(&self) -> bool {
        let ticks = self.ticks.fetch_add(1, Ordering::Relaxed);
        (self.inline.load(Ordering::Relaxed) && ticks >= INLINE_TICKS_MAX) || self.must_stop()
    }

    /// Whether the run was cancelled or its time is over.
    pub(crate) fn must_stop(&self) -> bool {
        if self.cancelled.load(Ordering::Acquire) == self.run.load(Ordering::Acquire) {
            return true;
        }
        let stop = self.stop_ns.load(Ordering::Relaxed);
        stop != NEVER && self.origin.elapsed().as_nanos() >= u128::from(stop)
    }

    /// Whether the run is on a thread that must not wait.
    pub(crate) fn is_inline(&self) -> bool {
        self.inline.load(Ordering::Relaxed)
    }

    /// Whether the run has used up what a statement may take on the caller's thread.
    pub(crate) fn is_over_inline(&self) -> bool {
        self.ticks.load(Ordering::Relaxed) > INLINE_TICKS_MAX
    }
}
