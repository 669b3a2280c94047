//! Messages in: what each topic means to people, and the mirror of them. All are idempotent by the message's id.
//!
//! Inbox entries, the records of mails and the note that the message was handled are one transaction
//! ([`tell::tell`]). The mails go out after it, from their records ([`post::of_event`]): a crash in between sends
//! them at the redelivery, and a second redelivery finds nothing left to send. Those that wait for their turn are left
//! to the clock.

mod tell;

use events::{
    COMMENT_CREATED, SLA_BREACHED, SLA_WARNING, TASK_ASSIGNED, TASK_CANCELLED, TASK_COMPLETED, TASK_CREATED,
    TASK_ESCALATED, TASK_STARTED, TASK_STEP_CHANGED, TASK_TRANSFERRED, TASK_UNASSIGNABLE, TICKET_APPROVED,
    TICKET_CLOSED, TICKET_REJECTED, TICKET_REOPENED, TICKET_STATUS_CHANGED, TICKET_SUBMITTED, TICKET_WITHDRAWN,
    USER_CHANGED, UserChangedV1,
};
use sdk::bytes::Bytes;
use sdk::message::refuse;
use sdk::uuid::Uuid;
use sdk::{Delivery, Problem, clock, sql};
use serde::de::DeserializeOwned;

use crate::domain::{self, Plan};
use crate::{post, store};

/// With the recipient's key and the type, an id stays within the 128 bytes of a mail's key.
const ID_BYTES_MAX: usize = 64;
/// The only version of every message so far.
const VERSION: u32 = 1;

/// Reads a message and says who is told of it.
type Reader = fn(Delivery<Bytes>) -> Result<Plan, Problem>;

/// What people are told of. To add a topic: a line here, a function in `domain/telling.rs`, its words in
/// `domain/note/`.
const TOLD: [(&str, Reader); 19] = [
    (TICKET_SUBMITTED, |it| read(it, domain::submitted)),
    (TICKET_APPROVED, |it| read(it, domain::approved)),
    (TICKET_REJECTED, |it| read(it, domain::rejected)),
    (TICKET_WITHDRAWN, |it| read(it, domain::withdrawn)),
    (TICKET_REOPENED, |it| read(it, domain::reopened)),
    (TICKET_STATUS_CHANGED, |it| read(it, domain::status_changed)),
    (TICKET_CLOSED, |it| read(it, domain::closed)),
    (TASK_CREATED, |it| read(it, domain::created)),
    (TASK_ASSIGNED, |it| read(it, domain::assigned)),
    (TASK_STARTED, |it| read(it, domain::started)),
    (TASK_STEP_CHANGED, |it| read(it, domain::step_changed)),
    (TASK_ESCALATED, |it| read(it, domain::escalated)),
    (TASK_TRANSFERRED, |it| read(it, domain::transferred)),
    (TASK_COMPLETED, |it| read(it, domain::completed)),
    (TASK_CANCELLED, |it| read(it, domain::cancelled)),
    (TASK_UNASSIGNABLE, |it| read(it, domain::unassignable)),
    (SLA_WARNING, |it| read(it, domain::warned)),
    (SLA_BREACHED, |it| read(it, domain::breached)),
    (COMMENT_CREATED, |it| read(it, domain::commented)),
];

/// Handles a message by its topic.
///
/// # Errors
/// 422, to the dead letters: an unknown topic or version, a body that is not what the topic promises. 503 or 500, to
/// be tried again: the database or the mail transport does not answer.
pub(crate) async fn handle(delivery: Delivery<Bytes>) -> Result<(), Problem> {
    if delivery.id.len() > ID_BYTES_MAX {
        return Err(refuse(format!("an id has at most {ID_BYTES_MAX} bytes")));
    }
    if delivery.topic == USER_CHANGED {
        delivery.require_version(VERSION)?;
        return user_changed(&delivery.parse()?.data).await;
    }
    let known = TOLD.iter().find(|(topic, _)| *topic == delivery.topic);
    let (_, plan) = known.ok_or_else(|| delivery.unknown_topic())?;
    delivery.require_version(VERSION)?;
    let event_id = delivery.id.clone();
    let plan = plan(delivery)?;
    if plan.is_empty() {
        return Ok(());
    }
    tell::tell(&event_id, &plan).await?;
    post::of_event(&event_id).await
}

fn read<E: DeserializeOwned>(delivery: Delivery<Bytes>, plan: fn(&E) -> Plan) -> Result<Plan, Problem> {
    Ok(plan(&delivery.parse()?.data))
}

/// The mirror takes the newest state, whatever order the messages come in; so it needs no inbox.
async fn user_changed(event: &UserChangedV1) -> Result<(), Problem> {
    let user = Uuid::parse_str(&event.user_id).map_err(|_| refuse("user_id is no UUID"))?;
    sql::retry(|| async {
        let tx = sql::begin().await?;
        store::upsert(&tx, user, event, clock::now()).await?;
        tx.commit().await
    })
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn delivery(id: &str, topic: &str, body: &'static str) -> Delivery<Bytes> {
        Delivery {
            id: id.to_owned(),
            topic: topic.to_owned(),
            source: "/components/tickets".to_owned(),
            time: String::new(),
            subject: None,
            queue: "notification-worker".to_owned(),
            attempt: 1,
            data: Bytes::from_static(body.as_bytes()),
        }
    }

    fn refused(id: &str, topic: &str, body: &'static str) -> u16 {
        block_on(handle(delivery(id, topic, body))).unwrap_err().status()
    }

    #[test]
    fn what_can_never_be_handled_goes_to_the_dead_letters() {
        let body = "{\"version\":1}";
        assert_eq!(refused("m", "ticket.vanished", body), 422);
        assert_eq!(refused(&"m".repeat(ID_BYTES_MAX + 1), TICKET_APPROVED, body), 422);
        for topic in TOLD.iter().map(|(topic, _)| *topic).chain([USER_CHANGED]) {
            assert_eq!(refused("m", topic, "{\"version\":2}"), 422, "{topic}: another version");
            assert_eq!(refused("m", topic, body), 422, "{topic}: missing fields");
            assert_eq!(refused("m", topic, "{"), 422, "{topic}: no JSON");
        }
    }

    #[test]
    fn what_nobody_is_told_of_is_acknowledged_without_work() {
        let body = r#"{"version":1,"item_id":"i","step":"s","started_at":1,
            "assignee":{"id":"u","name":"Ada","email":"a@example.org"},
            "task":{"task_id":"t","ticket_id":"t","number":"TX1","subject":"s",
                "requester":{"id":"u","name":"Ada","email":"a@example.org"}}}"#;
        block_on(handle(delivery("m", TASK_STARTED, body))).unwrap();
    }
}
