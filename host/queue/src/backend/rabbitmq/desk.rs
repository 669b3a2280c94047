//! A queue that this host works: how much of it may lie here, and who waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use tokio::sync::Notify;

/// Messages of one queue that the broker brings ahead, at least and at most: enough that the consumer never waits for
/// the network, and few enough that half a gigabyte of the largest bodies is the very worst.
const WINDOW_MIN: u16 = 64;
const WINDOW_MAX: u16 = 512;
/// Messages brought ahead for each that is handled.
const WINDOW_PER_PLACE: u32 = 4;

pub(super) struct Desk {
    pub(super) queue: Arc<str>,
    window: AtomicU16,
    /// The window has grown.
    pub(super) changed: Notify,
    /// Something came in.
    pub(super) arrived: Notify,
}

impl Desk {
    pub(super) fn new(queue: &str) -> Self {
        let window = AtomicU16::new(WINDOW_MIN);
        Self { queue: queue.into(), window, changed: Notify::new(), arrived: Notify::new() }
    }

    pub(super) fn window(&self) -> u16 {
        self.window.load(Ordering::Relaxed)
    }

    /// So many of its messages may be handled at once.
    pub(super) fn widen(&self, places: u32) {
        let wanted = places.saturating_mul(WINDOW_PER_PLACE).clamp(WINDOW_MIN.into(), WINDOW_MAX.into());
        let wanted = u16::try_from(wanted).unwrap_or(WINDOW_MAX);
        if self.window.fetch_max(wanted, Ordering::Relaxed) < wanted {
            self.changed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_four_times_the_places_within_its_bounds_and_never_shrinks() {
        let desk = Desk::new("q");
        let windows = [1, 16, 20, 4, 256, u32::MAX].map(|places| {
            desk.widen(places);
            desk.window()
        });
        assert_eq!(windows, [64, 64, 80, 80, 512, 512]);
    }
}
