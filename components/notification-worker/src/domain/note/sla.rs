//! Wording about target times.

use events::{SlaBreachedV1, SlaWarningV1, TaskRef};
use serde_json::json;

use super::{Note, span};

/// The target is near.
pub(crate) fn warned(event: &SlaWarningV1) -> Note {
    let TaskRef { number, subject, task_id, .. } = &event.task;
    let left = span::words(event.due_at - event.noticed_at);
    Note::new(
        "sla_warning",
        number,
        &format!("Ticket {number}: {left} left"),
        &format!(
            "Step {} of \"{subject}\" ({}) has used {} % of its time. Time left until the target: {left}.",
            event.step, event.assignee.name, event.level
        ),
        json!({ "task_id": task_id, "item_id": event.item_id, "step": event.step, "level": event.level }),
    )
}

/// The target has passed.
pub(crate) fn breached(event: &SlaBreachedV1) -> Note {
    let TaskRef { number, subject, task_id, .. } = &event.task;
    let late = span::words(event.noticed_at - event.due_at);
    Note::new(
        "sla_breach",
        number,
        &format!("Ticket {number} is overdue"),
        &format!("Step {} of \"{subject}\" ({}) is overdue by {late}.", event.step, event.assignee.name),
        json!({ "task_id": task_id, "item_id": event.item_id, "step": event.step }),
    )
}
