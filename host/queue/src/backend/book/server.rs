//! The book on a PostgreSQL server that hosts share, over one connection that is made anew whenever it breaks.
//!
//! Transactions of all hosts come one after the other, as those of a file do: each begins by waiting for one lock. So
//! whatever holds in the file holds here. While the server is away everything fails at once, and it is looked for at a
//! growing distance.

use std::cell::{Cell as Flag, RefCell};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgQueryResult, PgRow};
use sqlx::{Arguments as _, AssertSqlSafe, Column as _, Connection as _, Executor as _, Row as _, TypeInfo as _};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::complaint::BookComplaint;
use super::config::PostgresConfig;
use super::fault::Fault;
use super::row::{Cell, Row};
use super::setup;
use super::store::Answers;
use super::value::Value;
use crate::Error;
use crate::backend::backoff::Backoff;
use crate::retry;

/// Bound of the first connection, on which the start waits.
const OPEN_WAIT: Duration = Duration::from_secs(5);
/// Bound of what is made there then: longer than the wait for another host that does the same.
const SETUP_WAIT: Duration = Duration::from_secs(10);
/// Bound of a later one: senders wait for it.
const CONNECT_WAIT: Duration = Duration::from_millis(1500);
/// The server ends a wait for the other hosts' transactions after so long.
const LOCK_LIMIT: Duration = Duration::from_secs(6);
/// It ends a statement after so long.
const STATEMENT_LIMIT: Duration = Duration::from_secs(10);
/// It ends a transaction that its host has forgotten, and with it the wait of the others: before that has an end.
const IDLE_LIMIT: Duration = Duration::from_secs(4);
/// Bound of one exchange; after that the connection is given up.
const ROUND_WAIT: Duration = Duration::from_secs(12);
/// Bound of a goodbye.
const CLOSE_WAIT: Duration = Duration::from_secs(1);
/// What PostgreSQL has no place for in a text, and what takes its place.
const NUL: (char, &str) = ('\0', "\u{fffd}");

pub(super) struct Server {
    runtime: Runtime,
    options: PgConnectOptions,
    /// Locked for as long as this life is connected, so that others can tell.
    carrier: i64,
    begin: String,
    raw: RefCell<Option<PgConnection>>,
    road: RefCell<Road>,
    in_transaction: Flag<bool>,
    /// A statement of the present piece failed: the server would not commit it, and would not say so either.
    failed: Flag<bool>,
    answers: Answers,
}

impl Server {
    /// Connects and prepares the schema. Within some seconds.
    pub(super) fn open(config: &PostgresConfig, carrier: i64, answers: Answers) -> Result<Self, Error> {
        if !config.is_plain() {
            return Err(BookComplaint::Name { schema: config.schema.clone() }.into());
        }
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| Error::Unavailable { what: "starting its thread" })?;
        let options = config.options(&settings(config));
        let opened = async {
            let connected = timeout(OPEN_WAIT, connect(&options, carrier)).await;
            let late = |_| BookComplaint::unreachable(config, &"no answer within 5 s");
            let mut raw = connected.map_err(late)?.map_err(|error| BookComplaint::of(config, &error))?;
            let late = |_| BookComplaint::unreachable(config, &"no answer within 10 s");
            timeout(SETUP_WAIT, setup::prepare(&mut raw, config)).await.map_err(late)??;
            Ok::<_, BookComplaint>(raw)
        };
        let raw = runtime.block_on(opened)?;
        Ok(Self {
            runtime,
            options,
            carrier,
            begin: begin(config),
            raw: RefCell::new(Some(raw)),
            road: RefCell::new(Road::new()),
            in_transaction: Flag::new(false),
            failed: Flag::new(false),
            answers,
        })
    }

    pub(super) fn execute(&self, statement: &str, values: &[Value<'_>]) -> Result<u64, Fault> {
        let query = query(statement, values)?;
        let done: PgQueryResult = self.run(async |raw| query.execute(raw).await)?;
        Ok(done.rows_affected())
    }

    pub(super) fn query(&self, statement: &str, values: &[Value<'_>]) -> Result<Vec<Row>, Fault> {
        let query = query(statement, values)?;
        let rows: Vec<PgRow> = self.run(async |raw| query.fetch_all(raw).await)?;
        rows.iter().map(row).collect()
    }

    pub(super) fn begin(&self, several: bool) -> Result<(), Fault> {
        let text = if several { format!("{}; SAVEPOINT piece", self.begin) } else { self.begin.clone() };
        let rested = self.raw.borrow().is_some();
        if !rested {
            self.connect_again()?;
        }
        if let Err(fault) = self.try_begin(&text) {
            // A connection that rested may have been dead for long, and nothing was asked of it yet.
            if !rested {
                return Err(fault);
            }
            self.connect_now()?;
            self.try_begin(&text)?;
        }
        self.in_transaction.set(true);
        Ok(())
    }

    /// A connection over which no transaction can begin is given up: the server may have become another one's copy.
    fn try_begin(&self, text: &str) -> Result<(), Fault> {
        self.failed.set(false);
        self.simple(text).inspect_err(|fault| self.lose(&fault.to_string()))
    }

    pub(super) fn next(&self) -> Result<(), Fault> {
        self.simple("RELEASE SAVEPOINT piece; SAVEPOINT piece")
    }

    pub(super) fn undo(&self) -> Result<(), Fault> {
        self.simple("ROLLBACK TO SAVEPOINT piece")?;
        self.failed.set(false);
        Ok(())
    }

    pub(super) fn commit(&self) -> Result<(), Fault> {
        if self.failed.get() {
            self.roll_back();
            return Err(Fault::Lost);
        }
        self.in_transaction.set(false);
        self.simple("COMMIT")?;
        self.road.borrow_mut().works();
        Ok(())
    }

    pub(super) fn roll_back(&self) {
        if self.is_open()
            && let Err(fault) = self.simple("ROLLBACK")
        {
            self.lose(&fault.to_string());
        }
        self.in_transaction.set(false);
    }

    pub(super) fn is_open(&self) -> bool {
        self.in_transaction.get() && self.raw.borrow().is_some()
    }

    /// Statements without parameters, in one exchange.
    fn simple(&self, statements: &str) -> Result<(), Fault> {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        self.run(async |raw| raw.execute(statements).await.map(drop))
    }

    fn run<T>(&self, work: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>) -> Result<T, Fault> {
        let mut raw = self.raw.borrow_mut();
        let conn = raw.as_mut().ok_or(Fault::Lost)?;
        let done = self.runtime.block_on(async { timeout(ROUND_WAIT, work(conn)).await });
        drop(raw);
        match done {
            Ok(Ok(done)) => {
                self.answers.count();
                Ok(done)
            }
            Ok(Err(error)) if is_of_statement(&error) => {
                self.failed.set(true);
                Err(Fault::Server(error))
            }
            Ok(Err(error)) => {
                self.lose(&error.to_string());
                Err(Fault::Lost)
            }
            Err(_) => {
                self.lose("no answer in time");
                Err(Fault::Lost)
            }
        }
    }

    fn lose(&self, reason: &str) {
        if self.raw.take().is_some() {
            self.road.borrow_mut().closed(reason);
        }
    }

    /// Fails at once where the last attempt was only just now.
    fn connect_again(&self) -> Result<(), Fault> {
        if self.road.borrow().is_resting() {
            return Err(Fault::Lost);
        }
        self.connect_now()
    }

    fn connect_now(&self) -> Result<(), Fault> {
        let connecting = async { timeout(CONNECT_WAIT, connect(&self.options, self.carrier)).await };
        let reason = match self.runtime.block_on(connecting) {
            Ok(Ok(raw)) => {
                *self.raw.borrow_mut() = Some(raw);
                return Ok(());
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        self.road.borrow_mut().closed(&reason);
        Err(Fault::Lost)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(raw) = self.raw.take() {
            let goodbye = async { timeout(CLOSE_WAIT, raw.close()).await };
            // One that cannot be said is missed by nobody.
            drop(self.runtime.block_on(goodbye));
        }
    }
}

/// The way to the server: when it is tried again, and what has been said about it.
struct Road {
    backoff: Backoff,
    next: Instant,
    said: bool,
}

impl Road {
    fn new() -> Self {
        Self { backoff: Backoff::default(), next: Instant::now(), said: false }
    }

    fn works(&mut self) {
        self.backoff.reset();
        if std::mem::take(&mut self.said) {
            tracing::info!("the server of the queue's book is there again");
        }
    }

    fn closed(&mut self, reason: &str) {
        self.next = Instant::now() + self.backoff.next(retry::jitter());
        if !std::mem::replace(&mut self.said, true) {
            tracing::warn!(reason, "the server of the queue's book is away; trying again");
        }
    }

    fn is_resting(&self) -> bool {
        Instant::now() < self.next
    }
}

/// Connects, and marks the connection as that of this life.
async fn connect(options: &PgConnectOptions, carrier: i64) -> sqlx::Result<PgConnection> {
    let mut raw = PgConnection::connect_with(options).await?;
    // Shared with an earlier connection of this life that the server has not missed yet.
    raw.execute(sqlx::raw_sql(AssertSqlSafe(format!("SELECT pg_advisory_lock_shared({carrier})")))).await?;
    Ok(raw)
}

/// The lock is asked for by a statement of its own, and each statement sees what was committed before it: so none sees
/// the book as it was before the lock was had.
fn begin(config: &PostgresConfig) -> String {
    format!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {}", setup::lock(config))
}

fn settings(config: &PostgresConfig) -> Vec<(&'static str, String)> {
    let milliseconds = |limit: Duration| limit.as_millis().to_string();
    vec![
        ("search_path", config.schema.clone()),
        // Whatever the database's own default: nobody is told of what is not on the disk.
        ("synchronous_commit", "on".to_owned()),
        ("lock_timeout", milliseconds(LOCK_LIMIT)),
        ("statement_timeout", milliseconds(STATEMENT_LIMIT)),
        ("idle_in_transaction_session_timeout", milliseconds(IDLE_LIMIT)),
        // A host that is gone without a word holds its place for some ten seconds.
        ("tcp_keepalives_idle", "4".to_owned()),
        ("tcp_keepalives_interval", "2".to_owned()),
        ("tcp_keepalives_count", "3".to_owned()),
        ("standard_conforming_strings", "on".to_owned()),
        // Short statements lose more by it than they gain.
        ("jit", "off".to_owned()),
        // The tables are empty at one moment and full at the next, and every statement has its index.
        ("enable_seqscan", "off".to_owned()),
    ]
}

fn query(
    statement: &str,
    values: &[Value<'_>],
) -> Result<sqlx::query::Query<'static, sqlx::Postgres, PgArguments>, Fault> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Integer(number) => arguments.add(*number),
            Value::Text(Some(text)) if text.contains(NUL.0) => arguments.add(text.replace(NUL.0, NUL.1)),
            Value::Text(text) => arguments.add(*text),
            Value::Bytes(bytes) => arguments.add(*bytes),
        }
        .map_err(|error| Fault::Server(sqlx::Error::Encode(error)))?;
    }
    Ok(sqlx::query_with(AssertSqlSafe(statement.replace('?', "$")), arguments))
}

fn row(row: &PgRow) -> Result<Row, Fault> {
    row.columns()
        .iter()
        .enumerate()
        .map(|(index, column)| cell(row, index, column.type_info().name()))
        .collect::<Result<_, _>>()
        .map(Row)
}

fn cell(row: &PgRow, index: usize, kind: &str) -> Result<Cell, Fault> {
    let cell = match kind {
        "INT8" => row.try_get::<Option<i64>, _>(index).map(|value| value.map(Cell::Integer)),
        "INT4" => row.try_get::<Option<i32>, _>(index).map(|value| value.map(|number| Cell::Integer(number.into()))),
        "TEXT" => row.try_get::<Option<String>, _>(index).map(|value| value.map(Cell::Text)),
        "BYTEA" => row.try_get::<Option<Vec<u8>>, _>(index).map(|value| value.map(|bytes| Cell::Bytes(bytes.into()))),
        _ => return Err(Fault::Column { index }),
    };
    cell.map(|cell| cell.unwrap_or(Cell::Nothing)).map_err(|_| Fault::Column { index })
}

/// Whether the statement was at fault, and the connection is as good as before.
///
/// Source: PostgreSQL manual, appendix A, error codes.
fn is_of_statement(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            // Of the sessions that the server ends; 25006: it has become a copy that only reads.
            let ended = ["57P", "08", "25P03", "25P04", "25006"];
            !ended.iter().any(|begin| code.starts_with(begin))
        }
        sqlx::Error::Encode(_) => true,
        _ => false,
    }
}
