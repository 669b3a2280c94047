//! How long to wait between attempts to reach a server.

use std::time::Duration;

use crate::retry;

/// The first wait.
const FIRST: Duration = Duration::from_millis(50);
/// The longest: a server that comes back is found within this.
const LONGEST: Duration = Duration::from_secs(2);

/// Doubles with each attempt from 50 ms to 2 s; of that something between half and all.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// It worked: the next wait is the first again.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }

    pub(super) async fn wait(&mut self) {
        let wait = self.next(retry::jitter());
        tokio::time::sleep(wait).await;
    }

    /// The wait before the next attempt; of `jitter` the more, the longer.
    pub(super) fn next(&mut self, jitter: u32) -> Duration {
        let whole = FIRST.saturating_mul(2_u32.saturating_pow(self.attempts)).min(LONGEST);
        self.attempts = self.attempts.saturating_add(1);
        whole / 2 + (whole / 2).mul_f64(f64::from(jitter) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_from_fifty_milliseconds_to_two_seconds() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..8).map(|_| backoff.next(u32::MAX).as_millis()).collect();
        assert_eq!(waits, [50, 100, 200, 400, 800, 1600, 2000, 2000]);
        assert_eq!(backoff.next(0), Duration::from_secs(1));
        backoff.reset();
        assert_eq!(backoff.next(u32::MAX), FIRST);
    }
}
