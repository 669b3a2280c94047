//! Messages out: what other services learn of a ticket. Nothing comes in yet.

use events::{Person, TICKET_APPROVED, TICKET_SUBMITTED, TicketApprovedV1, TicketSubmittedV1};
use sdk::{Outgoing, Problem};

use crate::domain::{self, Actor, Catalogue, Priority, Ticket};
use crate::http::Names;

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

/// `ticket.approved`: a workflow may begin, and the requester is to know.
///
/// # Errors
/// Never in practice; the body is plain data.
pub(crate) fn approved(ticket: &Ticket, approver: &Actor, catalogue: &Catalogue) -> Result<Outgoing, Problem> {
    let department = ticket.department.as_deref();
    let names = Names::of(&ticket.category, ticket.sub_category.as_deref(), department, catalogue);
    let body = TicketApprovedV1 {
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
        approver: Person { id: approver.id.clone(), name: approver.full_name.clone(), email: approver.email.clone() },
        submitted_at: ticket.submitted_at,
        approved_at: ticket.approval.as_ref().map_or(ticket.updated_at, |it| it.at),
    };
    Ok(addressed(Outgoing::json(TICKET_APPROVED, &body)?, ticket))
}

/// About this ticket, and in order with its other messages.
fn addressed(message: Outgoing, ticket: &Ticket) -> Outgoing {
    message.about(ticket.number.as_str()).in_group(ticket.number.as_str())
}

fn person(person: &domain::Person) -> Person {
    Person { id: person.id.clone(), name: person.full_name.clone(), email: person.email.clone() }
}
