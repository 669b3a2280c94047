//! What only the demo asks of the database.

use sdk::sql::{Error, Transaction};

/// Whether anything is known of any ticket.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn any_ticket(tx: &Transaction) -> Result<bool, Error> {
    let statement = "select ticket_number from ticket_access_ref limit 1";
    Ok(!tx.query(statement, []).await?.is_empty())
}
