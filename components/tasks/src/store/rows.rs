//! Rows as values: the columns of tasks, items and tickets, under names that can stand in one result.

use sdk::clock::Timestamp;
use sdk::sql::{Error, Row};
use uuid::Uuid;

use crate::domain::{Item, ItemState, Origin, Person, Priority, Task, TaskState, Ticket};

/// The columns that [`task`] reads, of `tasks t`.
pub const TASK_COLUMNS: &str = "t.id as task_id, t.current_step_id as task_step_id, t.owner_id as task_owner_id, \
    t.owner_name as task_owner_name, t.owner_email as task_owner_email, t.state as task_state, \
    t.started_at as task_started_at, t.due_at as task_due_at, t.completed_at as task_completed_at, \
    t.cancelled_at as task_cancelled_at, t.breached_at as task_breached_at, t.updated_at as task_updated_at, \
    t.row_version as task_row_version";

/// The columns that [`item`] reads, of `task_items i`.
pub const ITEM_COLUMNS: &str = "i.id as item_id, i.step_id as item_step_id, i.assignee_id as item_assignee_id, \
    i.assignee_name as item_assignee_name, i.assignee_email as item_assignee_email, i.role as item_role, \
    i.origin as item_origin, i.state as item_state, i.assigned_at as item_assigned_at, \
    i.clock_start as item_clock_start, i.started_at as item_started_at, i.acted_at as item_acted_at, \
    i.acted_by as item_acted_by, i.due_at as item_due_at, i.breached_at as item_breached_at, \
    i.next_alert_at as item_next_alert_at, i.transition_id as item_transition_id, i.notes as item_notes, \
    i.prev_item_id as item_prev_item_id";

/// The columns that [`ticket`] reads, of `ticket_snapshots k`.
pub const TICKET_COLUMNS: &str = "k.ticket_id as ticket_id, k.number as ticket_number, k.subject as ticket_subject, \
    k.description as ticket_description, k.department as ticket_department, k.category as ticket_category, \
    k.subcategory as ticket_subcategory, k.priority as ticket_priority, k.requester_id as ticket_requester_id, \
    k.requester_name as ticket_requester_name, k.requester_email as ticket_requester_email";

/// A task.
///
/// # Errors
/// [`Error::Column`] if the row has not the columns, or a word that this version does not know.
pub fn task(row: &Row) -> Result<Task, Error> {
    let owner_id: Option<Uuid> = row.get("task_owner_id")?;
    let owner = owner_id.map(|id| person(row, id, "task_owner")).transpose()?;
    Ok(Task {
        id: row.get("task_id")?,
        current_step: row.get("task_step_id")?,
        owner,
        state: row.word("task_state", TaskState::read)?,
        started_at: moment(row, "task_started_at")?,
        due_at: maybe_moment(row, "task_due_at")?,
        completed_at: maybe_moment(row, "task_completed_at")?,
        cancelled_at: maybe_moment(row, "task_cancelled_at")?,
        breached_at: maybe_moment(row, "task_breached_at")?,
        updated_at: moment(row, "task_updated_at")?,
        row_version: row.get("task_row_version")?,
    })
}

/// An item.
///
/// # Errors
/// As [`task`].
pub fn item(row: &Row) -> Result<Item, Error> {
    Ok(Item {
        id: row.get("item_id")?,
        step: row.get("item_step_id")?,
        assignee: person(row, row.get("item_assignee_id")?, "item_assignee")?,
        role: row.get("item_role")?,
        origin: row.word("item_origin", Origin::read)?,
        state: row.word("item_state", ItemState::read)?,
        assigned_at: moment(row, "item_assigned_at")?,
        clock_start: moment(row, "item_clock_start")?,
        started_at: maybe_moment(row, "item_started_at")?,
        acted_at: maybe_moment(row, "item_acted_at")?,
        acted_by: row.get("item_acted_by")?,
        due_at: maybe_moment(row, "item_due_at")?,
        breached_at: maybe_moment(row, "item_breached_at")?,
        next_alert_at: maybe_moment(row, "item_next_alert_at")?,
        transition: row.get("item_transition_id")?,
        notes: row.get("item_notes")?,
        previous: row.get("item_prev_item_id")?,
    })
}

/// A ticket.
///
/// # Errors
/// As [`task`].
pub fn ticket(row: &Row) -> Result<Ticket, Error> {
    Ok(Ticket {
        id: row.get("ticket_id")?,
        number: row.get("ticket_number")?,
        subject: row.get("ticket_subject")?,
        description: row.get("ticket_description")?,
        department: row.get("ticket_department")?,
        category: row.get("ticket_category")?,
        sub_category: row.get("ticket_subcategory")?,
        priority: row.word("ticket_priority", Priority::read)?,
        requester: person(row, row.get("ticket_requester_id")?, "ticket_requester")?,
    })
}

fn person(row: &Row, id: Uuid, prefix: &str) -> Result<Person, Error> {
    let text = |column: &str| row.get::<Option<String>>(&format!("{prefix}_{column}")).map(Option::unwrap_or_default);
    Ok(Person { id, name: text("name")?, email: text("email")? })
}

pub(super) fn moment(row: &Row, column: &str) -> Result<i64, Error> {
    row.get::<Timestamp>(column).map(|at| at.0)
}

pub(super) fn maybe_moment(row: &Row, column: &str) -> Result<Option<i64>, Error> {
    row.get::<Option<Timestamp>>(column).map(|at| at.map(|at| at.0))
}
