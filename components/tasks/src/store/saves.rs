//! A decision, written and sent: rows, histories, turns, the audit line and the messages, in the caller's transaction.

use sdk::sql::{Error, Transaction, Value};

use super::journal::{Trace, append, audit};
use super::members::take_turn;
use super::{at, maybe_at};
use crate::domain::{Change, Item, Person, Task};
use crate::events;

/// Writes all that a change says, and sends its messages.
///
/// # Errors
/// [`Error::Conflict`] if the task is not any more as it was loaded: load and decide again. Else those of
/// [`Transaction::execute`].
pub async fn save(tx: &Transaction, change: &Change, trace: &Trace) -> Result<(), Error> {
    if change.is_new {
        insert_task(tx, change).await?;
    } else {
        update_task(tx, &change.case.task).await?;
    }
    // What ends goes first: a task has one open item.
    for item in change.touched.iter().filter_map(|id| change.case.item(*id)) {
        update_item(tx, item).await?;
    }
    if let Some(item) = change.added.and_then(|id| change.case.item(id)) {
        insert_item(tx, change, item).await?;
    }
    for event in &change.events {
        append(tx, event).await?;
    }
    for turn in &change.turns {
        take_turn(tx, turn, change.audit.at).await?;
    }
    audit(tx, &change.audit, trace).await?;
    let messages = events::messages(change).map_err(|error| Error::Other(error.to_string()))?;
    for message in &messages {
        tx.send(message).await?;
    }
    Ok(())
}

async fn insert_task(tx: &Transaction, change: &Change) -> Result<(), Error> {
    let (task, plan) = (&change.case.task, &change.case.plan);
    let mut params = vec![
        task.id.into(),
        change.case.ticket.id.into(),
        plan.workflow.id.into(),
        plan.version_id.into(),
        at(task.started_at),
        maybe_at(task.due_at),
    ];
    params.extend(columns(task));
    tx.execute(
        "insert into tasks (id, ticket_id, workflow_id, version_id, started_at, due_at, current_step_id, owner_id, \
         owner_name, owner_email, state, completed_at, cancelled_at, breached_at, updated_at, row_version) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        params,
    )
    .await?;
    Ok(())
}

async fn update_task(tx: &Transaction, task: &Task) -> Result<(), Error> {
    let mut params = vec![task.id.into(), (task.row_version - 1).into()];
    params.extend(columns(task));
    let changed = tx
        .execute(
            "update tasks set current_step_id = $3, owner_id = $4, owner_name = $5, owner_email = $6, state = $7, \
             completed_at = $8, cancelled_at = $9, breached_at = $10, updated_at = $11, row_version = $12 \
             where id = $1 and row_version = $2",
            params,
        )
        .await?;
    if changed == 1 { Ok(()) } else { Err(Error::Conflict) }
}

/// What of a task can change, in the order of the statements above.
fn columns(task: &Task) -> [Value; 10] {
    let owner = |read: fn(&Person) -> Value| task.owner.as_ref().map_or(Value::Null, read);
    [
        task.current_step.into(),
        owner(|owner| owner.id.into()),
        owner(|owner| (&owner.name).into()),
        owner(|owner| (&owner.email).into()),
        task.state.code().into(),
        maybe_at(task.completed_at),
        maybe_at(task.cancelled_at),
        maybe_at(task.breached_at),
        at(task.updated_at),
        task.row_version.into(),
    ]
}

async fn update_item(tx: &Transaction, item: &Item) -> Result<(), Error> {
    let params = vec![
        item.id.into(),
        item.state.code().into(),
        maybe_at(item.started_at),
        maybe_at(item.acted_at),
        item.acted_by.into(),
        maybe_at(item.breached_at),
        item.transition.into(),
        item.notes.clone().into(),
    ];
    tx.execute(
        "update task_items set state = $2, started_at = $3, acted_at = $4, acted_by = $5, breached_at = $6, \
         transition_id = $7, notes = $8 where id = $1",
        params,
    )
    .await?;
    Ok(())
}

async fn insert_item(tx: &Transaction, change: &Change, item: &Item) -> Result<(), Error> {
    let params = vec![
        item.id.into(),
        change.case.task.id.into(),
        change.case.plan.version_id.into(),
        item.step.into(),
        item.assignee.id.into(),
        (&item.assignee.name).into(),
        (&item.assignee.email).into(),
        (&item.role).into(),
        item.origin.code().into(),
        item.state.code().into(),
        at(item.assigned_at),
        at(item.clock_start),
        maybe_at(item.due_at),
        maybe_at(item.breached_at),
        maybe_at(item.next_alert_at),
        item.previous.into(),
    ];
    tx.execute(
        "insert into task_items (id, task_id, version_id, step_id, assignee_id, assignee_name, assignee_email, role, \
         origin, state, assigned_at, clock_start, due_at, breached_at, next_alert_at, prev_item_id) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        params,
    )
    .await?;
    Ok(())
}
