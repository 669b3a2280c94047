//! The queue of the host: which topic reaches which queues, sending, and the tasks that deliver.

use std::sync::Arc;
use std::time::Duration;

use manifest::{Component, Consumer, Cron};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::backend::{Backend, Book, BookBackend, Publication, RabbitmqBackend, RabbitmqConfig};
use crate::crew::Crew;
use crate::cron::Keeper;
use crate::message::DELAY_MS_MAX;
use crate::table::Table;
use crate::worker::Post;
use crate::{Clock, Deliver, Error, Message, QueueCtx};

/// Running deliveries get this long to end when the host stops.
const DRAIN: Duration = Duration::from_secs(30);
/// A broker gets this long at the end to take what was accepted while it could not: what it does not take then waits
/// for this host to come back.
const FLUSH: Duration = Duration::from_secs(5);
/// Messages in one call of [`QueueProvider::publish_batch`].
const BATCH_MAX: usize = 1000;

/// The queue of this host. Cloning is cheap; the book is closed when the last clone and every task are gone.
#[derive(Clone)]
pub struct QueueProvider {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) clock: Clock,
    tables: watch::Sender<Arc<Table>>,
    cron_wake: Arc<Notify>,
}

impl Inner {
    pub(crate) fn table(&self) -> Arc<Table> {
        self.tables.borrow().clone()
    }
}

impl QueueProvider {
    /// Opens or creates the book for the consumers of the application, each with the id of its component; a path is
    /// that of a file. Blocks for as long as an earlier owner of the file takes to end, or the server to answer, at most 5
    /// s.
    ///
    /// Messages that an earlier life of the host was handling are due again: of a file at once, of a server once their
    /// leases have ended, within 10 s; their attempt counts.
    ///
    /// # Errors
    /// [`Error::Config`] for a consumer that cannot be run or a file of a later version; [`Error::Store`] for a file
    /// that is no queue or belongs to a running process; [`Error::Book`] for a server that cannot be used.
    pub fn open(book: impl Into<Book>, clock: Clock, consumers: Vec<(String, Consumer)>) -> Result<Self, Error> {
        Self::open_with_cron(book, clock, consumers, Vec::new())
    }

    /// [`QueueProvider::open`] with schedules, each with the id of its component. Their firings are messages of the
    /// queue `cron:<component id>`, with the defaults of a consumer; those of one schedule never overlap.
    ///
    /// # Errors
    /// As [`QueueProvider::open`]; [`Error::Config`] also for a schedule or time zone that cannot be read.
    pub fn open_with_cron(
        book: impl Into<Book>,
        clock: Clock,
        consumers: Vec<(String, Consumer)>,
        crons: Vec<(String, Cron)>,
    ) -> Result<Self, Error> {
        let table = Table::default().next(consumers, crons, clock())?;
        Ok(Self::new(Arc::new(BookBackend::open(book.into())?), clock, table))
    }

    /// [`QueueProvider::open_with_cron`] over a RabbitMQ broker, which carries messages between the hosts that share
    /// it, and a book of them that this host keeps, or all of them together. The broker need not be there: messages are
    /// accepted without it, and delivered when it is back.
    ///
    /// # Errors
    /// As [`QueueProvider::open_with_cron`].
    pub fn open_with_broker(
        (book, broker): (impl Into<Book>, RabbitmqConfig),
        clock: Clock,
        consumers: Vec<(String, Consumer)>,
        crons: Vec<(String, Cron)>,
    ) -> Result<Self, Error> {
        let table = Table::default().next(consumers, crons, clock())?;
        let backend = RabbitmqBackend::open(book.into(), broker, Arc::clone(&clock))?;
        Ok(Self::new(Arc::new(backend), clock, table))
    }

    fn new(backend: Arc<dyn Backend>, clock: Clock, table: Table) -> Self {
        let (tables, _) = watch::channel(Arc::new(table));
        let inner = Inner { backend, clock, tables, cron_wake: Arc::new(Notify::new()) };
        Self { inner: Arc::new(inner) }
    }

    /// Puts other consumers and schedules in the place of the present ones, also while the queue runs.
    ///
    /// From the next message on a queue goes to the component and path, at the pace and from the topics that are said
    /// here. A queue that is new begins to be worked; of one that is gone nothing more is taken, and what it holds
    /// stays until it comes back. What is being handled ends as it began. A schedule that is new or changed begins
    /// now; one that is the same goes on.
    ///
    /// # Errors
    /// [`Error::Config`] as for [`QueueProvider::open_with_cron`]; nothing has changed then.
    pub fn rebind(&self, consumers: Vec<(String, Consumer)>, crons: Vec<(String, Cron)>) -> Result<(), Error> {
        let now_us = (self.inner.clock)();
        let mut result = Ok(());
        // Under the lock, so that of two calls at once one follows the other.
        self.inner.tables.send_if_modified(|table| match table.next(consumers, crons, now_us) {
            Ok(next) => {
                *table = Arc::new(next);
                true
            }
            Err(error) => {
                result = Err(error);
                false
            }
        });
        self.wake_all();
        result
    }

    /// What one instance of a component may send.
    pub fn prepare(&self, component: &Component) -> QueueCtx {
        QueueCtx::new(self.clone(), component)
    }

    /// Whether a message of this topic would reach any queue.
    pub fn bound(&self, topic: &str) -> bool {
        self.inner.table().bound(topic).next().is_some()
    }

    /// Whether [`QueueProvider::publish`] would take the message; what an outbox asks before it promises to send it.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::TooLarge`], [`Error::Unbound`].
    pub fn verify(&self, message: &Message) -> Result<(), Error> {
        verify(&self.inner.table(), message)
    }

    /// Returns the message's id once it is on the disk in every queue bound to its topic.
    ///
    /// Sending an id again while it is in a queue, or within 24 hours after it was handled there, changes nothing; so
    /// does a dedupe key of the same sender within 24 hours. `sent_at_us` 0 becomes now.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::TooLarge`], [`Error::Unbound`]: send never again. [`Error::Full`],
    /// [`Error::Unavailable`], [`Error::Store`]: send again later with the same id.
    ///
    /// # Cancellation
    /// A dropped call may have been carried out: send again with the same id.
    pub async fn publish(&self, message: Message) -> Result<String, Error> {
        let id = message.id.clone();
        self.publish_batch(vec![message]).await?;
        Ok(id)
    }

    /// [`QueueProvider::publish`] for up to 1,000 messages in one transaction: all of them, or none. Returns their
    /// ids in the same order.
    ///
    /// # Errors
    /// As [`QueueProvider::publish`], for the first message that has one.
    pub async fn publish_batch(&self, messages: Vec<Message>) -> Result<Vec<String>, Error> {
        if messages.len() > BATCH_MAX {
            return Err(Error::invalid("batch", "must be at most 1000 messages"));
        }
        let now_us = (self.inner.clock)();
        let ids = messages.iter().map(|message| message.id.clone()).collect();
        let table = self.inner.table();
        let batch = messages.into_iter().map(|m| route(&table, m, now_us)).collect::<Result<Vec<_>, Error>>()?;
        let mut woken: Vec<String> = batch.iter().flat_map(|one| one.queues.clone()).collect();
        self.inner.backend.publish(batch, now_us).await?;
        woken.sort_unstable();
        woken.dedup();
        for lane in woken.iter().filter_map(|queue| table.lane(queue)) {
            lane.pulse.wake.notify_one();
        }
        Ok(ids)
    }

    /// Starts one loop per queue and one for the schedules. To be called once.
    ///
    /// After `shutdown` is cancelled nothing more is taken; deliveries under way have 30 s to end, the rest is given
    /// back without counting as attempted. [`Running::finished`] waits for that.
    pub fn run(&self, deliver: &Deliver, shutdown: CancellationToken) -> Running {
        self.run_with_drain(deliver, shutdown, DRAIN)
    }

    /// [`QueueProvider::run`] with another drain limit.
    pub fn run_with_drain(&self, deliver: &Deliver, shutdown: CancellationToken, drain: Duration) -> Running {
        let inner = &self.inner;
        let (tasks, workers) = (TaskTracker::new(), TaskTracker::new());
        let post = Post {
            tables: inner.tables.subscribe(),
            backend: Arc::clone(&inner.backend),
            clock: Arc::clone(&inner.clock),
            deliver: Arc::clone(deliver),
            shutdown: shutdown.clone(),
            drain,
        };
        workers.spawn(Crew { post, tasks: workers.clone() }.run());
        let keeper = Keeper {
            tables: inner.tables.subscribe(),
            backend: Arc::clone(&inner.backend),
            clock: Arc::clone(&inner.clock),
            wake: Arc::clone(&inner.cron_wake),
            shutdown,
        };
        workers.spawn(keeper.run());
        workers.close();
        let backend = Arc::clone(&inner.backend);
        tasks.spawn(async move {
            workers.wait().await;
            if tokio::time::timeout(FLUSH, backend.flush()).await.is_err() {
                tracing::warn!("messages wait on this host for their broker");
            }
        });
        tasks.close();
        Running { tasks }
    }

    /// Tells every loop that the clock was moved, so that what became due is delivered at once.
    pub fn clock_changed(&self) {
        self.wake_all();
    }

    fn wake_all(&self) {
        self.inner.cron_wake.notify_one();
        for (_, pulse) in self.inner.table().pulses() {
            pulse.wake.notify_one();
        }
    }
}

fn route(table: &Table, mut message: Message, now_us: i64) -> Result<Publication, Error> {
    if message.sent_at_us == 0 {
        message.sent_at_us = now_us;
    }
    verify(table, &message)?;
    let queues = table.bound(&message.topic).cloned().collect();
    Ok(Publication { message, queues })
}

fn verify(table: &Table, message: &Message) -> Result<(), Error> {
    message.validate()?;
    let delay_us = message.deliver_at_us.saturating_sub(message.sent_at_us);
    if u64::try_from(delay_us).is_ok_and(|delay_us| delay_us > DELAY_MS_MAX * 1000) {
        return Err(Error::invalid("delay", "must be at most 30 days after sending"));
    }
    if table.bound(&message.topic).next().is_none() {
        return Err(Error::Unbound { topic: message.topic.clone() });
    }
    Ok(())
}

/// The tasks of a running queue.
#[derive(Clone, Debug)]
pub struct Running {
    tasks: TaskTracker,
}

impl Running {
    /// Waits until every loop has ended, which they do within the drain limit and 10 s of the shutdown, or
    /// 30 s where the store does not answer; and 5 s more at most for a broker.
    /// May be dropped and called again.
    pub async fn finished(&self) {
        self.tasks.wait().await;
    }
}
