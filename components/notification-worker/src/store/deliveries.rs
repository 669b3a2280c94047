//! The record of mails: one row for each event, recipient and type.

use sdk::clock::Timestamp;
use sdk::sql::{self, Error, Row, Transaction, Value};
use sdk::uuid::Uuid;

use super::Told;
use crate::domain::Letter;

/// Mails of one event that are read in one go.
const OPEN_MAX: i64 = 50;
/// Kept of an error message, in characters.
const ERROR_CHARS_MAX: usize = 500;

/// A mail that is decided on but not sent yet, or decided against.
#[derive(Debug, Clone)]
pub(crate) struct NewDelivery<'a> {
    /// The entry in the inbox that says the same, if there is one.
    pub(crate) entry: Option<Uuid>,
    pub(crate) recipient: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) letter: &'a Letter,
    /// When the clock may send it; nothing if its message does.
    pub(crate) due: Option<Timestamp>,
    /// Why it is not sent; nothing if it is.
    pub(crate) skipped: Option<&'static str>,
}

/// Records a mail, to be sent or not.
pub(crate) async fn insert(tx: &Transaction, told: Told<'_>, mail: &NewDelivery<'_>) -> Result<(), Error> {
    tx.execute(
        "insert into deliveries (id, notification_id, source_event_id, user_id, recipient, type_code, subject, \
         body_text, body_html, state, attempts, next_attempt_at, last_error, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13) \
         on conflict (source_event_id, recipient, type_code) do nothing",
        vec![
            sdk::id::new().into(),
            mail.entry.into(),
            told.event_id.into(),
            told.user.into(),
            mail.recipient.into(),
            mail.kind.into(),
            (&mail.letter.subject).into(),
            (&mail.letter.text).into(),
            (&mail.letter.html).into(),
            if mail.skipped.is_some() { "skipped" } else { "queued" }.into(),
            mail.due.into(),
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
    pub(crate) event_id: String,
    pub(crate) user: Uuid,
    pub(crate) recipient: String,
    pub(crate) full_name: String,
    pub(crate) kind: String,
    pub(crate) letter: Letter,
    /// So many failed.
    pub(crate) attempts: i64,
    /// When the clock may send it; nothing if its message does.
    pub(crate) due: Option<Timestamp>,
}

/// Columns of an open mail, as [`read`] takes them.
const COLUMNS: &str = "d.id, d.source_event_id, d.user_id, d.recipient, d.type_code, d.subject, d.body_text, \
                       d.body_html, d.attempts, d.next_attempt_at, r.full_name";

/// Some of the mails of an event that it sends itself and has not yet: those after this one, in the order of their
/// keys. None left: that was all.
pub(crate) async fn open(event_id: &str, after: Uuid) -> Result<Vec<Open>, Error> {
    let statement = format!(
        "select {COLUMNS} from deliveries d left join recipients_ref r on r.user_id = d.user_id \
         where d.source_event_id = $1 and d.id > $2 and d.state in ('queued', 'failed') \
         and d.next_attempt_at is null order by d.id limit {OPEN_MAX}"
    );
    let rows = sql::query(&statement, [event_id.into(), after.into()]).await?;
    rows.iter().map(read).collect()
}

/// Some of the mails that the clock may send, those that wait longest first.
pub(crate) async fn waiting(now: Timestamp, limit: i64) -> Result<Vec<Open>, Error> {
    let statement = format!(
        "select {COLUMNS} from deliveries d left join recipients_ref r on r.user_id = d.user_id \
         where d.state in ('queued', 'failed') and d.next_attempt_at <= $1 order by d.next_attempt_at, d.id limit $2"
    );
    let rows = sql::query(&statement, [now.into(), limit.into()]).await?;
    rows.iter().map(read).collect()
}

/// Takes a waiting mail for oneself until this moment; false if somebody else has taken or sent it meanwhile.
pub(crate) async fn claim(open: &Open, until: Timestamp) -> Result<bool, Error> {
    let statement = "update deliveries set next_attempt_at = $1 \
                     where id = $2 and state in ('queued', 'failed') and next_attempt_at = $3";
    Ok(sql::execute(statement, [until.into(), open.id.into(), open.due.into()]).await? == 1)
}

fn read(row: &Row) -> Result<Open, Error> {
    Ok(Open {
        id: row.get("id")?,
        event_id: row.get("source_event_id")?,
        user: row.get("user_id")?,
        recipient: row.get("recipient")?,
        full_name: row.get::<Option<String>>("full_name")?.unwrap_or_default(),
        kind: row.get("type_code")?,
        letter: Letter { subject: row.get("subject")?, text: row.get("body_text")?, html: row.get("body_html")? },
        attempts: row.get("attempts")?,
        due: row.get("next_attempt_at")?,
    })
}

/// How an attempt to send went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// Accepted by the transport under this Message-ID.
    Sent(String),
    /// Not now: the clock tries again at this moment or, if there is none, the message when it comes again.
    Failed { error: String, again: Option<Timestamp> },
    /// Never; trying again would change nothing.
    Dead(String),
}

/// Records the attempt, unless somebody else has this mail now: `claim` is what the clock took it with; a message
/// settles only mails without a time.
pub(crate) async fn settle(
    id: Uuid,
    outcome: &Delivered,
    claim: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Error> {
    let cut = |text: &String| Value::from(text.chars().take(ERROR_CHARS_MAX).collect::<String>());
    let (state, provider_id, error, sent_at, again) = match outcome {
        Delivered::Sent(message_id) => ("sent", message_id.into(), Value::Null, now.into(), None),
        Delivered::Failed { error, again } => ("failed", Value::Null, cut(error), Value::Null, *again),
        Delivered::Dead(error) => ("dead", Value::Null, cut(error), Value::Null, None),
    };
    let holder = if claim.is_some() { "next_attempt_at = $7" } else { "next_attempt_at is null" };
    let statement = format!(
        "update deliveries set state = $1, attempts = attempts + 1, provider_id = $2, last_error = $3, sent_at = $4, \
         next_attempt_at = $5 where id = $6 and state in ('queued', 'failed') and {holder}"
    );
    let mut params = vec![state.into(), provider_id, error, sent_at, again.into(), id.into()];
    params.extend(claim.map(Value::from));
    sql::execute(&statement, params).await?;
    Ok(())
}
