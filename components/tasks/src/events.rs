//! Messages out: what a decision, or the clock, means to others. All are about the ticket's number, and in its group.

use events::{
    SLA_BREACHED, SLA_WARNING, SlaBreachedV1, SlaWarningV1, TASK_ASSIGNED, TASK_CANCELLED, TASK_COMPLETED,
    TASK_CREATED, TASK_ESCALATED, TASK_STARTED, TASK_STEP_CHANGED, TASK_TRANSFERRED, TASK_UNASSIGNABLE, TaskAssignedV1,
    TaskCancelledV1, TaskCompletedV1, TaskCreatedV1, TaskEscalatedV1, TaskRef, TaskStartedV1, TaskStepChangedV1,
    TaskTransferredV1, TaskUnassignableV1,
};
use sdk::Outgoing;
use serde::Serialize;
use serde_json::Error;
use uuid::Uuid;

use crate::domain::{Case, Change, Fact, Item, Person, Ticket};

/// The messages of a change, in order.
pub(crate) fn messages(change: &Change) -> Result<Vec<Outgoing>, Error> {
    let at = change.audit.at;
    let all = change.facts.iter().filter_map(|fact| message(&change.case, fact, at).transpose());
    all.collect()
}

/// The message of a fact; nothing if it names an item that the case has not, which a decision never does.
fn message(case: &Case, fact: &Fact, at: i64) -> Result<Option<Outgoing>, Error> {
    let message = match fact {
        Fact::Created => Some(created(case)?),
        Fact::Assigned { item } => case.item(*item).map(|item| assigned(case, item)).transpose()?,
        Fact::Started { item } => case.item(*item).map(|item| started(case, item, at)).transpose()?,
        Fact::StepChanged { transition, by } => step_changed(case, *transition, by, at)?,
        Fact::Escalated { from, to, by, reason } => match (case.item(*from), case.item(*to)) {
            (Some(from), Some(to)) => Some(escalated(case, (from, to), by, reason)?),
            _ => None,
        },
        Fact::Transferred { from, to, by, notes } => match (case.item(*from), case.item(*to)) {
            (Some(from), Some(to)) => Some(transferred(case, (from, to), by, notes)?),
            _ => None,
        },
        Fact::Completed { by } => Some(completed(case, by, at)?),
        Fact::Cancelled { assignee, reason } => Some(cancelled(case, assignee.as_ref(), reason, at)?),
    };
    Ok(message)
}

fn created(case: &Case) -> Result<Outgoing, Error> {
    let body = TaskCreatedV1 {
        version: TaskCreatedV1::VERSION,
        task: task(case),
        workflow: case.plan.workflow.name.clone(),
        due_at: case.task.due_at,
        created_at: case.task.started_at,
    };
    addressed(TASK_CREATED, &body, &case.ticket)
}

fn assigned(case: &Case, item: &Item) -> Result<Outgoing, Error> {
    let body = TaskAssignedV1 {
        version: TaskAssignedV1::VERSION,
        task: task(case),
        item_id: item.id.to_string(),
        step: case.step_name(item.step).to_owned(),
        role: item.role.clone(),
        assignee: person(&item.assignee),
        origin: item.origin.label().to_owned(),
        due_at: item.due_at,
        assigned_at: item.assigned_at,
    };
    addressed(TASK_ASSIGNED, &body, &case.ticket)
}

fn started(case: &Case, item: &Item, at: i64) -> Result<Outgoing, Error> {
    let body = TaskStartedV1 {
        version: TaskStartedV1::VERSION,
        task: task(case),
        item_id: item.id.to_string(),
        step: case.step_name(item.step).to_owned(),
        assignee: person(&item.assignee),
        started_at: at,
    };
    addressed(TASK_STARTED, &body, &case.ticket)
}

fn step_changed(case: &Case, transition: Uuid, by: &Person, at: i64) -> Result<Option<Outgoing>, Error> {
    let Some(way) = case.plan.graph.transition(transition) else { return Ok(None) };
    let body = TaskStepChangedV1 {
        version: TaskStepChangedV1::VERSION,
        task: task(case),
        transition: way.name.clone(),
        from_step: case.step_name(way.from).to_owned(),
        to_step: case.step_name(way.to).to_owned(),
        moved_by: person(by),
        moved_at: at,
    };
    addressed(TASK_STEP_CHANGED, &body, &case.ticket).map(Some)
}

fn escalated(case: &Case, (from, to): (&Item, &Item), by: &Person, reason: &str) -> Result<Outgoing, Error> {
    let body = TaskEscalatedV1 {
        version: TaskEscalatedV1::VERSION,
        task: task(case),
        item_id: to.id.to_string(),
        step: case.step_name(to.step).to_owned(),
        from: person(&from.assignee),
        to: person(&to.assignee),
        from_role: from.role.clone(),
        to_role: to.role.clone(),
        escalated_by: person(by),
        reason: reason.to_owned(),
        escalated_at: to.assigned_at,
    };
    addressed(TASK_ESCALATED, &body, &case.ticket)
}

fn transferred(case: &Case, (from, to): (&Item, &Item), by: &Person, notes: &str) -> Result<Outgoing, Error> {
    let body = TaskTransferredV1 {
        version: TaskTransferredV1::VERSION,
        task: task(case),
        item_id: to.id.to_string(),
        step: case.step_name(to.step).to_owned(),
        from: person(&from.assignee),
        to: person(&to.assignee),
        transferred_by: person(by),
        notes: notes.to_owned(),
        transferred_at: to.assigned_at,
    };
    addressed(TASK_TRANSFERRED, &body, &case.ticket)
}

fn completed(case: &Case, by: &Person, at: i64) -> Result<Outgoing, Error> {
    let body = TaskCompletedV1 {
        version: TaskCompletedV1::VERSION,
        task: task(case),
        completed_by: person(by),
        started_at: case.task.started_at,
        due_at: case.task.due_at,
        completed_at: at,
    };
    addressed(TASK_COMPLETED, &body, &case.ticket)
}

fn cancelled(case: &Case, assignee: Option<&Person>, reason: &str, at: i64) -> Result<Outgoing, Error> {
    let body = TaskCancelledV1 {
        version: TaskCancelledV1::VERSION,
        task: task(case),
        assignee: assignee.map(person),
        reason: reason.to_owned(),
        cancelled_at: at,
    };
    addressed(TASK_CANCELLED, &body, &case.ticket)
}

/// `task.unassignable`: an approved ticket got no task. `reason` is a word of the message, `detail` is for people.
pub(crate) fn unassignable(ticket: &Ticket, reason: &str, detail: &str, at: i64) -> Result<Outgoing, Error> {
    let body = TaskUnassignableV1 {
        version: TaskUnassignableV1::VERSION,
        ticket_id: ticket.id.to_string(),
        number: ticket.number.clone(),
        subject: ticket.subject.clone(),
        reason: reason.to_owned(),
        detail: detail.to_owned(),
        noticed_at: at,
    };
    addressed(TASK_UNASSIGNABLE, &body, ticket)
}

/// `sla.warning`, or `sla.breached` at 100 per cent; nothing for an item without a target, which has no levels.
pub(crate) fn alert(case: &Case, item: &Item, level: u32, at: i64) -> Result<Option<Outgoing>, Error> {
    let Some(due_at) = item.due_at else { return Ok(None) };
    let (task, item_id) = (task(case), item.id.to_string());
    let (step, assignee) = (case.step_name(item.step).to_owned(), person(&item.assignee));
    let message = if level < 100 {
        let version = SlaWarningV1::VERSION;
        let body = SlaWarningV1 { version, task, item_id, step, assignee, level, due_at, noticed_at: at };
        addressed(SLA_WARNING, &body, &case.ticket)?
    } else {
        let version = SlaBreachedV1::VERSION;
        let body = SlaBreachedV1 { version, task, item_id, step, assignee, due_at, noticed_at: at };
        addressed(SLA_BREACHED, &body, &case.ticket)?
    };
    Ok(Some(message))
}

/// About this ticket, and in order with its other messages.
fn addressed(topic: &str, body: &impl Serialize, ticket: &Ticket) -> Result<Outgoing, Error> {
    Ok(Outgoing::json(topic, body)?.about(ticket.number.as_str()).in_group(ticket.number.as_str()))
}

fn task(case: &Case) -> TaskRef {
    TaskRef {
        task_id: case.task.id.to_string(),
        ticket_id: case.ticket.id.to_string(),
        number: case.ticket.number.clone(),
        subject: case.ticket.subject.clone(),
        requester: person(&case.ticket.requester),
        owner: case.task.owner.as_ref().map(person),
    }
}

fn person(person: &Person) -> events::Person {
    events::Person { id: person.id.to_string(), name: person.name.clone(), email: person.email.clone() }
}

#[cfg(test)]
mod tests;
