//! Who takes part in which ticket.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Row, Transaction};

use super::{at, maybe_at};
use crate::domain::{Part, PartKind};

/// Parts of one ticket; every agent of a help desk would have to hold it once to come near.
const PARTS_MAX: i64 = 1_000;

/// Everybody who takes or took part in a ticket; nobody if it is not known.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn parts(tx: &Transaction, number: &str) -> Result<Vec<Part>, Error> {
    let statement = format!(
        "select user_id, kind, since, until from ticket_access_ref where ticket_number = $1 \
         order by since desc, user_id limit {PARTS_MAX}"
    );
    tx.query(&statement, [number.into()]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Part, Error> {
    Ok(Part {
        user: row.get("user_id")?,
        kind: row.word("kind", PartKind::read)?,
        since: row.get::<Timestamp>("since")?.0,
        until: row.get::<Option<Timestamp>>("until")?.map(|until| until.0),
    })
}

/// Writes a part as it is now.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn put(tx: &Transaction, number: &str, part: &Part) -> Result<(), Error> {
    let statement = "insert into ticket_access_ref (ticket_number, user_id, kind, since, until) \
                     values ($1, $2, $3, $4, $5) on conflict (ticket_number, user_id, kind) \
                     do update set since = excluded.since, until = excluded.until";
    let params = [number.into(), part.user.into(), part.kind.code().into(), at(part.since), maybe_at(part.until)];
    tx.execute(statement, params).await?;
    Ok(())
}
