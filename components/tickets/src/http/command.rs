//! How a command on a ticket is carried out, whichever it is: decided on the ticket as it is, saved with its log line
//! and its message, decided anew if somebody else changed the ticket meanwhile.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use sdk::http::Json;
use sdk::{Problem, clock, sql};
use serde_json::json;

use super::{view, visible};
use crate::domain::{Actor, By, Change, Command, Refusal, Ticket, decide};
use crate::{events, store};

/// How often a change is decided anew because somebody else changed the ticket meanwhile.
const DECIDE_ATTEMPTS_MAX: u32 = 3;

/// Carries out a command of the caller. With `If-Match`, only on that version.
///
/// # Errors
/// What the domain refuses: 403, 409 or 422. 409 too if the caller read another version, or if others are always faster.
pub(super) async fn carry_out(
    actor: &Actor,
    ticket: Ticket,
    headers: &HeaderMap,
    command: &Command,
) -> Result<Change, Problem> {
    change(actor, ticket, headers, |ticket, now| decide(ticket, command.clone(), By::Person(actor), now)).await
}

/// Makes the change that `decide` finds for the ticket at a moment (microseconds since 1970).
///
/// # Errors
/// As [`carry_out`].
pub(super) async fn change(
    actor: &Actor,
    mut ticket: Ticket,
    headers: &HeaderMap,
    decide: impl Fn(&Ticket, i64) -> Result<Change, Refusal>,
) -> Result<Change, Problem> {
    for _ in 0..DECIDE_ATTEMPTS_MAX {
        if headers.get(header::IF_MATCH).is_some_and(|wanted| *wanted != view::etag(&ticket)) {
            return Err(Problem::conflict("The ticket has changed since you read it."));
        }
        let change = decide(&ticket, clock::now().0).map_err(refused)?;
        if save(&change).await? {
            return Ok(change);
        }
        ticket = visible(actor, &ticket.number).await?.ticket;
    }
    Err(Problem::conflict("The ticket is being changed by others; read it again."))
}

async fn save(change: &Change) -> Result<bool, Problem> {
    let catalogue = store::catalogue().await?;
    sql::retry(|| async {
        let tx = sql::begin().await?;
        if !events::record(&tx, change, &catalogue).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        tx.commit().await?;
        Ok::<_, Problem>(true)
    })
    .await
}

/// 200 with the ticket as it is now.
pub(super) async fn answer(ticket: &Ticket) -> Result<Response, Problem> {
    let files = store::attachments(&ticket.id).await?;
    let body = view::whole(ticket, &files, &*store::catalogue().await?);
    Ok(([(header::ETAG, view::etag(ticket))], Json(body)).into_response())
}

/// The answer to a command that the domain refuses.
fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Forbidden => Problem::forbidden("Your roles do not allow this."),
        Refusal::State { from } => {
            let problem = Problem::conflict(format!("The ticket is {}, where this is not possible.", from.label()));
            problem.member("current_status", from.label()).member("allowed", json!(view::labels(from.next())))
        }
        Refusal::Time { message } => Problem::conflict(format!("Not possible: {message}.")),
        Refusal::Invalid { field, message } => Problem::invalid(field, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Status;

    #[test]
    fn an_illegal_change_is_told_where_the_ticket_stands_and_where_it_may_go() {
        let document = refused(Refusal::State { from: Status::Open }).document(None);
        assert_eq!((&document["status"], &document["current_status"]), (&json!(409), &json!("Open")));
        assert_eq!(document["allowed"], json!(["In Progress", "On Hold", "Withdrawn"]));
        let over = refused(Refusal::State { from: Status::Closed }).document(None);
        assert_eq!((&over["current_status"], &over["allowed"]), (&json!("Closed"), &json!([])));
    }

    #[test]
    fn each_refusal_has_its_status() {
        let invalid = refused(Refusal::Invalid { field: "reason", message: "must not be empty".to_owned() });
        assert_eq!((invalid.status(), invalid.errors()[0].field.as_str()), (422, "reason"));
        assert_eq!(refused(Refusal::Forbidden).status(), 403);
        assert_eq!(refused(Refusal::Time { message: "it is too late" }).status(), 409);
    }
}
