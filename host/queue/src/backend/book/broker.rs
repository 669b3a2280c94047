//! What a broker's backend asks of the book beside what the book does by itself.

use std::collections::BTreeMap;

use super::carried::Desk;
use super::connection::Connection;
use super::dead::Away;
use super::{BookBackend, Entered, Settled, Spilled, carried, dead, lease, publish, spill};
use crate::backend::{Cause, CronKey, Lease, Parcel, Settlement, Slots};
use crate::{Error, Message};

impl BookBackend {
    /// [`Backend::settle`](crate::backend::Backend::settle), and whether the message's broker may forget it.
    ///
    /// # Errors
    /// [`Error::Store`], [`Error::Unavailable`], as every call here.
    pub(crate) async fn end(&self, lease: Lease, settlement: Settlement, now_us: i64) -> Result<Settled, Error> {
        let held = (lease, self.carrier);
        self.store.call("settling a message", move |conn| lease::settle(conn, held, &settlement, now_us)).await
    }

    /// Enters what a broker brought, in that order; says what became of each.
    ///
    /// # Errors
    /// Also [`Error::Full`].
    pub(crate) async fn enter(&self, queue: &str, messages: Vec<Message>, now_us: i64) -> Result<Vec<Entered>, Error> {
        let (queue, carrier) = (queue.to_owned(), self.carrier);
        let work = move |conn: &Connection| carried::enter(conn, Desk { queue: &queue, carrier }, &messages, now_us);
        self.store.try_call("entering messages", work).await
    }

    /// Enters a message as a dead letter that was never attempted.
    ///
    /// # Errors
    /// Also [`Error::Full`].
    pub(crate) async fn enter_dead(&self, parcel: Parcel, cause: Cause, now_us: i64) -> Result<(), Error> {
        let Parcel { queue, message } = parcel;
        let work = move |conn: &Connection| carried::enter_dead(conn, &queue, &message, &cause, now_us);
        self.store.try_call("entering messages", work).await
    }

    /// The broker may forget these from now on.
    pub(crate) async fn keep(&self, places: Vec<i64>) -> Result<(), Error> {
        let carrier = self.carrier;
        self.store.call("keeping messages", move |conn| carried::keep(conn, &places, carrier)).await
    }

    /// Of these places those that the broker may forget, since another host has settled or kept their message.
    pub(crate) async fn strays(&self, queue: &str, places: Vec<i64>) -> Result<Vec<i64>, Error> {
        let (queue, carrier) = (queue.to_owned(), self.carrier);
        let work = move |conn: &Connection| carried::strays(conn, Desk { queue: &queue, carrier }, places);
        self.store.call("looking for messages", work).await
    }

    /// The connection that brought messages of this queue is gone.
    pub(crate) async fn lose(&self, queue: &str) -> Result<(), Error> {
        let (queue, carrier) = (queue.to_owned(), self.carrier);
        let work = move |conn: &Connection| carried::lose(conn, Desk { queue: &queue, carrier });
        self.store.call("losing a connection", work).await
    }

    /// What has not been brought again by now will not be.
    pub(crate) async fn give_up(&self, queue: &str, now_us: i64) -> Result<(), Error> {
        let (queue, carrier) = (queue.to_owned(), self.carrier);
        let work = move |conn: &Connection| carried::give_up(conn, Desk { queue: &queue, carrier }, now_us);
        self.store.call("giving messages up", work).await
    }

    /// Adds to the messages that wait for the broker.
    ///
    /// # Errors
    /// Also [`Error::Full`].
    pub(crate) async fn spill(&self, parcels: Vec<Parcel>) -> Result<(), Error> {
        self.store.send("spilling messages", move |conn| spill::add(conn, &parcels)).await
    }

    /// The first of them: at most `most.0`, and `most.1` bytes together; none of the queues in `without`.
    pub(crate) async fn spilled(&self, most: (u32, usize), without: Vec<String>) -> Result<Vec<Spilled>, Error> {
        self.store.call("reading spilled messages", move |conn| spill::first(conn, most, &without)).await
    }

    /// The broker has these now.
    pub(crate) async fn relayed(&self, places: Vec<i64>) -> Result<(), Error> {
        self.store.call("removing spilled messages", move |conn| spill::remove(conn, &places)).await
    }

    /// How many wait for each queue.
    pub(crate) async fn spill_counts(&self) -> Result<Vec<(String, u64)>, Error> {
        self.store.call("counting", spill::counts).await
    }

    /// What the book's counts have too much while the broker is asked as well.
    pub(crate) async fn away(&self) -> Result<BTreeMap<String, Away>, Error> {
        self.store.call("counting", dead::away).await
    }

    /// [`Backend::fire`](crate::backend::Backend::fire) by way of the broker: the messages wait for it.
    ///
    /// # Errors
    /// Also [`Error::Full`].
    pub(crate) async fn fire_later(&self, key: CronKey, slots: Slots, parcels: Vec<Parcel>) -> Result<bool, Error> {
        let work = move |conn: &Connection| {
            let moved = publish::move_slot(conn, (&key.component, &key.name), (slots.from_us, slots.to_us))
                .map_err(Error::store("firing a schedule"))?;
            if moved {
                spill::add(conn, &parcels)?;
            }
            Ok(moved)
        };
        self.store.send("firing a schedule", work).await
    }
}
