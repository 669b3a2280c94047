//! The record of mails: one row for each event, recipient and type.

use sdk::clock::Timestamp;
use sdk::sql::{self, Error, Row, Transaction, Value};
use sdk::uuid::Uuid;

use super::Told;
use crate::domain::Letter;

/// Mails of one event that are sent in one go: one for each recipient, of which an event has few.
const OPEN_MAX: i64 = 50;
/// Kept of an error message, in characters.
const ERROR_CHARS_MAX: usize = 500;

/// A mail that is decided on but not sent yet, or decided against.
#[derive(Debug, Clone)]
pub(crate) struct NewDelivery<'a> {
    pub(crate) recipient: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) letter: &'a Letter,
    /// Why it is not sent; nothing if it is.
    pub(crate) skipped: Option<&'static str>,
}

/// Records a mail, to be sent or not.
pub(crate) async fn insert(tx: &Transaction, told: Told<'_>, mail: &NewDelivery<'_>) -> Result<(), Error> {
    tx.execute(
        "insert into deliveries (id, notification_id, source_event_id, user_id, recipient, type_code, subject, \
         body_text, body_html, state, attempts, last_error, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12) \
         on conflict (source_event_id, recipient, type_code) do nothing",
        vec![
            sdk::id::new().into(),
            told.id.into(),
            told.event_id.into(),
            told.user.into(),
            mail.recipient.into(),
            mail.kind.into(),
            (&mail.letter.subject).into(),
            (&mail.letter.text).into(),
            (&mail.letter.html).into(),
            if mail.skipped.is_some() { "skipped" } else { "queued" }.into(),
            mail.skipped.into(),
            told.at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// A mail still to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) id: Uuid,
    pub(crate) user: Uuid,
    pub(crate) recipient: String,
    pub(crate) full_name: String,
    pub(crate) kind: String,
    pub(crate) letter: Letter,
}

/// The mails of an event that are not sent yet.
pub(crate) async fn open(event_id: &str) -> Result<Vec<Open>, Error> {
    let statement = format!(
        "select d.id, d.user_id, d.recipient, d.type_code, d.subject, d.body_text, d.body_html, r.full_name \
         from deliveries d left join recipients_ref r on r.user_id = d.user_id \
         where d.source_event_id = $1 and d.state in ('queued', 'failed') order by d.id limit {OPEN_MAX}"
    );
    let rows = sql::query(&statement, [event_id.into()]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Open, Error> {
    Ok(Open {
        id: row.get("id")?,
        user: row.get("user_id")?,
        recipient: row.get("recipient")?,
        full_name: row.get::<Option<String>>("full_name")?.unwrap_or_default(),
        kind: row.get("type_code")?,
        letter: Letter { subject: row.get("subject")?, text: row.get("body_text")?, html: row.get("body_html")? },
    })
}

/// How an attempt to send went.
#[derive(Debug, Clone)]
pub(crate) enum Delivered {
    /// Accepted by the transport under this Message-ID.
    Sent(String),
    /// Not now; the message comes again.
    Failed(String),
    /// Never; trying again would change nothing.
    Dead(String),
}

/// Records the attempt.
pub(crate) async fn settle(id: Uuid, outcome: &Delivered, now: Timestamp) -> Result<(), Error> {
    let cut = |text: &String| text.chars().take(ERROR_CHARS_MAX).collect::<String>();
    let (state, provider_id, error, sent_at) = match outcome {
        Delivered::Sent(message_id) => ("sent", Value::from(message_id), Value::Null, Value::from(now)),
        Delivered::Failed(error) => ("failed", Value::Null, cut(error).into(), Value::Null),
        Delivered::Dead(error) => ("dead", Value::Null, cut(error).into(), Value::Null),
    };
    let statement = "update deliveries set state = $1, attempts = attempts + 1, provider_id = $2, last_error = $3, \
                     sent_at = $4 where id = $5 and state in ('queued', 'failed')";
    sql::execute(statement, [state.into(), provider_id, error, sent_at, id.into()]).await?;
    Ok(())
}
