//! Messages out: one for each change that others have to know of, in the transaction of the change.

use events::{
    Person, TICKET_APPROVED, TICKET_CLOSED, TICKET_REJECTED, TICKET_REOPENED, TICKET_STATUS_CHANGED, TICKET_SUBMITTED,
    TICKET_WITHDRAWN, TicketApprovedV1, TicketClosedV1, TicketRejectedV1, TicketReopenedV1, TicketStatusChangedV1,
    TicketSubmittedV1, TicketWithdrawnV1,
};
use sdk::sql::Transaction;
use sdk::{Outgoing, Problem};

use crate::domain::{self, Catalogue, Change, CloseKind, EntryKind, Priority, Status, Ticket};
use crate::http::Names;
use crate::store;

/// Ticket, log line and message, in this transaction. False, and nothing written, if somebody else changed the ticket
/// first.
///
/// # Errors
/// Those of the transaction.
pub(crate) async fn record(tx: &Transaction, change: &Change, catalogue: &Catalogue) -> Result<bool, Problem> {
    if !store::save(tx, change).await? {
        return Ok(false);
    }
    if let Some(message) = announcement(change, catalogue)? {
        tx.send(&message).await?;
    }
    Ok(true)
}

/// `ticket.submitted`: coordinators are to look at it.
///
/// # Errors
/// Never in practice; the body is plain data.
pub(crate) fn submitted(ticket: &Ticket, catalogue: &Catalogue) -> Result<Outgoing, Problem> {
    let names = Names::of(&ticket.category, ticket.sub_category.as_deref(), None, catalogue);
    let body = TicketSubmittedV1 {
        version: TicketSubmittedV1::VERSION,
        ticket_id: ticket.id.clone(),
        number: ticket.number.clone(),
        subject: ticket.subject.clone(),
        category: names.category.to_owned(),
        sub_category: names.sub_category.map(str::to_owned),
        requester: person(&ticket.requester),
        submitted_at: ticket.submitted_at,
    };
    Ok(addressed(Outgoing::json(TICKET_SUBMITTED, &body)?, ticket))
}

/// What others learn of a change; nothing of a rating, an edit, a file or an assignment, which concern nobody else or
/// came from elsewhere.
fn announcement(change: &Change, catalogue: &Catalogue) -> Result<Option<Outgoing>, Problem> {
    let ticket = &change.ticket;
    let message = match change.entry.kind {
        EntryKind::Approved => Outgoing::json(TICKET_APPROVED, &approved(change, catalogue))?,
        EntryKind::Rejected => Outgoing::json(TICKET_REJECTED, &rejected(change))?,
        EntryKind::Withdrawn => Outgoing::json(TICKET_WITHDRAWN, &withdrawn(change))?,
        EntryKind::Reopened => Outgoing::json(TICKET_REOPENED, &reopened(change, catalogue))?,
        EntryKind::Claimed | EntryKind::Status => Outgoing::json(TICKET_STATUS_CHANGED, &status_changed(change))?,
        EntryKind::Closed | EntryKind::AutoClosed => Outgoing::json(TICKET_CLOSED, &closed(change))?,
        EntryKind::Created | EntryKind::Assigned | EntryKind::Rated | EntryKind::Attachment | EntryKind::Edited => {
            return Ok(None);
        }
    };
    Ok(Some(addressed(message, ticket)))
}

/// About this ticket, and in order with its other messages.
fn addressed(message: Outgoing, ticket: &Ticket) -> Outgoing {
    message.about(ticket.number.as_str()).in_group(ticket.number.as_str())
}

/// A workflow may begin, and the requester is to know.
fn approved(change: &Change, catalogue: &Catalogue) -> TicketApprovedV1 {
    let ticket = &change.ticket;
    let department = ticket.department.as_deref();
    let names = Names::of(&ticket.category, ticket.sub_category.as_deref(), department, catalogue);
    // The approval keeps no address; whoever approves just now has one.
    let approval = ticket.approval.as_ref();
    let now = change.entry.actor.as_ref().filter(|who| approval.is_some_and(|it| it.by.id == who.id));
    let approver = now.or_else(|| approval.map(|it| &it.by)).map_or_else(nobody, person);
    TicketApprovedV1 {
        version: TicketApprovedV1::VERSION,
        ticket_id: ticket.id.clone(),
        number: ticket.number.clone(),
        subject: ticket.subject.clone(),
        description: ticket.description.clone(),
        category: names.category.to_owned(),
        sub_category: names.sub_category.map(str::to_owned),
        priority: ticket.priority.map(Priority::label).unwrap_or_default().to_owned(),
        department: names.department.unwrap_or_default().to_owned(),
        requester: person(&ticket.requester),
        approver,
        submitted_at: ticket.submitted_at,
        approved_at: approval.map_or(ticket.updated_at, |it| it.at),
    }
}

fn rejected(change: &Change) -> TicketRejectedV1 {
    let ticket = &change.ticket;
    TicketRejectedV1 {
        version: TicketRejectedV1::VERSION,
        ticket_id: ticket.id.clone(),
        number: ticket.number.clone(),
        subject: ticket.subject.clone(),
        requester: person(&ticket.requester),
        rejected_by: actor(change).unwrap_or_else(nobody),
        reason: note(change),
        rejected_at: change.entry.at,
    }
}

fn withdrawn(change: &Change) -> TicketWithdrawnV1 {
    let ticket = &change.ticket;
    TicketWithdrawnV1 {
        version: TicketWithdrawnV1::VERSION,
        ticket_id: ticket.id.clone(),
        number: ticket.number.clone(),
        subject: ticket.subject.clone(),
        requester: person(&ticket.requester),
        reason: note(change),
        withdrawn_at: change.entry.at,
    }
}

fn reopened(change: &Change, catalogue: &Catalogue) -> TicketReopenedV1 {
    TicketReopenedV1 {
        version: TicketReopenedV1::VERSION,
        ticket: approved(change, catalogue),
        reason: note(change),
        reopened_at: change.entry.at,
    }
}

fn status_changed(change: &Change) -> TicketStatusChangedV1 {
    let ticket = &change.ticket;
    let label = |status: Option<Status>| status.unwrap_or(ticket.status).label().to_owned();
    TicketStatusChangedV1 {
        version: TicketStatusChangedV1::VERSION,
        ticket_id: ticket.id.clone(),
        number: ticket.number.clone(),
        subject: ticket.subject.clone(),
        requester: person(&ticket.requester),
        from: label(change.entry.from),
        to: label(change.entry.to),
        changed_by: actor(change),
        changed_at: change.entry.at,
    }
}

fn closed(change: &Change) -> TicketClosedV1 {
    let ticket = &change.ticket;
    TicketClosedV1 {
        version: TicketClosedV1::VERSION,
        ticket_id: ticket.id.clone(),
        number: ticket.number.clone(),
        subject: ticket.subject.clone(),
        requester: person(&ticket.requester),
        kind: ticket.closing.map_or(CloseKind::Auto, |it| it.kind).code().to_owned(),
        closed_by: actor(change),
        closed_at: change.entry.at,
    }
}

fn actor(change: &Change) -> Option<Person> {
    change.entry.actor.as_ref().map(person)
}

fn note(change: &Change) -> String {
    change.entry.note.clone().unwrap_or_default()
}

fn person(person: &domain::Person) -> Person {
    Person { id: person.id.clone(), name: person.full_name.clone(), email: person.email.clone() }
}

fn nobody() -> Person {
    Person { id: String::new(), name: String::new(), email: String::new() }
}
