//! The thread that owns the connection: many callers, one transaction, one commit.
//!
//! Work that arrives while a commit waits for the disk is done together in the next transaction, each piece in a
//! savepoint of its own, so that one that fails takes no other with it. Nobody hears of success before the commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::config::Book;
use super::connection::Connection;
use super::fault::Fault;
use super::file::File;
use super::server::Server;
use crate::Error;

/// Pieces of work that may wait for the thread; further callers wait for a place.
const WAITING_MAX: usize = 256;
/// Pieces of work in one transaction: more would make the first wait long for little.
const BATCH_MAX: usize = 64;
/// A caller gives up after this long: a disk that does not answer must not hold requests for ever.
const CALL_WAIT: Duration = Duration::from_secs(30);
/// Who sends messages gives up earlier where the server has not answered anything for this long.
const SILENCE_MAX: Duration = Duration::from_secs(2);

/// Does the work and says how it went.
type Job = Box<dyn FnOnce(&Connection) -> Done + Send>;
/// Told whether the transaction was committed.
type Answer = Box<dyn FnOnce(bool) + Send>;

struct Done {
    failed: bool,
    answer: Answer,
}

/// How many answers a server has given.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers(Arc<AtomicU64>);

impl Answers {
    pub(super) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn so_far(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Clone)]
pub(super) struct Store {
    jobs: mpsc::Sender<Job>,
    /// `None`: it is in a file, which answers in its own time.
    answers: Option<Answers>,
}

impl Store {
    /// Opens the book for this life of the host and starts the thread, which ends when the last clone of the store is
    /// gone. Blocks for some seconds at most.
    pub(super) fn open(book: Book, carrier: i64) -> Result<Self, Error> {
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        let (opened, told) = std::sync::mpsc::sync_channel(1);
        let answers = matches!(book, Book::Postgres(_)).then(Answers::default);
        let counted = answers.clone().unwrap_or_default();
        // The connection to a server belongs to the thread from the beginning.
        let work = move || match open(&book, carrier, counted) {
            Ok(conn) => {
                if opened.send(Ok(())).is_ok() {
                    serve(&conn, waiting);
                }
            }
            // Whoever opens waits for this.
            Err(error) => drop(opened.send(Err(error))),
        };
        let ended = "starting its thread";
        let thread = std::thread::Builder::new().name("queue-store".to_owned()).spawn(work);
        thread.map_err(|_| Error::Unavailable { what: ended })?;
        told.recv().map_err(|_| Error::Unavailable { what: ended })??;
        Ok(Self { jobs, answers })
    }

    /// Whether other hosts may use the book as well.
    pub(super) fn is_shared(&self) -> bool {
        self.answers.is_some()
    }

    /// Runs `work` in a transaction and returns once that is durable.
    ///
    /// # Errors
    /// Those of `work`, with its changes undone; [`Error::Unavailable`] where the commit failed or the thread did not
    /// answer in 30 s. A dropped call may still be carried out.
    pub(super) async fn call<R, F>(&self, what: &'static str, work: F) -> Result<R, Error>
    where
        R: Send + 'static,
        F: FnOnce(&Connection) -> Result<R, Fault> + Send + 'static,
    {
        self.try_call(what, move |conn| work(conn).map_err(Error::store(what))).await
    }

    /// [`Store::call`] for work with errors of its own.
    pub(super) async fn try_call<R, F>(&self, what: &'static str, work: F) -> Result<R, Error>
    where
        R: Send + 'static,
        F: FnOnce(&Connection) -> Result<R, Error> + Send + 'static,
    {
        tokio::time::timeout(CALL_WAIT, self.exchange(what, work)).await.unwrap_or(Err(Error::Unavailable { what }))
    }

    /// [`Store::try_call`] for whoever must not wait long, and can do the same again: also gives up where the server has
    /// been silent for two seconds.
    pub(super) async fn send<R, F>(&self, what: &'static str, work: F) -> Result<R, Error>
    where
        R: Send + 'static,
        F: FnOnce(&Connection) -> Result<R, Error> + Send + 'static,
    {
        let Some(answers) = &self.answers else { return self.try_call(what, work).await };
        let mut exchange = std::pin::pin!(self.exchange(what, work));
        let end = Instant::now() + CALL_WAIT;
        loop {
            let before = answers.so_far();
            let done = timeout_at(end.min(Instant::now() + SILENCE_MAX), &mut exchange).await;
            match done {
                Ok(done) => return done,
                Err(_) if answers.so_far() == before || Instant::now() >= end => {
                    return Err(Error::Unavailable { what });
                }
                Err(_) => {}
            }
        }
    }

    async fn exchange<R, F>(&self, what: &'static str, work: F) -> Result<R, Error>
    where
        R: Send + 'static,
        F: FnOnce(&Connection) -> Result<R, Error> + Send + 'static,
    {
        let (tell, answer) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            let result = work(conn);
            let failed = result.is_err();
            let answer = Box::new(move |committed| {
                let result = if committed || failed { result } else { Err(Error::Unavailable { what }) };
                // The caller may have gone; the work is done all the same.
                drop(tell.send(result));
            });
            Done { failed, answer }
        });
        self.jobs.send(job).await.map_err(|_| Error::Unavailable { what })?;
        answer.await.map_err(|_| Error::Unavailable { what })?
    }
}

fn open(book: &Book, carrier: i64, answers: Answers) -> Result<Connection, Error> {
    Ok(match book {
        Book::File(path) => Connection::File(File::open(path)?),
        Book::Postgres(config) => Connection::Server(Box::new(Server::open(config, carrier, answers)?)),
    })
}

fn serve(conn: &Connection, mut waiting: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while let Some(first) = waiting.blocking_recv() {
        batch.push(first);
        while batch.len() < BATCH_MAX {
            match waiting.try_recv() {
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        let mut answers = Vec::with_capacity(batch.len());
        let done = transact(conn, batch.drain(..), &mut answers);
        match &done {
            Ok(()) => {}
            // Whoever connects has said so.
            Err(Fault::Lost) if conn.is_shared() => {}
            Err(fault) => {
                tracing::error!(error = %fault, "the queue store cannot end a transaction; its callers try again");
            }
        }
        conn.roll_back();
        for answer in answers {
            answer(done.is_ok());
        }
    }
}

/// Does the work in one transaction, and lays down whom to tell. Jobs never run are dropped, which their callers see.
fn transact(
    conn: &Connection,
    batch: impl ExactSizeIterator<Item = Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), Fault> {
    let several = batch.len() > 1;
    conn.begin(several)?;
    let mut done = false;
    for job in batch {
        if std::mem::take(&mut done) {
            conn.next()?;
        }
        let Done { failed, answer } = job(conn);
        answers.push(answer);
        if !conn.is_open() {
            return Err(Fault::Lost);
        }
        match (failed, several) {
            (false, _) => done = true,
            (true, true) => conn.undo()?,
            // Nothing else was done: all of it can go, and the caller knows already.
            (true, false) => return Ok(()),
        }
    }
    conn.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &std::path::Path) -> Store {
        Store::open(path.into(), 1).expect("a store")
    }

    async fn rows(store: &Store) -> i64 {
        let count = |conn: &Connection| conn.one("SELECT count(*) FROM paused", &[])?.get(0);
        store.call("counting", count).await.expect("a number")
    }

    #[tokio::test]
    async fn work_that_fails_leaves_nothing_behind_and_takes_no_other_with_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = open(&dir.path().join("q"));
        let insert = "INSERT INTO paused VALUES ('a')";
        let fails =
            store.call("failing", move |conn| conn.execute(insert, &[]).and_then(|_| conn.execute(insert, &[])));
        let works = store.call("working", |conn| conn.execute("INSERT INTO paused VALUES ('b')", &[]));
        let (failed, worked) = futures::join!(fails, works);
        assert!(matches!(failed, Err(Error::Store { what: "failing", .. })), "{failed:?}");
        assert_eq!(worked.expect("it works"), 1);
        assert_eq!(rows(&store).await, 1);
    }

    /// By a limit on the pages of the file, which SQLite treats like a disk without room.
    #[tokio::test]
    async fn a_full_disk_fails_what_needs_room_and_the_store_goes_on_after_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = open(&dir.path().join("q"));
        let limit = |pages: u32| {
            store
                .call("limiting", move |conn| conn.one(&format!("PRAGMA max_page_count = {pages}"), &[])?.get::<i64>(0))
        };
        let fill =
            || store.call("filling", |conn| conn.execute("INSERT INTO paused SELECT hex(zeroblob(100000))", &[]));
        let pages = limit(1).await.expect("the size of the file");
        assert!(fill().await.is_err());
        assert_eq!(rows(&store).await, 0);
        limit(u32::try_from(pages).expect("few") + 1000).await.expect("room");
        fill().await.expect("it fits now");
        assert_eq!(rows(&store).await, 1);
    }
}
