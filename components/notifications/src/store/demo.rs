//! Writes the demo's entries.

use scenario::Notice;
use sdk::clock::Timestamp;
use sdk::sql::{Error, Transaction};
use serde_json::json;

/// Whether there is any entry.
pub(crate) async fn any(tx: &Transaction) -> Result<bool, Error> {
    Ok(!tx.query("select id from notifications limit 1", []).await?.is_empty())
}

/// Adds an entry, under the number of the event that might have caused it.
pub(crate) async fn add(tx: &Transaction, event: i64, notice: &Notice) -> Result<(), Error> {
    tx.execute(
        "insert into notifications (id, user_id, type_code, subject, body, ticket_number, data, source_event_id, \
         created_at, read_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        vec![
            sdk::id::new().into(),
            notice.to.key.into(),
            notice.kind.into(),
            (&notice.subject).into(),
            (&notice.body).into(),
            (&notice.number).into(),
            json!({}).into(),
            format!("demo:{event}").into(),
            Timestamp(notice.at).into(),
            notice.read_at.map(Timestamp).into(),
        ],
    )
    .await?;
    Ok(())
}
