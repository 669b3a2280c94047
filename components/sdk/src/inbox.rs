//! Effectively-once effects of messages that arrive at least once: the ids that were handled, kept with the data.
//!
//! The table belongs to the room's migrations:
//!
//! ```sql
//! CREATE TABLE inbox (consumer text NOT NULL, message_id text NOT NULL, received_at timestamptz NOT NULL,
//!                     PRIMARY KEY (consumer, message_id));
//! ```

use crate::clock;
use crate::sql::{Error, Transaction};

/// Notes in this transaction that `consumer` handles the message; false if it already did, so that there is nothing
/// to do but to acknowledge it again.
///
/// # Errors
/// Those of [`Transaction::execute`]. [`Error::Conflict`] if the same message is being handled elsewhere at this moment.
pub async fn once(transaction: &Transaction, consumer: &str, message_id: &str) -> Result<bool, Error> {
    let statement = "INSERT INTO inbox (consumer, message_id, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let params = [consumer.into(), message_id.into(), clock::now().into()];
    Ok(transaction.execute(statement, params).await? == 1)
}
