//! Who takes part in a ticket besides its requester.

use sdk::sql::{self, Error, Transaction};

use super::{at, uuid};
use crate::domain::Part;

/// Notes that somebody takes part since then (microseconds since 1970); the earliest moment stays.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn join(
    tx: &Transaction,
    ticket_id: &str,
    user_id: &str,
    part: Part,
    since: i64,
) -> Result<(), Error> {
    tx.execute(
        "insert into ticket_participants (ticket_id, user_id, kind, since) values ($1, $2, $3, $4) \
         on conflict (ticket_id, user_id, kind) do update set since = excluded.since \
         where excluded.since < ticket_participants.since",
        vec![uuid(ticket_id), uuid(user_id), part.code().into(), at(since)],
    )
    .await?;
    Ok(())
}

/// Whether somebody takes part in a ticket, or once did.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn takes_part(ticket_id: &str, user_id: &str) -> Result<bool, Error> {
    let statement = "select kind from ticket_participants where ticket_id = $1 and user_id = $2 limit 1";
    Ok(!sql::query(statement, [uuid(ticket_id), uuid(user_id)]).await?.is_empty())
}
