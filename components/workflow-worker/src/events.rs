//! Messages in: one handler for each topic. All are idempotent by the message's id and guarded by moments and states,
//! because messages come twice and in any order.

mod people;
mod tickets;

use events::{
    TICKET_APPROVED, TICKET_CLOSED, TICKET_REJECTED, TICKET_REOPENED, TICKET_STATUS_CHANGED, TICKET_SUBMITTED,
    TICKET_WITHDRAWN, USER_CHANGED,
};
use sdk::bytes::Bytes;
use sdk::{Delivery, Problem};
use tasks::desk::Failure;
use tasks::store::Trace;

/// Under this name the inbox notes what was handled.
const CONSUMER: &str = "workflow-worker";
/// The only version of every message so far.
const VERSION: u32 = 1;

/// Handles a message by its topic.
///
/// # Errors
/// 422, to the dead letters: an unknown topic or version, a body that is not what the topic promises. 503 or 500, to
/// be tried again: the database does not answer.
pub(crate) async fn handle(delivery: Delivery<Bytes>) -> Result<(), Problem> {
    match delivery.topic.as_str() {
        USER_CHANGED | TICKET_APPROVED | TICKET_REOPENED | TICKET_WITHDRAWN => delivery.require_version(VERSION)?,
        // The queue is bound to all of `ticket.*`; these say nothing about the work.
        TICKET_SUBMITTED | TICKET_REJECTED | TICKET_STATUS_CHANGED | TICKET_CLOSED => return Ok(()),
        _ => return Err(delivery.unknown_topic()),
    }
    match delivery.topic.as_str() {
        USER_CHANGED => people::changed(&delivery.parse()?).await,
        TICKET_APPROVED => tickets::approved(&delivery.parse()?).await,
        TICKET_REOPENED => tickets::reopened(&delivery.parse()?).await,
        _ => tickets::withdrawn(&delivery.parse()?).await,
    }
}

fn trace<T>(delivery: &Delivery<T>) -> Trace {
    Trace { correlation_id: Some(delivery.id.clone()), ..Trace::default() }
}

/// What the rules refuse here is a fault of ours: nobody asked who could be told.
pub(crate) fn problem(failure: Failure) -> Problem {
    match failure {
        Failure::Problem(problem) => problem,
        Failure::Unknown => Problem::internal("the task is gone"),
        Failure::Refused(refusal) => Problem::internal(format!("refused: {refusal:?}")),
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    fn handled(topic: &str, body: &'static str) -> Result<(), u16> {
        let delivery = Delivery {
            id: "m".to_owned(),
            topic: topic.to_owned(),
            source: "/components/tickets".to_owned(),
            time: String::new(),
            subject: None,
            queue: "workflow-worker".to_owned(),
            attempt: 1,
            data: Bytes::from_static(body.as_bytes()),
        };
        block_on(handle(delivery)).map_err(|problem| problem.status())
    }

    #[test]
    fn what_can_never_be_handled_goes_to_the_dead_letters() {
        assert_eq!(handled("ticket.vanished", "{\"version\":1}"), Err(422));
        for topic in [USER_CHANGED, TICKET_APPROVED, TICKET_REOPENED, TICKET_WITHDRAWN] {
            assert_eq!(handled(topic, "{\"version\":2}"), Err(422), "{topic}: another version");
            assert_eq!(handled(topic, "{\"version\":1}"), Err(422), "{topic}: missing fields");
            assert_eq!(handled(topic, "{"), Err(422), "{topic}: no JSON");
        }
    }

    #[test]
    fn what_is_known_and_does_not_concern_tasks_is_acknowledged_unread() {
        for topic in [TICKET_SUBMITTED, TICKET_REJECTED, TICKET_STATUS_CHANGED, TICKET_CLOSED] {
            assert_eq!(handled(topic, "{"), Ok(()), "{topic}");
        }
    }
}
