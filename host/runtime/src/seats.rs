//! The instances that an engine has room for, and who gives way when there is no more.
//!
//! Idle instances are kept because the next request is quicker with one, and only until somebody needs the room: a
//! component that is suddenly asked takes the seat of what has been idle for longest, in whichever component and
//! generation. Without that, what was busy an hour ago would keep a new version from beginning.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The right to one instance. Given back when it is dropped, after the instance.
pub(crate) type Seat = OwnedSemaphorePermit;

/// A component that keeps idle instances.
pub(crate) trait Sitter: Send + Sync {
    /// When its oldest idle instance became idle.
    fn idle_since(&self) -> Option<Instant>;
    /// Drops its oldest idle instance.
    fn give_way(&self);
}

/// All seats of an engine. The component that makes instances is one of its [`Sitter`]s.
pub(crate) struct Seats {
    free: Arc<Semaphore>,
    sitters: Mutex<Vec<Weak<dyn Sitter>>>,
    /// Requests that wait for a seat.
    waiting: AtomicUsize,
}

impl Seats {
    pub(crate) fn new(instances: u32) -> Self {
        let instances = usize::try_from(instances).unwrap_or(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(instances)), sitters: Mutex::default(), waiting: AtomicUsize::new(0) }
    }

    /// From now on the component's idle instances give way to others.
    pub(crate) fn enter(&self, sitter: Weak<dyn Sitter>) {
        let mut sitters = self.sitters();
        sitters.retain(|one| one.strong_count() > 0);
        sitters.push(sitter);
    }

    /// A seat: a free one, that of an idle instance, or the next that becomes free. `None`: none did until then.
    ///
    /// # Cancellation
    /// Nothing was taken.
    pub(crate) async fn take(&self, until: Instant) -> Option<Seat> {
        if let Ok(seat) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(seat);
        }
        // Counted before the idle are looked at: whoever becomes idle later sees it and leaves at once.
        let _waiting = Waiting::of(&self.waiting);
        self.make_room();
        let seat = tokio::time::timeout_at(until.into(), Arc::clone(&self.free).acquire_owned()).await;
        seat.ok()?.ok()
    }

    /// Whether an instance that becomes idle is wanted by nobody else. To be asked under the lock of the idle ones.
    pub(crate) fn may_stay(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) == 0
    }

    fn make_room(&self) {
        let sitters: Vec<_> = self.sitters().iter().filter_map(Weak::upgrade).collect();
        let idle = sitters.iter().filter_map(|sitter| Some((sitter.idle_since()?, sitter)));
        if let Some((_, sitter)) = idle.min_by_key(|(since, _)| *since) {
            sitter.give_way();
        }
    }

    fn sitters(&self) -> MutexGuard<'_, Vec<Weak<dyn Sitter>>> {
        // Entries are added and removed whole.
        self.sitters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One more that waits, until it is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Idle seats with the time since when.
    struct Idle(Mutex<Vec<(Instant, Seat)>>);

    impl Sitter for Idle {
        fn idle_since(&self) -> Option<Instant> {
            self.0.lock().unwrap().first().map(|(since, _)| *since)
        }

        fn give_way(&self) {
            drop(self.0.lock().unwrap().remove(0));
        }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    #[tokio::test]
    async fn who_has_been_idle_for_longest_gives_way() {
        let seats = Seats::new(2);
        let begun = Instant::now();
        let sit = async |after: u64| {
            let seat = seats.take(soon()).await.unwrap();
            let idle = Arc::new(Idle(Mutex::new(vec![(begun + Duration::from_secs(after), seat)])));
            let sitter: Arc<dyn Sitter> = Arc::<Idle>::clone(&idle);
            seats.enter(Arc::downgrade(&sitter));
            idle
        };
        let (younger, older) = (sit(9).await, sit(1).await);
        let _third = seats.take(soon()).await.unwrap();
        assert_eq!((younger.idle_since().is_some(), older.idle_since()), (true, None));
    }

    #[tokio::test]
    async fn with_nobody_idle_the_next_free_seat_is_waited_for() {
        let seats = Arc::new(Seats::new(1));
        let seat = seats.take(soon()).await.unwrap();
        assert!(seats.take(soon()).await.is_none());
        assert!(seats.may_stay());
        let waiting = tokio::spawn({
            let seats = Arc::clone(&seats);
            async move { seats.take(Instant::now() + Duration::from_secs(30)).await.is_some() }
        });
        while seats.may_stay() {
            tokio::task::yield_now().await;
        }
        drop(seat);
        assert!(waiting.await.unwrap());
    }
}
