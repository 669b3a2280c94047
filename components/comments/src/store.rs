//! SQL on one side, the domain's values on the other. No rules.

mod audit;
mod comments;
pub(crate) mod demo;
mod details;
mod files;
mod parts;
mod people;
mod reading;

pub(crate) use audit::{Deed, note};
pub(crate) use comments::{Thread, by_id, has_live_reply, insert, page, replies, replies_of, reply_count, update};
pub(crate) use details::{Details, details, rate, remember_mentions};
pub(crate) use files::{Attached, File, Received, attach, file, forget, intend, stale_intents};
pub(crate) use parts::{parts, put as put_part};
pub(crate) use people::{called, people, remember, upsert};
pub(crate) use reading::{mark_read, unread};

use sdk::clock::Timestamp;
use sdk::sql::{self, Error, Isolation, Transaction, Value};

fn at(micros: i64) -> Value {
    Value::Timestamp(micros)
}

fn maybe_at(micros: Option<i64>) -> Value {
    micros.map(Timestamp).into()
}

/// `$from, $from+1, ...`: places for a list of values.
fn places(from: usize, count: usize) -> String {
    let places: Vec<_> = (from..from + count).map(|place| format!("${place}")).collect();
    places.join(", ")
}

/// A transaction that only reads, so that everything in an answer is of one moment.
///
/// # Errors
/// Those of [`sql::begin_with`].
pub(crate) async fn snapshot() -> Result<Transaction, Error> {
    sql::begin_with(Isolation::RepeatableRead, true).await
}

/// Whether the database answers and is migrated.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn ready() -> Result<(), Error> {
    sql::query("select ticket_number from ticket_access_ref limit 1", []).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn a_list_has_a_place_for_each_of_its_values() {
        assert_eq!(places(3, 3), "$3, $4, $5");
        assert_eq!(places(1, 1), "$1");
    }
}
