//! Counters of failed sign-ins.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Row, Transaction, Value};
use uuid::Uuid;

use crate::domain::guard::{Counter, FORGET_US};

/// Whose failures are counted. Hashes are SHA-256.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// A person.
    User(Uuid),
    /// An e-mail address that nobody has.
    Email(Vec<u8>),
    /// The address of a caller.
    Address(Vec<u8>),
}

/// What is counted so far; nothing if nothing was.
pub(crate) async fn load(tx: &Transaction, subject: &Subject) -> Result<Counter, Error> {
    let (table, condition, key) = match subject {
        Subject::User(id) => ("login_guard", "user_id = $1", Value::from(*id)),
        Subject::Email(hash) => ("throttle", "scope = 'email' AND key_hash = $1", hash.clone().into()),
        Subject::Address(hash) => ("throttle", "scope = 'ip' AND key_hash = $1", hash.clone().into()),
    };
    let statement = format!("SELECT failed_count, last_failed_at, locked_until FROM {table} WHERE {condition}");
    let rows = tx.query(&statement, [key]).await?;
    rows.first().map_or_else(|| Ok(Counter::default()), read)
}

fn read(row: &Row) -> Result<Counter, Error> {
    let moment = |column: &str| Ok::<_, Error>(row.get::<Option<Timestamp>>(column)?.map(|at| at.0));
    let (last_failed_at, locked_until) = (moment("last_failed_at")?, moment("locked_until")?);
    Ok(Counter { failed: row.get("failed_count")?, last_failed_at, locked_until })
}

/// Keeps a counter. Rows of `throttle` that are forgotten by now go, so that strangers cannot fill the table.
pub(crate) async fn save(tx: &Transaction, subject: &Subject, counter: Counter, now: Timestamp) -> Result<(), Error> {
    let (last, until) = (counter.last_failed_at.map(Timestamp), counter.locked_until.map(Timestamp));
    let (failed, last, until) = (Value::from(counter.failed), Value::from(last), Value::from(until));
    let (scope, hash) = match subject {
        Subject::User(id) => {
            let statement = "INSERT INTO login_guard (user_id, failed_count, last_failed_at, locked_until) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE \
                 SET failed_count = excluded.failed_count, last_failed_at = excluded.last_failed_at, \
                     locked_until = excluded.locked_until";
            tx.execute(statement, [(*id).into(), failed, last, until]).await?;
            return Ok(());
        }
        Subject::Email(hash) => ("email", hash),
        Subject::Address(hash) => ("ip", hash),
    };
    let forgotten = Timestamp(now.0.saturating_sub(FORGET_US));
    tx.execute("DELETE FROM throttle WHERE last_failed_at <= $1", [forgotten.into()]).await?;
    let statement = "INSERT INTO throttle (scope, key_hash, failed_count, last_failed_at, locked_until) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (scope, key_hash) DO UPDATE \
         SET failed_count = excluded.failed_count, last_failed_at = excluded.last_failed_at, \
             locked_until = excluded.locked_until";
    tx.execute(statement, [scope.into(), hash.clone().into(), failed, last, until]).await?;
    Ok(())
}
