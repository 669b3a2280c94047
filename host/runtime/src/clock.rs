//! The clock that interrupts running guests, at rest while none runs.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

/// How often a running guest is interrupted to let others run and deadlines be seen. A request passes three or four
/// tasks on its way, each of which may find a busy loop in front of it: two milliseconds keep the sum below what a
/// person notices, and the cost of the interruptions below what can be measured.
const TICK: Duration = Duration::from_millis(2);

/// Ticks in a row that find no guest running before the clock rests. A fifth of a second: where requests come that often,
/// none of them has to wake it, and a host without any costs nothing.
const IDLE_TICKS: u32 = 100;

/// A thread that ticks while guests run. Dropping it ends the thread.
pub(crate) struct Clock {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Default)]
struct Shared {
    /// Guests on a processor now.
    running: AtomicUsize,
    resting: AtomicBool,
    ended: AtomicBool,
}

impl Clock {
    /// Starts a clock that calls `tick` every [`TICK`].
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(crate) fn start(tick: impl Fn() + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let ticked = Arc::clone(&shared);
        let thread = thread::Builder::new().name("epoch".to_owned()).spawn(move || ticked.run(tick))?;
        Ok(Self { shared, thread: thread.thread().clone() })
    }

    /// Polls `guest` with the clock ticking. Between its polls, while it waits, it does not keep the clock awake.
    pub(crate) async fn watch<F: Future>(&self, guest: F) -> F::Output {
        let mut guest = pin!(guest);
        poll_fn(|cx| {
            let _running = self.running();
            guest.as_mut().poll(cx)
        })
        .await
    }

    fn running(&self) -> Running<'_> {
        self.shared.running.fetch_add(1, Ordering::SeqCst);
        // The clock says that it rests before it looks for guests, and the guest comes before it looks for the clock: in
        // one order of all four, one of the two sees the other.
        if self.shared.resting.load(Ordering::SeqCst) {
            self.thread.unpark();
        }
        Running(&self.shared)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// A guest on a processor. A guard, since a guest may panic.
struct Running<'a>(&'a Shared);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Shared {
    fn run(&self, tick: impl Fn()) {
        let mut idle = 0;
        while !self.ended.load(Ordering::SeqCst) {
            tick();
            idle = if self.is_idle() { idle + 1 } else { 0 };
            if idle < IDLE_TICKS {
                thread::park_timeout(TICK);
            } else {
                self.rest();
                idle = 0;
            }
        }
    }

    /// Until a guest runs or the clock ends.
    fn rest(&self) {
        self.resting.store(true, Ordering::SeqCst);
        while self.is_idle() && !self.ended.load(Ordering::SeqCst) {
            thread::park();
        }
        self.resting.store(false, Ordering::SeqCst);
    }

    fn is_idle(&self) -> bool {
        self.running.load(Ordering::SeqCst) == 0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::time::Instant;

    use super::*;

    /// Far more than is needed, for a busy machine.
    const LONG: Duration = Duration::from_mins(1);

    fn clock() -> (Clock, Arc<AtomicU64>) {
        let ticks = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&ticks);
        let tick = move || {
            count.fetch_add(1, Ordering::SeqCst);
        };
        (Clock::start(tick).unwrap(), ticks)
    }

    /// Loops until it holds.
    fn until(holds: impl Fn() -> bool) -> bool {
        let begun = Instant::now();
        while !holds() {
            if begun.elapsed() > LONG {
                return false;
            }
            thread::yield_now();
        }
        true
    }

    #[tokio::test]
    async fn it_rests_without_guests_and_ticks_again_with_one() {
        let (clock, ticks) = clock();
        for _ in 0..3 {
            assert!(until(|| clock.shared.resting.load(Ordering::SeqCst)), "it goes on without guests");
            let before = ticks.load(Ordering::SeqCst);
            // A guest that never gives way by itself.
            let busy = async { until(|| ticks.load(Ordering::SeqCst) > before + 3) };
            assert!(clock.watch(busy).await, "it does not tick for a guest");
        }
    }

    #[tokio::test]
    async fn a_guest_that_waits_does_not_keep_it_awake() {
        let (clock, _) = clock();
        let waiting = clock.watch(std::future::pending::<()>());
        let resting = async { until(|| clock.shared.resting.load(Ordering::SeqCst)) };
        tokio::select! {
            biased;
            () = waiting => {}
            rests = resting => assert!(rests, "it ticks for a guest that waits"),
        }
    }

    #[test]
    fn its_thread_ends_with_it() {
        let (clock, ticks) = clock();
        assert!(until(|| clock.shared.resting.load(Ordering::SeqCst)), "it goes on without guests");
        drop(clock);
        assert!(until(|| Arc::strong_count(&ticks) == 1), "the thread is still there");
    }
}
