//! A new ticket: its number, its row and the first line of its log.

use sdk::sql::{self, Dialect, Error, Row, Transaction, Value};

use super::entries::{ENTRY_COLUMNS, entry_params};
use super::{at, json, uuid};
use crate::domain::{self, Entry, SEQUENCE_DIGITS, Ticket};

/// Takes the next number of a day, unless all 999,999 are taken.
const COUNT: &str = "insert into ticket_number_counter (day, last_issued) values ($1, 1) \
     on conflict (day) do update set last_issued = ticket_number_counter.last_issued + 1 \
     where ticket_number_counter.last_issued < 999999 returning last_issued";

/// What a new ticket has; the rest is null.
const TICKET_COLUMNS: &str = "id, number, requester_id, requester_snapshot, subject, category_code, subcategory_code, \
     description, scheduled_on, details, extra, status, source, submitted_at, updated_at, row_version";

/// Opens a ticket under the next number of its day, whatever number it has, and returns the number. The counter's row stays
/// locked until the end of the transaction, so that numbers have no gaps by rollback.
///
/// # Errors
/// [`Error::Unavailable`] after 999,999 tickets of one day; else those of [`Transaction::query`].
pub(crate) async fn open(tx: &Transaction, ticket: &Ticket, source: &str, first: &Entry) -> Result<String, Error> {
    let day = domain::day_key(ticket.submitted_at);
    if sql::dialect() == Dialect::Postgres {
        return open_at_once(tx, &day, (ticket, source), first).await;
    }
    let sequence = only(&tx.query(COUNT, [Value::from(&day)]).await?, "last_issued")?;
    let number = domain::number(&day, sequence);
    insert(tx, &Ticket { number: number.clone(), ..ticket.clone() }, source).await?;
    super::append(tx, &ticket.id, first).await?;
    Ok(number)
}

/// The same in one statement: with the counter locked each exchange with a server keeps everybody else waiting. The number
/// is put together as [`domain::number`] does it.
async fn open_at_once(
    tx: &Transaction,
    day: &str,
    (ticket, source): (&Ticket, &str),
    first: &Entry,
) -> Result<String, Error> {
    let mut params = ticket_params(ticket, &domain::number_start(day), source);
    params.extend(entry_params(&ticket.id, first));
    params.push(day.into());
    let statement = format!(
        "with counted as ({}), \
         opened as (insert into tickets ({TICKET_COLUMNS}) \
           select $1, $2 || lpad(last_issued::text, {SEQUENCE_DIGITS}, '0'), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
             $15, $16 from counted returning number) \
         insert into ticket_events ({ENTRY_COLUMNS}) \
           select $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27 from opened \
           returning (select number from opened) as number",
        COUNT.replace("$1", "$28"),
    );
    only(&tx.query(&statement, params).await?, "number")
}

/// Stores a new ticket under the number that it has.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn insert(tx: &Transaction, ticket: &Ticket, source: &str) -> Result<(), Error> {
    let statement = format!(
        "insert into tickets ({TICKET_COLUMNS}) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
    );
    tx.execute(&statement, ticket_params(ticket, &ticket.number, source)).await.map(drop)
}

/// In the order of the columns, with this in the place of the number.
fn ticket_params(ticket: &Ticket, number: &str, source: &str) -> Vec<Value> {
    let requester = serde_json::json!({
        "id": ticket.requester.id, "email": ticket.requester.email, "full_name": ticket.requester.full_name,
    });
    vec![
        uuid(&ticket.id),
        number.into(),
        uuid(&ticket.requester.id),
        requester.into(),
        (&ticket.subject).into(),
        (&ticket.category).into(),
        ticket.sub_category.clone().into(),
        (&ticket.description).into(),
        ticket.scheduled_on.clone().into(),
        json(&ticket.details),
        json(&ticket.extra),
        ticket.status.code().into(),
        source.into(),
        at(ticket.submitted_at),
        at(ticket.updated_at),
        ticket.row_version.into(),
    ]
}

/// The one value there is, unless every number of the day is taken.
fn only<T: sql::FromValue>(rows: &[Row], column: &str) -> Result<T, Error> {
    let taken = || Error::Unavailable("every number of this day is taken".to_owned());
    rows.first().ok_or_else(taken)?.get(column)
}
