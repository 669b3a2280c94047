//! The component's own database (`wharf:sql`): statements with `$1`... parameters, rows read by column name,
//! transactions. Every call is bounded by the deadline of the request that is being served.

use std::future::Future;

use crate::bindings::wharf::sql::sql as wit;
use crate::message::Outgoing;
use crate::problem::Problem;

mod condition;
mod error;
mod stream;
mod value;

pub use condition::Condition;
pub use error::Error;
pub use stream::{Rows, query_stream};
pub use value::{FromValue, Row, Value};
pub use wit::{ConstraintKind, Dialect, Isolation};

/// How often [`retry`] runs the same work: conflicts between a few writers are over by then, and a caller waits at
/// most 0.3 s more.
const ATTEMPTS_MAX: u32 = 6;

/// Nanoseconds before the second attempt; doubled each time.
const BACKOFF_NS: u64 = 10_000_000;

/// Which engine answers. Only `store` code may depend on it, and only where a statement must differ.
pub fn dialect() -> Dialect {
    wit::engine()
}

/// Runs one statement and returns its rows, at most 16 MiB.
///
/// # Errors
/// See [`Error`].
pub async fn query(statement: &str, params: impl Into<Vec<Value>>) -> Result<Vec<Row>, Error> {
    Ok(value::rows(wit::query(statement.to_owned(), params.into()).await?))
}

/// Runs one statement and returns the number of rows it changed.
///
/// # Errors
/// See [`Error`].
pub async fn execute(statement: &str, params: impl Into<Vec<Value>>) -> Result<u64, Error> {
    Ok(wit::execute(statement.to_owned(), params.into()).await?)
}

/// Opens a transaction in which concurrent ones cannot be told from earlier or later ones; a loser ends with
/// [`Error::Conflict`], so wrap the whole work in [`retry`].
///
/// # Errors
/// See [`Error`].
pub async fn begin() -> Result<Transaction, Error> {
    begin_with(Isolation::Serializable, false).await
}

/// Opens a transaction with an isolation level of its own; a read-only one refuses changes.
///
/// # Errors
/// See [`Error`].
pub async fn begin_with(isolation: Isolation, read_only: bool) -> Result<Transaction, Error> {
    Ok(Transaction(wit::begin(wit::Options { isolation, read_only }).await?))
}

/// Runs work that opens, uses and commits a transaction, again if a concurrent one won, at most six times with a
/// growing pause between. `E` is [`Error`] or [`Problem`].
///
/// # Errors
/// The last error of the work.
pub async fn retry<T, E, F>(mut work: impl FnMut() -> F) -> Result<T, E>
where
    E: LostRace,
    F: Future<Output = Result<T, E>>,
{
    let mut attempt = 1;
    loop {
        match work().await {
            Err(error) if attempt < ATTEMPTS_MAX && error.lost_race() => {
                pause(BACKOFF_NS << (attempt - 1)).await;
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

#[cfg(target_family = "wasm")]
async fn pause(nanoseconds: u64) {
    // Between half and the whole, so that those who met once do not meet again.
    let [jitter] = crate::id::random::<1>().unwrap_or([0]);
    let wait = nanoseconds / 2 + nanoseconds / 512 * u64::from(jitter);
    spin_sdk::wasip3::clocks::monotonic_clock::wait_for(wait).await;
}

/// Native tests have no host whose clock could be waited for.
#[cfg(not(target_family = "wasm"))]
fn pause(_nanoseconds: u64) -> std::future::Ready<()> {
    std::future::ready(())
}

/// An error that may say: a concurrent transaction won, nothing was changed, run it all again.
pub trait LostRace {
    /// Whether it says so.
    fn lost_race(&self) -> bool;
}

impl LostRace for Error {
    fn lost_race(&self) -> bool {
        matches!(self, Self::Conflict)
    }
}

impl LostRace for Problem {
    fn lost_race(&self) -> bool {
        self.is_transient_conflict()
    }
}

/// An open transaction. Dropped without [`Transaction::commit`], it is rolled back.
#[derive(Debug)]
pub struct Transaction(wit::Transaction);

impl Transaction {
    /// Runs one statement and returns its rows, at most 16 MiB.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn query(&self, statement: &str, params: impl Into<Vec<Value>>) -> Result<Vec<Row>, Error> {
        Ok(value::rows(self.0.query(statement.to_owned(), params.into()).await?))
    }

    /// Runs one statement and returns the number of rows it changed.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn execute(&self, statement: &str, params: impl Into<Vec<Value>>) -> Result<u64, Error> {
        Ok(self.0.execute(statement.to_owned(), params.into()).await?)
    }

    /// Sends a message if, and only if, this transaction commits. Returns its id.
    ///
    /// # Errors
    /// See [`Error`]; `Denied` if the manifest does not grant the topic.
    pub async fn send(&self, message: &Outgoing) -> Result<String, Error> {
        let message = message.clone();
        let outgoing = wit::Outgoing {
            id: message.id,
            topic: message.topic,
            subject: message.subject,
            content_type: message.content_type,
            body: message.body,
            group_key: message.group_key,
            dedupe_key: message.dedupe_key,
            priority: message.priority,
            delay_ms: message.delay_ms,
        };
        Ok(self.0.send(outgoing).await?)
    }

    /// Makes the changes durable and hands its messages over. After an error nothing was changed.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn commit(self) -> Result<(), Error> {
        Ok(wit::Transaction::commit(self.0).await?)
    }

    /// Undoes everything, and waits until it is undone.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn rollback(self) -> Result<(), Error> {
        Ok(wit::Transaction::rollback(self.0).await?)
    }
}

#[cfg(test)]
mod tests;
