//! Sends messages over a connection of its own, each confirmed by the broker.
//!
//! Of its own because a broker short of memory stops reading from whoever publishes, acknowledgements included.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Confirmation, PublisherConfirm};

use super::complaint::Complaint;
use super::envelope;
use super::link::{Address, Link};
use crate::backend::Parcel;

/// Messages on their way at once in one call, and their bytes together.
const UNCONFIRMED_MAX: usize = 256;
const UNCONFIRMED_BYTES_MAX: usize = 4 << 20;

pub(super) struct Sender {
    link: Link,
    channel: Channel,
    /// Queues that can be sent to, as far as is known.
    declared: Mutex<BTreeSet<String>>,
}

/// What has been sent and not confirmed yet.
#[derive(Default)]
struct Flight {
    waiting: VecDeque<(PublisherConfirm, usize)>,
    bytes: usize,
}

impl Flight {
    fn is_full(&self, more: usize) -> bool {
        let bytes = self.bytes.saturating_add(more);
        self.waiting.len() >= UNCONFIRMED_MAX || (bytes > UNCONFIRMED_BYTES_MAX && !self.waiting.is_empty())
    }
}

impl Sender {
    pub(super) async fn open(address: &Address) -> Result<Self, Complaint> {
        let link = Link::open(address, "sending").await?;
        let channel = link.channel().await?;
        let confirmed = channel.confirm_select(ConfirmSelectOptions::default()).await;
        confirmed.map_err(|error| link.complaint(&error))?;
        Ok(Self { link, channel, declared: Mutex::default() })
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// Whether a message sent now would be read at once, for all that is known.
    pub(super) fn is_clear(&self) -> bool {
        self.link.stands() && !self.link.is_blocked() && self.channel.status().connected()
    }

    /// Sends in this order. `confirmed` counts those that the broker has, from the first on.
    ///
    /// # Errors
    /// Why the one after these was not confirmed.
    pub(super) async fn send(&self, parcels: &[Parcel], confirmed: &AtomicUsize) -> Result<(), Complaint> {
        let mut flight = Flight::default();
        let sent = self.send_into(&mut flight, parcels, confirmed).await;
        // What went out before one that could not is confirmed all the same.
        while self.land(&mut flight, parcels, confirmed).await? {}
        sent
    }

    async fn send_into(
        &self,
        flight: &mut Flight,
        parcels: &[Parcel],
        confirmed: &AtomicUsize,
    ) -> Result<(), Complaint> {
        for parcel in parcels {
            let length = parcel.message.body.len();
            while flight.is_full(length) {
                self.land(flight, parcels, confirmed).await?;
            }
            self.declare(&parcel.queue).await?;
            let confirm = self.publish(parcel).await?;
            flight.waiting.push_back((confirm, length));
            flight.bytes = flight.bytes.saturating_add(length);
        }
        Ok(())
    }

    async fn publish(&self, Parcel { queue, message }: &Parcel) -> Result<PublisherConfirm, Complaint> {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let key = self.link.config().name(queue)?;
        let sent = self.channel.basic_publish("".into(), key, options, &message.body, envelope::seal(message)).await;
        sent.map_err(|error| self.link.complaint(&error))
    }

    /// Waits for the first confirmation that is still out; `false`: none is.
    async fn land(&self, flight: &mut Flight, parcels: &[Parcel], confirmed: &AtomicUsize) -> Result<bool, Complaint> {
        let Some((confirm, length)) = flight.waiting.pop_front() else { return Ok(false) };
        flight.bytes = flight.bytes.saturating_sub(length);
        match confirm.await.map_err(|error| self.link.complaint(&error))? {
            Confirmation::Ack(None) => {
                confirmed.fetch_add(1, Ordering::SeqCst);
                Ok(true)
            }
            Confirmation::Ack(Some(_)) | Confirmation::Nack(_) | Confirmation::NotRequested => {
                // Somebody may have deleted the queue: it is made anew before the next attempt.
                if let Some(parcel) = parcels.get(confirmed.load(Ordering::SeqCst)) {
                    self.link.doubt(&parcel.queue);
                    self.declared().remove(&parcel.queue);
                }
                Err(Complaint::Other { reason: "it returned a message".to_owned() })
            }
        }
    }

    async fn declare(&self, queue: &str) -> Result<(), Complaint> {
        if self.declared().contains(queue) {
            return Ok(());
        }
        self.link.declare(queue).await?;
        self.declared().insert(queue.to_owned());
        Ok(())
    }

    fn declared(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.declared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
