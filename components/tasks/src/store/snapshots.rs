//! Tickets as they were approved, and whether they have got their task.

use sdk::sql::{Error, Row, Transaction};
use uuid::Uuid;

use super::at;
use super::rows::{TICKET_COLUMNS, moment, ticket};
use crate::domain::{Allocation, Standing, Ticket};

/// A ticket and what became of it here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The ticket.
    pub ticket: Ticket,
    /// Whether it has its task.
    pub allocation: Allocation,
}

/// What is known of a ticket; nothing if no message told of it.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn standing(tx: &Transaction, ticket: Uuid) -> Result<Option<Standing>, Error> {
    let statement = "select k.opened_at, k.allocation, exists (select 1 from tasks t where t.ticket_id = k.ticket_id \
         and t.state in ('pending', 'in_progress', 'on_hold')) as has_live_task \
         from ticket_snapshots k where k.ticket_id = $1";
    let read = |row: &Row| {
        Ok(Standing {
            opened_at: moment(row, "opened_at")?,
            allocation: row.word("allocation", Allocation::read)?,
            has_live_task: row.get("has_live_task")?,
        })
    };
    tx.query(statement, [ticket.into()]).await?.first().map(read).transpose()
}

/// The ticket with this number.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn snapshot(tx: &Transaction, number: &str) -> Result<Option<Snapshot>, Error> {
    let statement = format!("select {TICKET_COLUMNS}, k.allocation from ticket_snapshots k where k.number = $1");
    tx.query(&statement, [number.into()]).await?.first().map(read).transpose()
}

/// Tickets without a task because nobody held a role that somebody active holds now, the oldest first.
///
/// # Errors
/// Those of [`Transaction::query`].
pub async fn waiting(tx: &Transaction, limit: u32) -> Result<Vec<Snapshot>, Error> {
    let statement = format!(
        "select {TICKET_COLUMNS}, k.allocation from ticket_snapshots k where k.allocation = 'no_staff' and exists \
         (select 1 from role_members_ref m join people_ref p on p.user_id = m.user_id \
         where m.system = 'tts' and m.role = k.awaited_role and p.is_active) order by k.received_at, k.ticket_id \
         limit $1"
    );
    tx.query(&statement, [limit.into()]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Snapshot, Error> {
    Ok(Snapshot { ticket: ticket(row)?, allocation: row.word("allocation", Allocation::read)? })
}

/// Notes a ticket as it is since `opened_at`. How it is allocated stays, and is pending for one that was not known.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub async fn put(tx: &Transaction, ticket: &Ticket, opened_at: i64, now: i64) -> Result<(), Error> {
    let params = vec![
        ticket.id.into(),
        (&ticket.number).into(),
        (&ticket.subject).into(),
        (&ticket.description).into(),
        (&ticket.department).into(),
        (&ticket.category).into(),
        ticket.sub_category.clone().into(),
        ticket.priority.label().into(),
        ticket.requester.id.into(),
        (&ticket.requester.name).into(),
        (&ticket.requester.email).into(),
        at(opened_at),
        at(now),
    ];
    tx.execute(
        "insert into ticket_snapshots (ticket_id, number, subject, description, department, category, subcategory, \
         priority, requester_id, requester_name, requester_email, opened_at, received_at, allocation) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'pending') \
         on conflict (ticket_id) do update set subject = excluded.subject, description = excluded.description, \
         department = excluded.department, category = excluded.category, subcategory = excluded.subcategory, \
         priority = excluded.priority, requester_name = excluded.requester_name, \
         requester_email = excluded.requester_email, opened_at = excluded.opened_at, \
         received_at = excluded.received_at",
        params,
    )
    .await?;
    Ok(())
}

/// Notes whether a ticket has its task; if not, why, and for which role it waits.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub async fn allocate(
    tx: &Transaction,
    ticket: Uuid,
    allocation: Allocation,
    reason: Option<&str>,
    awaited_role: Option<&str>,
) -> Result<(), Error> {
    let params = vec![ticket.into(), allocation.code().into(), reason.into(), awaited_role.into()];
    let statement = "update ticket_snapshots set allocation = $2, allocation_error = $3, awaited_role = $4 \
         where ticket_id = $1";
    tx.execute(statement, params).await?;
    Ok(())
}

/// Notes that a ticket was taken back; it gets no task any more.
///
/// # Errors
/// Those of [`Transaction::execute`].
pub async fn withdraw(tx: &Transaction, ticket: Uuid, reason: &str, withdrawn_at: i64) -> Result<(), Error> {
    let statement = "update ticket_snapshots set allocation = 'cancelled', allocation_error = $2, \
         awaited_role = null, withdrawn_at = $3 where ticket_id = $1";
    tx.execute(statement, vec![ticket.into(), reason.into(), at(withdrawn_at)]).await?;
    Ok(())
}
