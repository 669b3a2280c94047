//! The thread that owns the connection: many callers, one transaction, one fsync.
//!
//! Work that arrives while a commit waits for the disk is done together in the next transaction, each piece in a
//! savepoint of its own, so that one that fails takes no other with it. Nobody hears of success before the commit.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::schema;
use crate::Error;

/// Pieces of work that may wait for the thread; further callers wait for a place.
const WAITING_MAX: usize = 256;
/// Pieces of work in one transaction: more would make the first wait long for little.
const BATCH_MAX: usize = 64;
/// A caller gives up after this long: a disk that does not answer must not hold requests for ever.
const CALL_WAIT: Duration = Duration::from_secs(30);

/// Does the work and returns how to tell its caller, given whether the transaction was committed.
type Job = Box<dyn FnOnce(&Connection) -> Answer + Send>;
type Answer = Box<dyn FnOnce(bool) + Send>;

#[derive(Clone)]
pub(super) struct Store {
    jobs: mpsc::Sender<Job>,
}

impl Store {
    /// Opens the file and starts the thread, which ends when the last clone of the store is gone.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let conn = schema::open(path)?;
        let (jobs, waiting) = mpsc::channel(WAITING_MAX);
        std::thread::Builder::new()
            .name("queue-store".to_owned())
            .spawn(move || serve(&conn, waiting))
            .map_err(|_| Error::Unavailable { what: "starting its thread" })?;
        Ok(Self { jobs })
    }

    /// Runs `work` in a transaction and returns once that is durable.
    ///
    /// # Errors
    /// Those of `work`, with its changes undone; [`Error::Unavailable`] where the commit failed or the thread did not
    /// answer in 30 s. A dropped call may still be carried out.
    pub(super) async fn call<R, F>(&self, what: &'static str, work: F) -> Result<R, Error>
    where
        R: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<R> + Send + 'static,
    {
        self.try_call(what, move |conn| work(conn).map_err(Error::store(what))).await
    }

    /// [`Store::call`] for work with errors of its own.
    pub(super) async fn try_call<R, F>(&self, what: &'static str, work: F) -> Result<R, Error>
    where
        R: Send + 'static,
        F: FnOnce(&Connection) -> Result<R, Error> + Send + 'static,
    {
        let (tell, answer) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            let result = in_savepoint(conn, what, work);
            Box::new(move |committed| {
                let result = if committed || result.is_err() { result } else { Err(Error::Unavailable { what }) };
                // The caller may have gone; the work is done all the same.
                drop(tell.send(result));
            })
        });
        let exchange = async {
            self.jobs.send(job).await.map_err(|_| Error::Unavailable { what })?;
            answer.await.map_err(|_| Error::Unavailable { what })?
        };
        tokio::time::timeout(CALL_WAIT, exchange).await.unwrap_or(Err(Error::Unavailable { what }))
    }
}

fn in_savepoint<R>(
    conn: &Connection,
    what: &'static str,
    work: impl FnOnce(&Connection) -> Result<R, Error>,
) -> Result<R, Error> {
    let run = |sql: &str| conn.prepare_cached(sql).and_then(|mut s| s.execute([])).map_err(Error::store(what));
    run("SAVEPOINT job")?;
    let result = work(conn);
    if result.is_err() && !conn.is_autocommit() {
        run("ROLLBACK TO job")?;
    }
    if !conn.is_autocommit() {
        run("RELEASE job")?;
    }
    result
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
        let (committed, answers) = transact(conn, batch.drain(..));
        for answer in answers {
            answer(committed);
        }
    }
}

/// Whether the work was committed, and whom to tell. Jobs never run are dropped, which their callers see.
fn transact(conn: &Connection, batch: impl Iterator<Item = Job>) -> (bool, Vec<Answer>) {
    let mut answers = Vec::new();
    if !conn.is_autocommit() {
        roll_back(conn);
    }
    if let Err(error) = conn.execute_batch("BEGIN") {
        tracing::error!(error = %error, "the queue store cannot begin a transaction");
        return (false, answers);
    }
    for job in batch {
        answers.push(job(conn));
        if conn.is_autocommit() {
            // A full disk or a failed read makes SQLite roll the whole transaction back by itself.
            tracing::error!("the queue store rolled back; its callers try again");
            return (false, answers);
        }
    }
    match conn.execute_batch("COMMIT") {
        Ok(()) => (true, answers),
        Err(error) => {
            tracing::error!(error = %error, "the queue store cannot commit");
            roll_back(conn);
            (false, answers)
        }
    }
}

/// Ends a transaction that SQLite has not ended by itself; where that fails it is tried before the next one.
fn roll_back(conn: &Connection) {
    if !conn.is_autocommit()
        && let Err(error) = conn.execute_batch("ROLLBACK")
    {
        tracing::error!(error = %error, "the queue store cannot roll back");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn rows(store: &Store) -> i64 {
        let count = |conn: &Connection| conn.query_row("SELECT count(*) FROM paused", [], |row| row.get(0));
        store.call("counting", count).await.expect("a number")
    }

    #[tokio::test]
    async fn work_that_fails_leaves_nothing_behind_and_takes_no_other_with_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(&dir.path().join("q")).expect("a store");
        let insert = "INSERT INTO paused VALUES ('a')";
        let fails = store.call("failing", move |conn| conn.execute(insert, []).and_then(|_| conn.execute(insert, [])));
        let works = store.call("working", |conn| conn.execute("INSERT INTO paused VALUES ('b')", []));
        let (failed, worked) = futures::join!(fails, works);
        assert!(matches!(failed, Err(Error::Store { what: "failing", .. })), "{failed:?}");
        assert_eq!(worked.expect("it works"), 1);
        assert_eq!(rows(&store).await, 1);
    }

    /// By a limit on the pages of the file, which SQLite treats like a disk without room.
    #[tokio::test]
    async fn a_full_disk_fails_what_needs_room_and_the_store_goes_on_after_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(&dir.path().join("q")).expect("a store");
        let limit = |pages: u32| {
            store.call("limiting", move |conn| {
                conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0))
            })
        };
        let fill = || store.call("filling", |conn| conn.execute("INSERT INTO paused SELECT hex(zeroblob(100000))", []));
        let pages = limit(1).await.expect("the size of the file");
        assert!(fill().await.is_err());
        assert_eq!(rows(&store).await, 0);
        limit(u32::try_from(pages).expect("few") + 1000).await.expect("room");
        fill().await.expect("it fits now");
        assert_eq!(rows(&store).await, 1);
    }
}
