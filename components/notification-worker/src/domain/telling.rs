//! Who is told of what: one function for each message. Whoever is named first is told in those words.

use events::{
    CommentCreatedV1, SlaBreachedV1, SlaWarningV1, TaskAssignedV1, TaskCancelledV1, TaskCompletedV1, TaskCreatedV1,
    TaskEscalatedV1, TaskStartedV1, TaskStepChangedV1, TaskTransferredV1, TaskUnassignableV1, TicketApprovedV1,
    TicketClosedV1, TicketRejectedV1, TicketReopenedV1, TicketStatusChangedV1, TicketSubmittedV1, TicketWithdrawnV1,
};

use super::note::{comment, sla, task, ticket};
use super::plan::{Circle, Plan};

/// At this share of the time the owner is warned too.
const OWNER_WARNED_AT: u32 = 90;

/// The coordinators.
pub(crate) fn submitted(event: &TicketSubmittedV1) -> Plan {
    Plan::not_to(Some(&event.requester)).tell_all(Circle::Coordinators, ticket::submitted(event))
}

/// The requester.
pub(crate) fn approved(event: &TicketApprovedV1) -> Plan {
    Plan::not_to(Some(&event.approver)).tell(&event.requester, &ticket::approved(event))
}

/// The requester.
pub(crate) fn rejected(event: &TicketRejectedV1) -> Plan {
    Plan::not_to(Some(&event.rejected_by)).tell(&event.requester, &ticket::rejected(event))
}

/// The coordinators.
pub(crate) fn withdrawn(event: &TicketWithdrawnV1) -> Plan {
    Plan::not_to(Some(&event.requester)).tell_all(Circle::Coordinators, ticket::withdrawn(event))
}

/// The coordinators.
pub(crate) fn reopened(event: &TicketReopenedV1) -> Plan {
    Plan::not_to(Some(&event.ticket.requester)).tell_all(Circle::Coordinators, ticket::reopened(event))
}

/// The requester.
pub(crate) fn status_changed(event: &TicketStatusChangedV1) -> Plan {
    Plan::not_to(event.changed_by.as_ref()).tell(&event.requester, &ticket::status_changed(event))
}

/// The requester, unless it was them.
pub(crate) fn closed(event: &TicketClosedV1) -> Plan {
    if event.kind == "requester" {
        return Plan::nobody();
    }
    Plan::not_to(event.closed_by.as_ref()).tell(&event.requester, &ticket::closed(event))
}

/// The owner.
pub(crate) fn created(event: &TaskCreatedV1) -> Plan {
    Plan::nobody().tell_each(event.task.owner.as_slice(), &task::created(event))
}

/// The assignee, unless the message about an escalation or a transfer tells them.
pub(crate) fn assigned(event: &TaskAssignedV1) -> Plan {
    match event.origin.as_str() {
        "Transferred" | "Escalation" => Plan::nobody(),
        _ => Plan::nobody().tell(&event.assignee, &task::assigned(event)),
    }
}

/// Nobody: the requester hears of the ticket's new status.
pub(crate) fn started(_: &TaskStartedV1) -> Plan {
    Plan::nobody()
}

/// The owner.
pub(crate) fn step_changed(event: &TaskStepChangedV1) -> Plan {
    Plan::not_to(Some(&event.moved_by)).tell_each(event.task.owner.as_slice(), &task::step_changed(event))
}

/// Both sides, also who escalated: to them it is the receipt.
pub(crate) fn escalated(event: &TaskEscalatedV1) -> Plan {
    Plan::nobody().tell(&event.from, &task::escalated_out(event)).tell(&event.to, &task::escalated_in(event))
}

/// Both sides, also an administrator who gives away an assignment of their own or takes one.
pub(crate) fn transferred(event: &TaskTransferredV1) -> Plan {
    Plan::nobody().tell(&event.from, &task::transferred_out(event)).tell(&event.to, &task::transferred_in(event))
}

/// The owner.
pub(crate) fn completed(event: &TaskCompletedV1) -> Plan {
    Plan::not_to(Some(&event.completed_by)).tell_each(event.task.owner.as_slice(), &task::completed(event))
}

/// Who was to act, and the owner.
pub(crate) fn cancelled(event: &TaskCancelledV1) -> Plan {
    let note = task::cancelled(event);
    Plan::nobody().tell_each(event.assignee.as_slice(), &note).tell_each(event.task.owner.as_slice(), &note)
}

/// The administrators.
pub(crate) fn unassignable(event: &TaskUnassignableV1) -> Plan {
    Plan::nobody().tell_all(Circle::TrackingAdmins, task::unassignable(event))
}

/// The assignee, and late the owner too.
pub(crate) fn warned(event: &SlaWarningV1) -> Plan {
    let note = sla::warned(event);
    let plan = Plan::nobody().tell(&event.assignee, &note);
    if event.level < OWNER_WARNED_AT { plan } else { plan.tell_each(event.task.owner.as_slice(), &note) }
}

/// The assignee, the owner and the administrators.
pub(crate) fn breached(event: &SlaBreachedV1) -> Plan {
    let note = sla::breached(event);
    let plan = Plan::nobody().tell(&event.assignee, &note).tell_each(event.task.owner.as_slice(), &note);
    plan.tell_all(Circle::TrackingAdmins, note)
}

/// Whom it mentions, then those who take part.
pub(crate) fn commented(event: &CommentCreatedV1) -> Plan {
    Plan::not_to(Some(&event.author))
        .tell_each(&event.mentioned, &comment::mentioned(event))
        .tell_each(&event.recipients, &comment::added(event))
}

#[cfg(test)]
mod tests;
