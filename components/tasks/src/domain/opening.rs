//! How a ticket gets its task: an owner, and somebody for the first step.

use uuid::Uuid;

use super::act::turn;
use super::case::{Case, Plan};
use super::change::{Change, Fact, differences};
use super::command::{By, Fresh, Refusal};
use super::rotation::Pool;
use super::sla::task_due;
use super::task::{Origin, Task, TaskState};
use super::ticket::Ticket;

/// The role, in `tts` or else in `hdts`, whose holders own tasks.
pub const OWNER_ROLE: &str = "Ticket Coordinator";

/// Whom a new task can come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pools {
    /// Who may own it: the first of these that has anybody.
    pub owners: Vec<Pool>,
    /// Who may do its first step.
    pub assignees: Pool,
}

/// A task to be.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// Its key.
    pub task: Uuid,
    /// What is worked on.
    pub ticket: &'a Ticket,
    /// The way it follows.
    pub plan: &'a Plan,
    /// How its first assignee comes to it.
    pub origin: Origin,
}

/// Makes the task of a ticket. Without any coordinator it has no owner: the work does not wait for one.
///
/// # Errors
/// [`Refusal::Nobody`] if no active person holds the role of the first step; [`Refusal::Invalid`] for a plan without
/// one, which is never published.
pub fn open(opening: &Opening<'_>, pools: &Pools, by: By<'_>, fresh: Fresh) -> Result<Change, Refusal> {
    let no_start = || Refusal::Invalid { field: "workflow_id", message: "has no first step".to_owned() };
    let step = opening.plan.graph.start().ok_or_else(no_start)?;
    let nobody = || Refusal::Nobody { role: step.role.clone() };
    let assignee = pools.assignees.next(None).ok_or_else(nobody)?;
    let owner = pools.owners.iter().find_map(|pool| pool.next(None).map(|person| (pool, person)));
    let task = Task {
        id: opening.task,
        current_step: Some(step.id),
        owner: owner.map(|(_, person)| person.clone()),
        state: TaskState::Pending,
        started_at: fresh.now,
        due_at: task_due(&opening.plan.sla, opening.ticket.priority, fresh.now),
        completed_at: None,
        cancelled_at: None,
        breached_at: None,
        updated_at: fresh.now,
        row_version: 0,
    };
    let case = Case { ticket: opening.ticket.clone(), plan: opening.plan.clone(), task, items: Vec::new() };
    let action = if opening.origin == Origin::Admin { "task.assign" } else { "task.create" };
    let mut change = Change::of(&case, action, by, fresh.now);
    change.is_new = true;
    change.facts.push(Fact::Created);
    if let Some((pool, person)) = owner {
        change.take_turn(pool, person.id);
    }
    change.take_turn(&pools.assignees, assignee.id);
    change.assign(turn(&case, step, assignee, opening.origin, fresh), by);
    change.audit.changes = differences(None, &change.case);
    Ok(change)
}

#[cfg(test)]
mod tests;
