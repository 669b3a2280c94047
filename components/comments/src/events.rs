//! Messages in: who people are and who takes part in which ticket. Messages out: that somebody commented.
//!
//! Handlers are idempotent by the message's id, and take news in any order: people by the version of their source,
//! parts by their moments.

mod news;

use events::{
    COMMENT_CREATED, CommentCreatedV1, Person, TASK_ASSIGNED, TASK_CANCELLED, TASK_COMPLETED, TASK_CREATED,
    TASK_ESCALATED, TASK_STARTED, TASK_STEP_CHANGED, TASK_TRANSFERRED, TASK_UNASSIGNABLE, TICKET_APPROVED,
    TICKET_CLOSED, TICKET_REJECTED, TICKET_REOPENED, TICKET_STATUS_CHANGED, TICKET_SUBMITTED, TICKET_WITHDRAWN,
    USER_CHANGED, UserChangedV1,
};
use sdk::bytes::Bytes;
use sdk::message::refuse;
use sdk::{Delivery, Outgoing, Problem, clock, inbox, sql};
use uuid::Uuid;

use crate::domain::{Actor, Comment, News, Visibility, excerpt, take};
use crate::store;

/// Under this name the inbox notes what was handled.
const CONSUMER: &str = "comments";
/// The only version of every message so far.
const VERSION: u32 = 1;

/// Handles a message by its topic. Those that change nobody's part are acknowledged unread.
///
/// # Errors
/// 422, to the dead letters: an unknown topic or version, a body that is not what the topic promises. 503, to be tried
/// again: the database does not answer.
pub(crate) async fn handle(delivery: Delivery<Bytes>) -> Result<(), Problem> {
    match delivery.topic.as_str() {
        USER_CHANGED => {
            delivery.require_version(VERSION)?;
            user_changed(&delivery.parse()?.data).await
        }
        TICKET_SUBMITTED | TICKET_APPROVED | TICKET_REOPENED | TASK_CREATED | TASK_ASSIGNED => {
            delivery.require_version(VERSION)?;
            let id = delivery.id.clone();
            take_part(&id, &news::read(delivery)?).await
        }
        TICKET_REJECTED
        | TICKET_WITHDRAWN
        | TICKET_STATUS_CHANGED
        | TICKET_CLOSED
        | TASK_STARTED
        | TASK_STEP_CHANGED
        | TASK_ESCALATED
        | TASK_TRANSFERRED
        | TASK_COMPLETED
        | TASK_CANCELLED
        | TASK_UNASSIGNABLE => Ok(()),
        _ => Err(delivery.unknown_topic()),
    }
}

fn key(field: &str, text: &str) -> Result<Uuid, Problem> {
    Uuid::parse_str(text).map_err(|_| refuse(format!("{field} is no UUID")))
}

/// The mirror takes the newest state, whatever order the messages come in; so it needs no inbox.
async fn user_changed(event: &UserChangedV1) -> Result<(), Problem> {
    let user = key("user_id", &event.user_id)?;
    sql::retry(|| async {
        let tx = sql::begin().await?;
        store::upsert(&tx, user, event, clock::now().0).await?;
        tx.commit().await
    })
    .await?;
    Ok(())
}

async fn take_part(message_id: &str, news: &News) -> Result<(), Problem> {
    let people = news.people.iter().map(|person| Ok((key("the id of a person", &person.id)?, person)));
    let people = people.collect::<Result<Vec<_>, Problem>>()?;
    sql::retry(|| async {
        let tx = sql::begin().await?;
        if !inbox::once(&tx, CONSUMER, message_id).await? {
            return Ok(());
        }
        let now = clock::now().0;
        for (user, person) in &people {
            store::remember(&tx, *user, person, now).await?;
        }
        let mut parts = store::parts(&tx, &news.number).await?;
        for taken in &news.taken {
            for part in take(&mut parts, *taken) {
                store::put_part(&tx, &news.number, &part).await?;
            }
        }
        tx.commit().await
    })
    .await?;
    Ok(())
}

/// `comment.created`: those concerned are to know.
///
/// # Errors
/// Never in practice; the body is plain data.
pub(crate) fn created(
    comment: &Comment,
    author: &Actor,
    recipients: Vec<Person>,
    mentioned: Vec<Person>,
) -> Result<Outgoing, Problem> {
    let body = CommentCreatedV1 {
        version: CommentCreatedV1::VERSION,
        comment_id: comment.id.to_string(),
        number: comment.number.clone(),
        author: Person { id: author.id.to_string(), name: author.name.clone(), email: author.email.clone() },
        excerpt: excerpt(&comment.body),
        is_internal: comment.visibility == Visibility::Internal,
        is_reply: comment.parent.is_some(),
        recipients,
        mentioned,
        created_at: comment.created_at,
    };
    let number = comment.number.as_str();
    Ok(Outgoing::json(COMMENT_CREATED, &body)?.about(number).in_group(number))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn answered(topic: &str, body: &'static str) -> u16 {
        let delivery = Delivery {
            id: "m".to_owned(),
            topic: topic.to_owned(),
            source: "/components/tickets".to_owned(),
            time: String::new(),
            subject: None,
            queue: "comments".to_owned(),
            attempt: 1,
            data: Bytes::from_static(body.as_bytes()),
        };
        block_on(handle(delivery)).err().map_or(204, |problem| problem.status())
    }

    #[test]
    fn what_can_never_be_handled_goes_to_the_dead_letters() {
        let body = "{\"version\":1}";
        assert_eq!(answered("ticket.vanished", body), 422);
        assert_eq!(answered("comment.created", body), 422);
        for topic in [USER_CHANGED, TICKET_SUBMITTED, TICKET_APPROVED, TICKET_REOPENED, TASK_CREATED, TASK_ASSIGNED] {
            assert_eq!(answered(topic, "{\"version\":2}"), 422, "{topic}: another version");
            assert_eq!(answered(topic, body), 422, "{topic}: missing fields");
            assert_eq!(answered(topic, "{"), 422, "{topic}: no JSON");
        }
    }

    #[test]
    fn known_topics_that_change_nobodys_part_are_acknowledged_unread() {
        let others = [
            TICKET_REJECTED,
            TICKET_WITHDRAWN,
            TICKET_STATUS_CHANGED,
            TICKET_CLOSED,
            TASK_STARTED,
            TASK_STEP_CHANGED,
            TASK_ESCALATED,
            TASK_TRANSFERRED,
            TASK_COMPLETED,
            TASK_CANCELLED,
            TASK_UNASSIGNABLE,
        ];
        for topic in others {
            assert_eq!(answered(topic, "{\"version\":7}"), 204, "{topic}");
        }
    }
}
