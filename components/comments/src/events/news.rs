//! What messages of tickets and tasks say of the people of a ticket.

use events::{
    Person, TASK_ASSIGNED, TASK_CREATED, TICKET_APPROVED, TICKET_REOPENED, TaskAssignedV1, TaskCreatedV1, TaskRef,
    TicketApprovedV1, TicketReopenedV1, TicketSubmittedV1,
};
use sdk::bytes::Bytes;
use sdk::message::refuse;
use sdk::{Delivery, Problem};

use super::key;
use crate::domain::{News, PartKind, Taken, is_number};

/// Reads the news out of a message of one of five topics. Each of them names the requester, so that the order of
/// topics does not matter.
///
/// # Errors
/// 422 for a body that is not what its topic promises.
pub(super) fn read(delivery: Delivery<Bytes>) -> Result<News, Problem> {
    match delivery.topic.as_str() {
        TICKET_APPROVED => approved(&delivery.parse()?.data),
        TICKET_REOPENED => reopened(&delivery.parse()?.data),
        TASK_CREATED => created(&delivery.parse()?.data),
        TASK_ASSIGNED => assigned(&delivery.parse()?.data),
        _ => submitted(&delivery.parse()?.data),
    }
}

fn submitted(event: &TicketSubmittedV1) -> Result<News, Problem> {
    opened(&event.number, &event.requester, event.submitted_at)
}

fn approved(event: &TicketApprovedV1) -> Result<News, Problem> {
    let news = opened(&event.number, &event.requester, event.submitted_at)?;
    with(news, PartKind::Approver, &event.approver, event.approved_at)
}

/// The approver is who approved it at first, at the moment of the first approval.
fn reopened(event: &TicketReopenedV1) -> Result<News, Problem> {
    approved(&event.ticket)
}

fn created(event: &TaskCreatedV1) -> Result<News, Problem> {
    with_owner(&event.task, event.created_at)
}

fn assigned(event: &TaskAssignedV1) -> Result<News, Problem> {
    let news = opened(&event.task.number, &event.task.requester, event.assigned_at)?;
    with(news, PartKind::Assignee, &event.assignee, event.assigned_at)
}

fn with_owner(task: &TaskRef, at: i64) -> Result<News, Problem> {
    let news = opened(&task.number, &task.requester, at)?;
    match &task.owner {
        Some(owner) => with(news, PartKind::Owner, owner, at),
        None => Ok(news),
    }
}

fn opened(number: &str, requester: &Person, at: i64) -> Result<News, Problem> {
    if !is_number(number) {
        return Err(refuse("number is no ticket's number"));
    }
    let news = News { number: number.to_owned(), people: Vec::new(), taken: Vec::new() };
    with(news, PartKind::Requester, requester, at)
}

fn with(mut news: News, kind: PartKind, person: &Person, at: i64) -> Result<News, Problem> {
    news.taken.push(Taken { user: key(kind.code(), &person.id)?, kind, at });
    news.people.push(person.clone());
    Ok(news)
}

#[cfg(test)]
mod tests {
    use sdk::uuid::Uuid;

    use super::*;

    const NUMBER: &str = "TX20261122000007";

    fn person(id: u128) -> Person {
        Person { id: Uuid::from_u128(id).to_string(), name: "Ada Stone".to_owned(), email: "a@example.org".to_owned() }
    }

    fn task(owner: Option<Person>) -> TaskRef {
        TaskRef {
            task_id: "t".to_owned(),
            ticket_id: "k".to_owned(),
            number: NUMBER.to_owned(),
            subject: "s".to_owned(),
            requester: person(1),
            owner,
        }
    }

    fn taken(news: &News) -> Vec<(u128, PartKind, i64)> {
        news.taken.iter().map(|taken| (taken.user.as_u128(), taken.kind, taken.at)).collect()
    }

    #[test]
    fn a_task_brings_its_owner_and_its_requester() {
        let event = TaskCreatedV1 {
            version: 1,
            task: task(Some(person(2))),
            workflow: String::new(),
            due_at: None,
            created_at: 9,
        };
        let news = created(&event).unwrap();
        assert_eq!(taken(&news), [(1, PartKind::Requester, 9), (2, PartKind::Owner, 9)]);
        assert_eq!((news.number.as_str(), news.people.len()), (NUMBER, 2));
        assert_eq!(created(&TaskCreatedV1 { task: task(None), ..event }).unwrap().taken.len(), 1);
    }

    #[test]
    fn an_assignment_brings_its_assignee_at_its_moment() {
        let event = TaskAssignedV1 {
            version: 1,
            task: task(None),
            item_id: String::new(),
            step: String::new(),
            role: String::new(),
            assignee: person(3),
            origin: "System".to_owned(),
            due_at: None,
            assigned_at: 12,
        };
        assert_eq!(taken(&assigned(&event).unwrap()), [(1, PartKind::Requester, 12), (3, PartKind::Assignee, 12)]);
    }

    #[test]
    fn a_number_or_key_of_another_shape_is_refused() {
        assert_eq!(opened("TX1", &person(1), 0).unwrap_err().status(), 422);
        let nobody = Person { id: "7".to_owned(), ..person(1) };
        assert_eq!(opened(NUMBER, &nobody, 0).unwrap_err().status(), 422);
    }
}
