//! What only the demo asks of the database.

use sdk::sql::{self, Error, Isolation, Transaction};

/// Whether there is any ticket.
///
/// # Errors
/// Those of [`sql::begin_with`].
pub(crate) async fn any_ticket() -> Result<bool, Error> {
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    let any = any_ticket_in(&tx).await?;
    tx.rollback().await?;
    Ok(any)
}

/// Whether this transaction sees any ticket.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn any_ticket_in(tx: &Transaction) -> Result<bool, Error> {
    Ok(!tx.query("select number from tickets limit 1", []).await?.is_empty())
}

/// Notes that the numbers of a day (`yyyymmdd`) are taken up to this one.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn count(tx: &Transaction, day: &str, sequence: i64) -> Result<(), Error> {
    tx.execute(
        "insert into ticket_number_counter (day, last_issued) values ($1, $2) \
         on conflict (day) do update set last_issued = excluded.last_issued \
         where ticket_number_counter.last_issued < excluded.last_issued",
        [day.into(), sequence.into()],
    )
    .await?;
    Ok(())
}
