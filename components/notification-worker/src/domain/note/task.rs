//! Wording about tasks and assignments.

use events::{
    TaskAssignedV1, TaskCancelledV1, TaskCompletedV1, TaskCreatedV1, TaskEscalatedV1, TaskRef, TaskStepChangedV1,
    TaskTransferredV1, TaskUnassignableV1,
};
use serde_json::{Value, json};

use super::{Note, span};

/// To its owner: there is a task to follow.
pub(crate) fn created(event: &TaskCreatedV1) -> Note {
    let TaskRef { number, subject, .. } = &event.task;
    Note::new(
        "task_assignment",
        number,
        &format!("You follow ticket {number}"),
        &format!(
            "\"{subject}\" goes through the workflow {}, and you follow its task.{}",
            event.workflow,
            span::until(event.due_at, event.created_at)
        ),
        json!({ "task_id": event.task.task_id, "workflow": event.workflow, "as": "owner" }),
    )
}

/// To the assignee: a step is theirs.
pub(crate) fn assigned(event: &TaskAssignedV1) -> Note {
    let TaskRef { number, subject, .. } = &event.task;
    Note::new(
        "task_assignment",
        number,
        &format!("Ticket {number} is assigned to you"),
        &format!(
            "You have been assigned to \"{subject}\" as {}: step {}.{}",
            event.role,
            event.step,
            span::until(event.due_at, event.assigned_at)
        ),
        of_item(&event.task, &event.item_id, &event.step),
    )
}

/// To who had the step: it went up.
pub(crate) fn escalated_out(event: &TaskEscalatedV1) -> Note {
    let TaskRef { number, subject, .. } = &event.task;
    Note::new(
        "task_escalation_out",
        number,
        &format!("Your step of ticket {number} is escalated"),
        &format!(
            "Step {} of \"{subject}\" went from {} to {} ({}). Reason: {}",
            event.step, event.from_role, event.to_role, event.to.name, event.reason
        ),
        of_item(&event.task, &event.item_id, &event.step),
    )
}

/// To who has the step now: it came from below.
pub(crate) fn escalated_in(event: &TaskEscalatedV1) -> Note {
    let TaskRef { number, subject, .. } = &event.task;
    Note::new(
        "task_escalation_in",
        number,
        &format!("Ticket {number} is escalated to you"),
        &format!(
            "Step {} of \"{subject}\" came from {} ({}) to you as {}. Reason: {}",
            event.step, event.from_role, event.from.name, event.to_role, event.reason
        ),
        of_item(&event.task, &event.item_id, &event.step),
    )
}

/// To who had the step: somebody else has it.
pub(crate) fn transferred_out(event: &TaskTransferredV1) -> Note {
    let TaskRef { number, subject, .. } = &event.task;
    Note::new(
        "task_transfer_out",
        number,
        &format!("Your step of ticket {number} is transferred"),
        &format!(
            "{} transferred step {} of \"{subject}\" from you to {}. Notes: {}",
            event.transferred_by.name, event.step, event.to.name, event.notes
        ),
        of_item(&event.task, &event.item_id, &event.step),
    )
}

/// To who has the step now: it was somebody else's.
pub(crate) fn transferred_in(event: &TaskTransferredV1) -> Note {
    let TaskRef { number, subject, .. } = &event.task;
    Note::new(
        "task_transfer_in",
        number,
        &format!("Ticket {number} is transferred to you"),
        &format!(
            "{} transferred step {} of \"{subject}\" from {} to you. Notes: {}",
            event.transferred_by.name, event.step, event.from.name, event.notes
        ),
        of_item(&event.task, &event.item_id, &event.step),
    )
}

/// To the owner: the task moved.
pub(crate) fn step_changed(event: &TaskStepChangedV1) -> Note {
    let TaskRef { number, subject, task_id, .. } = &event.task;
    let way = format!("{} -> {}", event.from_step, event.to_step);
    Note::new(
        "workflow_step_change",
        number,
        &format!("Ticket {number}: {way}"),
        &format!("{} moved \"{subject}\" by {}: {way}.", event.moved_by.name, event.transition),
        json!({ "task_id": task_id, "from_step": event.from_step, "to_step": event.to_step }),
    )
}

/// To the owner: the last step is done.
pub(crate) fn completed(event: &TaskCompletedV1) -> Note {
    let TaskRef { number, subject, task_id, .. } = &event.task;
    let took = span::words(event.completed_at - event.started_at);
    let late = event.due_at.map_or(0, |due_at| event.completed_at - due_at);
    let target = if late > 0 { format!(", {} past its target", span::words(late)) } else { String::new() };
    Note::new(
        "task_completed",
        number,
        &format!("The task of ticket {number} is completed"),
        &format!("{} completed \"{subject}\". It took {took}{target}.", event.completed_by.name),
        json!({ "task_id": task_id }),
    )
}

/// To who was to act and to the owner: no more work.
pub(crate) fn cancelled(event: &TaskCancelledV1) -> Note {
    let TaskRef { number, subject, task_id, .. } = &event.task;
    Note::new(
        "task_status_update",
        number,
        &format!("The task of ticket {number} is cancelled"),
        &format!("There is no more to do for \"{subject}\". Reason: {}", event.reason),
        json!({ "task_id": task_id, "status": "cancelled" }),
    )
}

/// To the administrators: an approved ticket has no task.
pub(crate) fn unassignable(event: &TaskUnassignableV1) -> Note {
    let TaskUnassignableV1 { number, subject, detail, reason, .. } = event;
    let lack = if reason == "no_staff" { "nobody to work on it" } else { "no workflow" };
    Note::new(
        "system",
        number,
        &format!("Ticket {number} has {lack}"),
        &format!("\"{subject}\" is approved and has {lack}: {detail}"),
        json!({ "reason": reason }),
    )
}

fn of_item(task: &TaskRef, item_id: &str, step: &str) -> Value {
    json!({ "task_id": task.task_id, "item_id": item_id, "step": step })
}
