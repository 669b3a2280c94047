//! The notification database as the worker writes it. No rules.

mod deliveries;
mod recipients;
mod throttle;

pub(crate) use deliveries::{Delivered, NewDelivery, Open, claim, insert as insert_delivery, open, settle, waiting};
pub(crate) use recipients::{channels, members, recipient, upsert};
pub(crate) use throttle::{set_window, window};

use sdk::clock::Timestamp;
use sdk::sql::{self, Error, Transaction};
use sdk::uuid::Uuid;

use crate::domain::Note;

/// What one message means to one person: the key of what they will find, and when it was decided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) id: Uuid,
    pub(crate) user: Uuid,
    pub(crate) event_id: &'a str,
    pub(crate) at: Timestamp,
}

/// Puts a note into somebody's inbox; false if this event already told them this.
pub(crate) async fn insert_note(tx: &Transaction, told: Told<'_>, note: &Note) -> Result<bool, Error> {
    let inserted = tx
        .execute(
            "insert into notifications (id, user_id, type_code, subject, body, ticket_number, data, source_event_id, \
             created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             on conflict (source_event_id, user_id, type_code) do nothing",
            vec![
                told.id.into(),
                told.user.into(),
                note.kind.into(),
                (&note.subject).into(),
                (&note.body).into(),
                (&note.ticket_number).into(),
                note.data.clone().into(),
                told.event_id.into(),
                told.at.into(),
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// How many entries somebody has not read.
pub(crate) async fn unread(user: Uuid) -> Result<i64, Error> {
    let statement = "select count(*) as total from notifications where user_id = $1 and read_at is null";
    sql::query(statement, [user.into()]).await?.first().ok_or(Error::NoRow)?.get("total")
}

/// Whether the database answers and is migrated.
pub(crate) async fn ready() -> Result<bool, Error> {
    Ok(!sql::query("select code from notification_types limit 1", []).await?.is_empty())
}
