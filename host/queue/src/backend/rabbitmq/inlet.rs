//! Where messages enter this host: what the broker brings goes into the book, and is acknowledged when it is settled.
//!
//! A message that waits for its time is the book's alone, and those of its group with it: they must not take places in
//! the window from others, nor run into the broker's own limit for acknowledgements, thirty minutes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use lapin::message::Delivery;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Acker, Channel, Consumer};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::complaint::Complaint;
use super::desk::Desk;
use super::envelope;
use super::hands::Hands;
use super::link::Link;
use crate::backend::backoff::Backoff;
use crate::backend::book::Entered;
use crate::backend::{BookBackend, Cause, Parcel};
use crate::message::BODY_BYTES_MAX;
use crate::{Clock, Error, Message};

/// Deliveries entered in one transaction.
const CHUNK_MAX: usize = 64;
/// How long the broker holds a message at most: a third of what it allows.
const HELD: Duration = Duration::from_mins(10);
/// How often that is looked at, and what other hosts did meanwhile. Also the time in which the broker brings again what it
/// held before a connection broke: what has not come by then another host has.
const SWEEP: Duration = Duration::from_mins(1);
/// Longest wait for the broker to begin to bring a queue's messages: a channel, the queue, its window, a consumer. A
/// connection over which that takes longer is given up.
const BEGIN_WAIT: Duration = Duration::from_secs(20);
/// How long messages wait here for a book that other hosts share.
const AWAY_MAX: Duration = Duration::from_secs(10);
/// Pause after the book failed.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest wait for an acknowledgement to be on its way. One that is lost brings the message again, which is then known.
const ACK_WAIT: Duration = Duration::from_secs(1);

pub(super) struct Inlet {
    book: Arc<BookBackend>,
    clock: Clock,
    hands: Hands,
    desks: Mutex<BTreeMap<String, Arc<Desk>>>,
    /// There is a new desk.
    opened: Notify,
    link: Mutex<Option<Arc<Link>>>,
}

impl Inlet {
    pub(super) fn new(book: Arc<BookBackend>, clock: Clock) -> Self {
        let (hands, desks) = (Hands::default(), Mutex::default());
        Self { book, clock, hands, desks, opened: Notify::new(), link: Mutex::new(None) }
    }

    /// The desk of a queue, which is worked from now on.
    pub(super) fn desk(&self, queue: &str) -> Arc<Desk> {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(desk) = desks.get(queue) {
            return Arc::clone(desk);
        }
        let desk = Arc::new(Desk::new(queue));
        desks.insert(queue.to_owned(), Arc::clone(&desk));
        self.opened.notify_one();
        desk
    }

    fn desks(&self) -> Vec<Arc<Desk>> {
        self.desks.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The connection there is, if any.
    pub(super) fn link(&self) -> Option<Arc<Link>> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_link(&self, link: Option<Arc<Link>>) {
        *self.link.lock().unwrap_or_else(PoisonError::into_inner) = link;
    }

    /// The broker may forget the message at this place.
    pub(super) async fn free(&self, seq: i64, queue: &str) {
        if let Some(acker) = self.hands.settle(seq, queue) {
            acknowledge(&acker).await;
        }
    }

    /// Takes messages in over this connection until it is gone.
    pub(super) async fn serve(self: &Arc<Self>, link: Link) {
        let link = Arc::new(link);
        self.set_link(Some(Arc::clone(&link)));
        let (mut clerks, mut manned) = (JoinSet::new(), BTreeSet::new());
        let mut lost = std::pin::pin!(link.lost());
        loop {
            for desk in self.desks() {
                if manned.insert(Arc::clone(&desk.queue)) {
                    clerks.spawn(Arc::clone(self).man(Arc::clone(&link), desk));
                }
            }
            tokio::select! {
                () = &mut lost => break,
                () = self.opened.notified() => {}
            }
        }
        self.set_link(None);
        link.cut();
        clerks.shutdown().await;
        for desk in self.desks() {
            self.lose(&desk).await;
        }
    }

    /// Takes one queue's messages in, over one channel after the other, until the connection is gone.
    async fn man(self: Arc<Self>, link: Arc<Link>, desk: Arc<Desk>) {
        let mut backoff = Backoff::default();
        while link.stands() {
            match self.receive(&link, &desk, &mut backoff).await {
                Ok(()) => {}
                Err(complaint) if link.stands() => {
                    tracing::warn!(queue = &*desk.queue, complaint = %complaint, "a queue cannot be worked; trying again");
                }
                Err(_) => {}
            }
            self.lose(&desk).await;
            backoff.wait().await;
        }
    }

    /// Takes messages in until the channel breaks, or a wider window is wanted.
    async fn receive(&self, link: &Link, desk: &Desk, backoff: &mut Backoff) -> Result<(), Complaint> {
        let complain = |error: lapin::Error| link.complaint(&error);
        let window = desk.window();
        let begun = timeout(BEGIN_WAIT, begin(link, &desk.queue, window)).await.unwrap_or_else(|_| {
            link.cut();
            Err(Complaint::Other { reason: "it does not answer".to_owned() })
        });
        let (channel, consumer) = begun?;
        let mut chunks = consumer.ready_chunks(CHUNK_MAX);
        backoff.reset();
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        sweep.tick().await;
        loop {
            tokio::select! {
                chunk = chunks.next() => {
                    let deliveries = chunk.into_iter().flatten().collect::<lapin::Result<Vec<_>>>().map_err(complain)?;
                    if deliveries.is_empty() {
                        // So it is where the queue is gone.
                        link.doubt(&desk.queue);
                        return Err(Complaint::Other { reason: "it no longer brings messages".to_owned() });
                    }
                    if !self.enter_in_time(desk, deliveries).await {
                        drop(channel.close(200, "the book is away".into()).await);
                        return Err(Complaint::Other { reason: "its messages are left to other hosts".to_owned() });
                    }
                }
                _ = sweep.tick() => self.sweep(desk).await,
                () = desk.changed.notified(), if desk.window() != window => {
                    drop(channel.close(200, "a wider window".into()).await);
                    return Ok(());
                }
            }
        }
    }

    /// `false`: a book that is shared cannot be reached for so long that other hosts, which perhaps can, must have their
    /// turn: the broker brings a queue's messages to one of them at a time.
    async fn enter_in_time(&self, desk: &Desk, deliveries: Vec<Delivery>) -> bool {
        let entered = self.enter(desk, deliveries);
        if self.book.is_shared() {
            return timeout(AWAY_MAX, entered).await.is_ok();
        }
        entered.await;
        true
    }

    /// Enters deliveries into the book, however long that takes: until then the broker brings no more than the window.
    async fn enter(&self, desk: &Desk, deliveries: Vec<Delivery>) {
        let (mut messages, mut ackers) = (Vec::new(), Vec::new());
        for delivery in deliveries {
            let Delivery { data, properties, acker, .. } = delivery;
            let body = Bytes::from(data);
            match envelope::open(&properties, &body) {
                Some(message) => {
                    messages.push(message);
                    ackers.push(acker);
                }
                None => self.enter_stranger(desk, body, &acker).await,
            }
        }
        let entered = persist(desk, || {
            let now_us = (self.clock)();
            self.book.enter(&desk.queue, messages.clone(), now_us)
        })
        .await;
        for (entered, acker) in entered.into_iter().zip(ackers) {
            let done = match entered {
                Entered::Known | Entered::Kept => Some(acker),
                Entered::Carried(seq) => self.hands.hold(seq, &desk.queue, acker),
            };
            if let Some(acker) = done {
                acknowledge(&acker).await;
            }
        }
        desk.arrived.notify_one();
    }

    /// Somebody else has sent this. It cannot be handled and must not be lost.
    async fn enter_stranger(&self, desk: &Desk, mut body: Bytes, acker: &Acker) {
        tracing::warn!(queue = &*desk.queue, "a message that is none of ours became a dead letter");
        body.truncate(usize::try_from(BODY_BYTES_MAX).unwrap_or(usize::MAX));
        let message = Message::new("unknown", "unknown", "application/octet-stream", body);
        let reason = "it was sent by something else than this platform".to_owned();
        persist(desk, || {
            let parcel = Parcel { queue: desk.queue.to_string(), message: message.clone() };
            let cause = Cause { reason: reason.clone(), status: None, response: String::new() };
            self.book.enter_dead(parcel, cause, (self.clock)())
        })
        .await;
        acknowledge(acker).await;
    }

    async fn sweep(&self, desk: &Desk) {
        if let Err(error) = self.book.give_up(&desk.queue, (self.clock)()).await {
            tracing::warn!(queue = &*desk.queue, error = %error, "giving messages of other hosts up failed");
        }
        self.free_strays(desk).await;
        let (places, ackers): (Vec<_>, Vec<_>) = self.hands.old(&desk.queue, HELD).into_iter().unzip();
        if places.is_empty() {
            return;
        }
        persist(desk, || self.book.keep(places.clone())).await;
        for acker in ackers {
            acknowledge(&acker).await;
        }
    }

    /// What another host has settled or kept, the broker need not hold for this one. Only in a book that is shared.
    async fn free_strays(&self, desk: &Desk) {
        let places = self.hands.places(&desk.queue, SWEEP);
        if places.is_empty() || !self.book.is_shared() {
            return;
        }
        match self.book.strays(&desk.queue, places).await {
            Ok(strays) => {
                for acker in self.hands.take(&strays) {
                    acknowledge(&acker).await;
                }
            }
            Err(error) => tracing::warn!(queue = &*desk.queue, error = %error, "looking for settled messages failed"),
        }
    }

    /// The channel that brought messages of this queue is gone.
    async fn lose(&self, desk: &Desk) {
        self.hands.lose(&desk.queue);
        persist(desk, || self.book.lose(&desk.queue)).await;
    }
}

/// A channel over which the queue's messages come.
async fn begin(link: &Link, queue: &str, window: u16) -> Result<(Channel, Consumer), Complaint> {
    let complain = |error: lapin::Error| link.complaint(&error);
    let channel = link.channel().await?;
    link.declare_on(&channel, queue).await?;
    channel.basic_qos(window, BasicQosOptions::default()).await.map_err(complain)?;
    let (name, options) = (link.config().name(queue)?, BasicConsumeOptions::default());
    let consumer = channel.basic_consume(name, "".into(), options, FieldTable::default()).await.map_err(complain)?;
    Ok((channel, consumer))
}

/// Tries until the book has done it.
async fn persist<T, F: Future<Output = Result<T, Error>>>(desk: &Desk, mut work: impl FnMut() -> F) -> T {
    loop {
        match work().await {
            Ok(done) => return done,
            Err(error) => {
                tracing::warn!(queue = &*desk.queue, error = %error, "the book cannot take messages; trying again");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn acknowledge(acker: &Acker) {
    // Where the channel is gone the message comes again and is known then.
    drop(timeout(ACK_WAIT, acker.ack(BasicAckOptions::default())).await);
}
