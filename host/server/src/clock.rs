//! The wall clock that components, the queue and schedules see: the machine's, or one that a test has set forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wasmtime_wasi::HostWallClock;

/// Microseconds since 1970-01-01T00:00:00Z. Cheap to clone; all clones move together.
#[derive(Clone, Debug, Default)]
pub struct WallClock {
    ahead_us: Arc<AtomicI64>,
}

impl WallClock {
    /// Now, in microseconds since the epoch.
    pub fn now_us(&self) -> i64 {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let machine = i64::try_from(machine.as_micros()).unwrap_or(i64::MAX);
        machine.saturating_add(self.ahead_us.load(Ordering::Relaxed))
    }

    /// Sets the clock forward. Time never goes back.
    pub fn advance(&self, by: Duration) {
        self.ahead_us.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// The clock in the form that capabilities take.
    pub fn shared(&self) -> Arc<dyn Fn() -> i64 + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || clock.now_us())
    }
}

impl HostWallClock for WallClock {
    fn resolution(&self) -> Duration {
        Duration::from_micros(1)
    }

    fn now(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.now_us()).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_clones_move_together() {
        let clock = WallClock::default();
        let before = clock.shared()();
        let other = clock.clone();
        other.advance(Duration::from_hours(1));
        assert!(clock.now_us() >= before + 3_600_000_000);
    }
}
