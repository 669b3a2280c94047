//! Wording about tickets.

use events::{
    TicketApprovedV1, TicketClosedV1, TicketRejectedV1, TicketReopenedV1, TicketStatusChangedV1, TicketSubmittedV1,
    TicketWithdrawnV1,
};
use serde_json::json;

use super::Note;

/// To the coordinators: a ticket waits for a decision.
pub(crate) fn submitted(event: &TicketSubmittedV1) -> Note {
    Note::new(
        "system",
        &event.number,
        &format!("Ticket {} waits for a decision", event.number),
        &format!("{} asks: \"{}\" ({}).", event.requester.name, event.subject, event.category),
        json!({ "status": "New", "category": event.category }),
    )
}

/// To the requester: the ticket is open for work.
pub(crate) fn approved(event: &TicketApprovedV1) -> Note {
    Note::new(
        "task_status_update",
        &event.number,
        &format!("Your ticket {} is approved", event.number),
        &format!(
            "\"{}\" is now Open with priority {}. {} takes care of it.",
            event.subject, event.priority, event.department
        ),
        json!({ "status": "Open", "priority": event.priority, "department": event.department }),
    )
}

/// To the requester: the ticket is declined.
pub(crate) fn rejected(event: &TicketRejectedV1) -> Note {
    Note::new(
        "task_status_update",
        &event.number,
        &format!("Your ticket {} is rejected", event.number),
        &format!("{} rejected \"{}\". Reason: {}", event.rejected_by.name, event.subject, event.reason),
        json!({ "status": "Rejected" }),
    )
}

/// To the coordinators: there is nothing left to do.
pub(crate) fn withdrawn(event: &TicketWithdrawnV1) -> Note {
    Note::new(
        "system",
        &event.number,
        &format!("Ticket {} is withdrawn", event.number),
        &format!("{} withdrew \"{}\". Reason: {}", event.requester.name, event.subject, event.reason),
        json!({ "status": "Withdrawn" }),
    )
}

/// To the coordinators: the work begins anew.
pub(crate) fn reopened(event: &TicketReopenedV1) -> Note {
    let ticket = &event.ticket;
    Note::new(
        "ticket_reopened",
        &ticket.number,
        &format!("Ticket {} is open again", ticket.number),
        &format!("{} reopened \"{}\". Reason: {}", ticket.requester.name, ticket.subject, event.reason),
        json!({ "status": "Open" }),
    )
}

/// To the requester: the ticket stands elsewhere.
pub(crate) fn status_changed(event: &TicketStatusChangedV1) -> Note {
    let data = json!({ "status": event.to, "from": event.from });
    if event.to == "Resolved" {
        return Note::new(
            "ticket_resolved",
            &event.number,
            &format!("Your ticket {} is resolved", event.number),
            &format!("\"{}\" is resolved. Please close it, or reopen it if it is not.", event.subject),
            data,
        );
    }
    Note::new(
        "task_status_update",
        &event.number,
        &format!("Your ticket {} is now {}", event.number, event.to),
        &format!("\"{}\": {} -> {}.", event.subject, event.from, event.to),
        data,
    )
}

/// To the requester: the ticket is closed, and by whom.
pub(crate) fn closed(event: &TicketClosedV1) -> Note {
    let how = match &event.closed_by {
        Some(person) => format!("{} closed \"{}\".", person.name, event.subject),
        None => format!("\"{}\" was closed, since nobody asked for more after it was resolved.", event.subject),
    };
    Note::new(
        "ticket_closed",
        &event.number,
        &format!("Your ticket {} is closed", event.number),
        &format!("{how} You can now say how it went."),
        json!({ "status": "Closed", "kind": event.kind }),
    )
}
