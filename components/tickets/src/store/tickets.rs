//! The tickets' table: whole tickets read and written.

use sdk::clock::Timestamp;
use sdk::sql::{self, Error, Row, Transaction, Value};
use serde::Deserialize;

use super::{at, maybe_at, uuid};
use crate::domain::{Approval, Change, CloseKind, Closing, Person, Priority, Rating, Reason, Status, Ticket};

/// Writes a change and its log line, if the ticket is still as it was loaded: its version one less than now. False, and
/// nothing written, if somebody else was faster.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn save(tx: &Transaction, change: &Change) -> Result<bool, Error> {
    if !update(tx, &change.ticket).await? {
        return Ok(false);
    }
    super::append(tx, &change.ticket.id, &change.entry).await?;
    Ok(true)
}

/// Writes everything a decision can change, if the ticket is still as it was loaded: its version one less than now.
/// False if somebody else was faster.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub(crate) async fn update(tx: &Transaction, ticket: &Ticket) -> Result<bool, Error> {
    let approval = ticket.approval.as_ref();
    let (rejection, withdrawal) = (ticket.rejection.as_ref(), ticket.withdrawal.as_ref());
    let params = vec![
        (&ticket.subject).into(),
        (&ticket.description).into(),
        ticket.status.code().into(),
        ticket.priority.map(Priority::code).into(),
        ticket.department.clone().into(),
        maybe_at(ticket.first_response_at),
        maybe_at(approval.map(|it| it.at)),
        approval.map_or(Value::Null, |it| uuid(&it.by.id)),
        approval.map(|it| it.by.full_name.clone()).into(),
        approval.and_then(|it| it.notes.clone()).into(),
        maybe_at(rejection.map(|it| it.at)),
        rejection.map_or(Value::Null, |it| uuid(&it.by)),
        rejection.map(|it| it.text.clone()).into(),
        maybe_at(withdrawal.map(|it| it.at)),
        withdrawal.map(|it| it.text.clone()).into(),
        maybe_at(ticket.resolved_at),
        maybe_at(ticket.closing.map(|it| it.at)),
        ticket.closing.map(|it| it.kind.code()).into(),
        maybe_at(ticket.reopened_at),
        ticket.assignee_name.clone().into(),
        maybe_at(ticket.assigned_at),
        at(ticket.updated_at),
        ticket.row_version.into(),
        uuid(&ticket.id),
        (ticket.row_version - 1).into(),
    ];
    let changed = tx
        .execute(
            "update tickets set subject = $1, description = $2, status = $3, priority = $4, department = $5, \
             first_response_at = $6, approved_at = $7, approved_by = $8, approved_by_name = $9, approval_notes = $10, \
             rejected_at = $11, rejected_by = $12, rejection_reason = $13, withdrawn_at = $14, withdraw_reason = $15, \
             resolved_at = $16, closed_at = $17, close_kind = $18, reopened_at = $19, assignee_name = $20, \
             assigned_at = $21, updated_at = $22, row_version = $23 where id = $24 and row_version = $25",
            params,
        )
        .await?;
    if changed == 1
        && let Some(rating) = &ticket.rating
    {
        rate(tx, &ticket.id, rating).await?;
    }
    Ok(changed == 1)
}

/// Keeps the rating; there is one for ever.
async fn rate(tx: &Transaction, ticket_id: &str, rating: &Rating) -> Result<(), Error> {
    tx.execute(
        "insert into ticket_ratings (ticket_id, stars, feedback, rated_at) values ($1, $2, $3, $4) \
         on conflict (ticket_id) do nothing",
        vec![uuid(ticket_id), i64::from(rating.stars).into(), rating.feedback.clone().into(), at(rating.at)],
    )
    .await?;
    Ok(())
}

/// A ticket with its rating.
const WHOLE: &str = "select t.*, r.stars, r.feedback, r.rated_at from tickets t \
                     left join ticket_ratings r on r.ticket_id = t.id";

/// One ticket.
///
/// # Errors
/// Those of [`sql::query`].
pub(crate) async fn by_number(number: &str) -> Result<Option<Ticket>, Error> {
    let rows = sql::query(&format!("{WHOLE} where t.number = $1"), [number.into()]).await?;
    rows.first().map(ticket).transpose()
}

/// One ticket as this transaction sees it.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn by_number_in(tx: &Transaction, number: &str) -> Result<Option<Ticket>, Error> {
    let rows = tx.query(&format!("{WHOLE} where t.number = $1"), [number.into()]).await?;
    rows.first().map(ticket).transpose()
}

/// Tickets that were resolved at `until` (microseconds since 1970) or before and still are, the oldest first; at most
/// `limit`.
///
/// # Errors
/// Those of [`Transaction::query`].
pub(crate) async fn resolved_until(tx: &Transaction, until: i64, limit: i64) -> Result<Vec<Ticket>, Error> {
    let statement =
        format!("{WHOLE} where t.status = 'resolved' and t.resolved_at <= $1 order by t.resolved_at limit $2");
    tx.query(&statement, [at(until), limit.into()]).await?.iter().map(ticket).collect()
}

fn ticket(row: &Row) -> Result<Ticket, Error> {
    let time = |column| row.get::<Option<Timestamp>>(column).map(|at| at.map(|at| at.0));
    let text = |column| row.get::<Option<String>>(column);
    let approval = match (time("approved_at")?, text("approved_by")?) {
        (Some(at), Some(id)) => {
            let full_name = text("approved_by_name")?.unwrap_or_default();
            let by = Person { id, email: String::new(), full_name };
            Some(Approval { at, by, notes: text("approval_notes")? })
        }
        _ => None,
    };
    let reason = |at: Option<i64>, by: Option<String>, why: Option<String>| match (at, by, why) {
        (Some(at), Some(by), Some(text)) => Some(Reason { at, by, text }),
        _ => None,
    };
    let closing = time("closed_at")?.zip(row.maybe_word("close_kind", CloseKind::read)?);
    let requester_id: String = row.get("requester_id")?;
    let rejection = reason(time("rejected_at")?, text("rejected_by")?, text("rejection_reason")?);
    let withdrawal = reason(time("withdrawn_at")?, Some(requester_id.clone()), text("withdraw_reason")?);
    Ok(Ticket {
        id: row.get("id")?,
        number: row.get("number")?,
        requester: requester(row, requester_id)?,
        subject: row.get("subject")?,
        description: row.get("description")?,
        category: row.get("category_code")?,
        sub_category: text("subcategory_code")?,
        scheduled_on: text("scheduled_on")?,
        details: row.get("details")?,
        extra: row.get("extra")?,
        department: text("department")?,
        priority: row.maybe_word("priority", Priority::read)?,
        status: row.word("status", Status::read)?,
        submitted_at: row.get::<Timestamp>("submitted_at")?.0,
        first_response_at: time("first_response_at")?,
        approval,
        rejection,
        withdrawal,
        resolved_at: time("resolved_at")?,
        closing: closing.map(|(at, kind)| Closing { at, kind }),
        reopened_at: time("reopened_at")?,
        assignee_name: text("assignee_name")?,
        assigned_at: time("assigned_at")?,
        rating: rating(row)?,
        updated_at: row.get::<Timestamp>("updated_at")?.0,
        row_version: row.get("row_version")?,
    })
}

fn rating(row: &Row) -> Result<Option<Rating>, Error> {
    let stars = row.get::<Option<u32>>("stars")?.and_then(|stars| stars.try_into().ok());
    let at = row.get::<Option<Timestamp>>("rated_at")?;
    let feedback = row.get("feedback")?;
    Ok(stars.zip(at).map(|(stars, at)| Rating { stars, feedback, at: at.0 }))
}

pub(super) fn requester(row: &Row, id: String) -> Result<Person, Error> {
    let snapshot: String = row.get("requester_snapshot")?;
    // One that is written otherwise leaves the names empty; the ticket is more than they are.
    let Snapshot { email, full_name } = serde_json::from_str(&snapshot).unwrap_or_default();
    Ok(Person { id, email: email.unwrap_or_default(), full_name: full_name.unwrap_or_default() })
}

/// What is kept of a person as they were when they asked.
#[derive(Default, Deserialize)]
struct Snapshot {
    email: Option<String>,
    full_name: Option<String>,
}
