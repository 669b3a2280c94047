//! Where messages leave this host: straight to the broker while it takes them, else by way of the book.
//!
//! While messages wait in the book, later ones join them, so that the order in which this host accepted them stands. Those
//! of another host, which may reach the broker when this one does not, are not held up.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, interval, timeout, timeout_at};

use super::complaint::Complaint;
use super::sender::Sender;
use crate::Error;
use crate::backend::{BookBackend, Parcel};

/// Longest wait for the broker before a message goes into the book, which has half a second more: whoever sends it
/// waits for both, and is answered within a second and a half.
const SEND_WAIT: Duration = Duration::from_secs(1);
/// Calls that send at once, each with at most 4 MiB on its way.
const SENDS_MAX: usize = 8;
/// Spilled messages sent at once, and their bytes together.
const RELAY_MAX: (u32, usize) = (500, 4 << 20);
/// Longest wait for the confirmation of spilled messages from a broker that is not blocked: longer than any pause of
/// its disk that is not a failure.
const RELAY_WAIT: Duration = Duration::from_secs(10);
/// How often a broker that is blocked, or about to take the last messages, is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Longest wait for the last spilled messages to go out, on top of the broker's own.
const CATCH_UP_WAIT: Duration = Duration::from_millis(200);
/// Pause after the book or the broker failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a book that is shared is looked at for what another host has left there.
const OTHERS_LOOK: Duration = Duration::from_secs(5);
/// How long a queue that could not be sent to is left alone.
const QUEUE_PAUSE: Duration = Duration::from_secs(10);

pub(super) struct Outlet {
    book: Arc<BookBackend>,
    sender: Mutex<Option<Arc<Sender>>>,
    /// Messages that this host has written into the book, or is just writing, since it was last seen empty. The book may
    /// have fewer: other hosts send what is in it as well.
    waiting: AtomicUsize,
    /// Calls that are just writing.
    writing: AtomicUsize,
    /// Messages for some queue cannot be sent for the time being.
    stuck: AtomicBool,
    wake: Notify,
    emptied: Notify,
    sends: Arc<Semaphore>,
}

impl Outlet {
    pub(super) fn new(book: Arc<BookBackend>) -> Self {
        // Until the book is seen empty everything joins what an earlier life of the host may have left there.
        let (waiting, writing) = (AtomicUsize::new(1), AtomicUsize::new(0));
        let sends = Arc::new(Semaphore::new(SENDS_MAX));
        let (stuck, wake, emptied) = (AtomicBool::new(false), Notify::new(), Notify::new());
        Self { book, sender: Mutex::new(None), waiting, writing, stuck, wake, emptied, sends }
    }

    /// Returns once every message is with the broker or in the book, within about [`SEND_WAIT`] of a book that answers.
    pub(super) async fn publish(&self, parcels: Vec<Parcel>) -> Result<(), Error> {
        let parcels: Arc<[Parcel]> = parcels.into();
        let confirmed = match self.sender().filter(|sender| sender.is_clear()) {
            Some(sender) if self.caught_up().await => self.send(sender, &parcels).await,
            _ => 0,
        };
        let rest: Vec<_> = parcels.iter().skip(confirmed).cloned().collect();
        let number = rest.len();
        if number == 0 {
            return Ok(());
        }
        let _writing = self.write(number);
        self.book.spill(rest).await
    }

    /// Whether nothing of this host waits in the book any more. Where little does it is waited for: whoever wrote behind it
    /// would be waited for by the next one, and nobody would send straight to the broker again.
    async fn caught_up(&self) -> bool {
        let is_empty = || self.waiting.load(Ordering::SeqCst) == 0;
        let mut emptied = std::pin::pin!(self.emptied.notified());
        emptied.as_mut().enable();
        let most = usize::try_from(RELAY_MAX.0).unwrap_or(usize::MAX);
        if !is_empty() && !self.stuck.load(Ordering::SeqCst) && self.waiting.load(Ordering::SeqCst) <= most {
            // Whether in time or not, it is looked again.
            drop(timeout(CATCH_UP_WAIT, emptied).await);
        }
        is_empty()
    }

    /// Sends straight to the broker and says how many of them it has for certain, the first ones.
    async fn send(&self, sender: Arc<Sender>, parcels: &Arc<[Parcel]>) -> usize {
        let end = Instant::now() + SEND_WAIT;
        let confirmed = Arc::new(AtomicUsize::new(0));
        let Ok(Ok(place)) = timeout_at(end, Arc::clone(&self.sends).acquire_owned()).await else { return 0 };
        // What is late goes on by itself and keeps its place: confirmations that nobody waits for are bounded so.
        let task = tokio::spawn({
            let (parcels, confirmed) = (Arc::clone(parcels), Arc::clone(&confirmed));
            async move {
                let _place = place;
                sender.send(&parcels, &confirmed).await
            }
        });
        match timeout_at(end, task).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(complaint))) => tracing::info!(complaint = %complaint, "messages wait for the broker"),
            Ok(Err(_)) | Err(_) => tracing::info!("messages wait for the broker, which did not confirm in time"),
        }
        confirmed.load(Ordering::SeqCst)
    }

    /// So many more messages are about to be written into the book, which is done or given up when this is dropped.
    pub(super) fn write(&self, number: usize) -> Writing<'_> {
        self.writing.fetch_add(1, Ordering::SeqCst);
        self.waiting.fetch_add(number, Ordering::SeqCst);
        Writing(self)
    }

    /// Returns when no message waits for the broker, or the broker takes none.
    pub(super) async fn flushed(&self) {
        let mut look = interval(LOOK);
        while self.waiting.load(Ordering::SeqCst) > 0 && self.sender().is_some_and(|sender| sender.is_clear()) {
            look.tick().await;
        }
    }

    fn sender(&self) -> Option<Arc<Sender>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_sender(&self, sender: Option<Arc<Sender>>) {
        *self.sender.lock().unwrap_or_else(PoisonError::into_inner) = sender;
    }

    /// Lets messages out over this connection until it is gone.
    pub(super) async fn serve(&self, sender: Sender) {
        let sender = Arc::new(sender);
        self.set_sender(Some(Arc::clone(&sender)));
        let _closed = Closed(self);
        tokio::select! {
            () = sender.link().lost() => {}
            () = self.relay(&sender) => {}
        }
        sender.link().cut();
    }

    /// Sends what waits in the book, in order; returns when the connection no longer serves.
    async fn relay(&self, sender: &Sender) {
        // Queues that could not be sent to: the others go on without them for a while.
        let mut without = Vec::new();
        loop {
            self.stuck.store(!without.is_empty(), Ordering::SeqCst);
            let written = self.written();
            let batch = match self.book.spilled(RELAY_MAX, without.clone()).await {
                Ok(batch) => batch,
                Err(error) => {
                    pause("reading spilled messages failed", &error).await;
                    continue;
                }
            };
            if batch.is_empty() {
                if without.is_empty() {
                    self.waiting.fetch_sub(written, Ordering::SeqCst);
                    self.emptied.notify_waiters();
                    self.rest().await;
                } else if timeout(QUEUE_PAUSE, self.wake.notified()).await.is_err() {
                    without.clear();
                }
                continue;
            }
            let (places, parcels): (Vec<_>, Vec<_>) = batch.into_iter().map(|one| (one.seq, one.parcel)).unzip();
            let (confirmed, complaint) = send_patiently(sender, &parcels).await;
            self.forget(places.get(..confirmed).unwrap_or_default().to_vec()).await;
            match complaint {
                None => {}
                Some(complaint) if complaint.is_of_a_queue() => {
                    tracing::warn!(complaint = %complaint, "messages for a queue keep waiting");
                    without.extend(parcels.get(confirmed).map(|parcel| parcel.queue.clone()));
                }
                Some(complaint) if sender.is_clear() => {
                    tracing::warn!(complaint = %complaint, "sending spilled messages failed; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
                Some(_) => return,
            }
        }
    }

    /// How many of the messages that wait are certain to be in the book by now, or were and are gone. Asked before the
    /// book is: whoever counted before the first look had written before the second.
    fn written(&self) -> usize {
        let waiting = self.waiting.load(Ordering::SeqCst);
        if self.writing.load(Ordering::SeqCst) == 0 { waiting } else { 0 }
    }

    /// Returns when there may be messages to send again.
    async fn rest(&self) {
        if self.book.is_shared() {
            // Whether another host has left something or not, it is looked.
            drop(timeout(OTHERS_LOOK, self.wake.notified()).await);
        } else {
            self.wake.notified().await;
        }
    }

    /// Removes relayed messages; where that fails they are sent again one day, which is harmless.
    async fn forget(&self, places: Vec<i64>) {
        while let Err(error) = self.book.relayed(places.clone()).await {
            pause("removing spilled messages failed", &error).await;
        }
    }
}

/// How many were confirmed, and why the next one was not. Time in which the broker is blocked does not count.
async fn send_patiently(sender: &Sender, parcels: &[Parcel]) -> (usize, Option<Complaint>) {
    let confirmed = AtomicUsize::new(0);
    let mut sending = std::pin::pin!(sender.send(parcels, &confirmed));
    let (mut look, mut left) = (interval(LOOK), RELAY_WAIT);
    let result = loop {
        tokio::select! {
            result = &mut sending => break result,
            _ = look.tick() => if !sender.link().is_blocked() {
                left = left.saturating_sub(LOOK);
            },
        }
        if left.is_zero() {
            // The connection cannot be trusted with anything any more.
            sender.link().cut();
            break Err(Complaint::unreachable(sender.link().config(), &"no confirmation in time"));
        }
    };
    (confirmed.load(Ordering::SeqCst), result.err())
}

async fn pause(what: &str, error: &Error) {
    tracing::warn!(error = %error, "{what}; trying again");
    tokio::time::sleep(PAUSE).await;
}

/// A call that is writing into the book.
pub(super) struct Writing<'a>(&'a Outlet);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.writing.fetch_sub(1, Ordering::SeqCst);
        // There may be messages to relay.
        self.0.wake.notify_one();
    }
}

/// Nothing goes out any more, however the service ended.
struct Closed<'a>(&'a Outlet);

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.0.set_sender(None);
    }
}
