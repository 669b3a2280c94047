//! Messages in: what happens to the task of a ticket. Each counts once, by its id; see [`follow`] for what follows.

use events::{
    COMMENT_CREATED, Person, SLA_BREACHED, SLA_WARNING, TASK_ASSIGNED, TASK_CANCELLED, TASK_COMPLETED, TASK_CREATED,
    TASK_ESCALATED, TASK_STARTED, TASK_STEP_CHANGED, TASK_TRANSFERRED, TASK_UNASSIGNABLE, TICKET_APPROVED,
    TICKET_CLOSED, TICKET_REJECTED, TICKET_REOPENED, TICKET_STATUS_CHANGED, TICKET_SUBMITTED, TICKET_WITHDRAWN,
    TaskAssignedV1, TaskCompletedV1, TaskCreatedV1, TaskRef, TaskStartedV1, USER_CHANGED,
};
use sdk::bytes::Bytes;
use sdk::message::refuse;
use sdk::sql::{self, Transaction};
use sdk::uuid::Uuid;
use sdk::{Delivery, Problem, clock, inbox};

use super::record;
use crate::domain::{Catalogue, News, Part, follow, is_number};
use crate::store;

/// Under this name the inbox notes what was handled.
const CONSUMER: &str = "tickets";
/// The only version of every message so far.
const VERSION: u32 = 1;

/// What a message means here.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    task: TaskRef,
    /// Somebody who takes part from now on, with the moment.
    joins: Option<(Person, Part, i64)>,
    /// What may change the ticket.
    news: Option<News>,
}

/// Handles a message by its topic.
///
/// # Errors
/// 422, to the dead letters: an unknown topic or version, a body that is not what the topic promises, a ticket that is
/// not there. 503 or 500, to be tried again: the database does not answer.
pub(crate) async fn handle(delivery: Delivery<Bytes>) -> Result<(), Problem> {
    let id = delivery.id.clone();
    let Some(told) = read(delivery)? else { return Ok(()) };
    let catalogue = store::catalogue().await?;
    sql::retry(|| async {
        let tx = sql::begin().await?;
        if inbox::once(&tx, CONSUMER, &id).await? {
            take(&tx, &told, &catalogue).await?;
        }
        Ok::<_, Problem>(tx.commit().await?)
    })
    .await
}

/// What the message says, if it concerns tickets.
fn read(delivery: Delivery<Bytes>) -> Result<Option<Told>, Problem> {
    match delivery.topic.as_str() {
        TASK_CREATED | TASK_ASSIGNED | TASK_STARTED | TASK_COMPLETED => delivery.require_version(VERSION)?,
        TASK_CANCELLED | TASK_ESCALATED | TASK_STEP_CHANGED | TASK_TRANSFERRED | TASK_UNASSIGNABLE => return Ok(None),
        TICKET_SUBMITTED | TICKET_APPROVED | TICKET_REJECTED | TICKET_WITHDRAWN | TICKET_REOPENED => return Ok(None),
        TICKET_STATUS_CHANGED | TICKET_CLOSED | SLA_WARNING | SLA_BREACHED => return Ok(None),
        COMMENT_CREATED | USER_CHANGED => return Ok(None),
        _ => return Err(delivery.unknown_topic()),
    }
    let told = match delivery.topic.as_str() {
        TASK_CREATED => created(delivery.parse()?.data),
        TASK_ASSIGNED => assigned(delivery.parse()?.data),
        TASK_STARTED => started(delivery.parse()?.data),
        _ => completed(delivery.parse()?.data),
    };
    if !is_number(&told.task.number) {
        return Err(refuse("task.number is no ticket's number"));
    }
    if told.joins.as_ref().is_some_and(|(person, ..)| Uuid::parse_str(&person.id).is_err()) {
        return Err(refuse("the person's id is no UUID"));
    }
    Ok(Some(told))
}

fn created(event: TaskCreatedV1) -> Told {
    let owner = event.task.owner.clone();
    let joins = owner.map(|owner| (owner, Part::Coordinator, event.created_at));
    Told { task: event.task, joins, news: None }
}

fn assigned(event: TaskAssignedV1) -> Told {
    let TaskAssignedV1 { task, assignee, step, assigned_at: at, .. } = event;
    let news = News::Assigned { assignee: assignee.name.clone(), step, at };
    Told { task, joins: Some((assignee, Part::Assignee, at)), news: Some(news) }
}

fn started(event: TaskStartedV1) -> Told {
    Told { task: event.task, joins: None, news: Some(News::Started { at: event.started_at }) }
}

fn completed(event: TaskCompletedV1) -> Told {
    Told { task: event.task, joins: None, news: Some(News::Completed { task_made_at: event.started_at }) }
}

/// Who takes part is noted whatever became of the ticket: they may look back at what they had in hand.
async fn take(tx: &Transaction, told: &Told, catalogue: &Catalogue) -> Result<(), Problem> {
    let number = &told.task.number;
    let ticket = store::by_number_in(tx, number).await?;
    let ticket = ticket.ok_or_else(|| refuse(format!("there is no ticket {number}")))?;
    if let Some((person, part, since)) = &told.joins {
        store::join(tx, &ticket.id, &person.id, *part, *since).await?;
    }
    let Some(news) = &told.news else { return Ok(()) };
    for change in follow(&ticket, news, clock::now().0) {
        if !record(tx, &change, catalogue).await? {
            return Err(sql::Error::Conflict.into());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
