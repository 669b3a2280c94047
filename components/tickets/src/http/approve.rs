//! The coordinator's approval.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sdk::http::{Json, Path};
use sdk::problem::Invalid;
use sdk::{Principal, Problem, clock, sql};
use serde::Deserialize;
use serde_json::json;

use super::caller::actor;
use super::{view, visible};
use crate::domain::{Actor, By, Catalogue, Change, Command, Priority, Refusal, Status, Ticket, decide};
use crate::{events, store};

/// How often a change is decided anew because somebody else changed the ticket meanwhile.
const DECIDE_ATTEMPTS_MAX: u32 = 3;

#[derive(Debug, Deserialize)]
pub(super) struct Approval {
    priority: Option<String>,
    department: Option<String>,
    #[serde(rename = "approval_notes")]
    notes: Option<String>,
}

/// `POST /{number}/approve` by a coordinator or the help desk's administrator: New or Pending becomes Open, and the
/// message `ticket.approved` exists if and only if the change does. With `If-Match`, only that version is approved.
pub(super) async fn approve(
    principal: Principal,
    Path(number): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let actor = actor(&principal);
    if !actor.may_coordinate() {
        return Err(Problem::forbidden("Only ticket coordinators and help desk administrators approve tickets."));
    }
    let catalogue = store::catalogue().await?;
    let Json(approval) = Json::<Approval>::from_request(request, &()).await?;
    let command = approval.command(&catalogue)?;
    for _ in 0..DECIDE_ATTEMPTS_MAX {
        let ticket = visible(&actor, &number).await?;
        if headers.get(header::IF_MATCH).is_some_and(|wanted| *wanted != view::etag(&ticket)) {
            return Err(Problem::conflict("The ticket has changed since you read it."));
        }
        let change = match decide(&ticket, command.clone(), By::Person(&actor), clock::now().0) {
            Ok(change) => change,
            Err(refusal) => return Ok(refused(refusal, &headers)),
        };
        if save(&change, &actor, &catalogue).await? {
            return answer(&change.ticket, &catalogue).await;
        }
    }
    Err(Problem::conflict("The ticket is being changed by others; read it again."))
}

impl Approval {
    fn command(self, catalogue: &Catalogue) -> Result<Command, Problem> {
        let mut wrong = Invalid::new();
        let priority = self.priority.as_deref().and_then(Priority::read);
        wrong.check(priority.is_some(), "priority", "must be Critical, High, Medium or Low");
        let department = self.department.as_deref().and_then(|text| catalogue.department(text));
        wrong.check(department.is_some(), "department", "must be a department of the catalogue");
        let (Some(priority), Some(department)) = (priority, department) else { return Err(wrong.into()) };
        Ok(Command::Approve { priority, department: department.code.clone(), notes: self.notes })
    }
}

/// Ticket, log line and message in one transaction; false if somebody else changed the ticket first.
async fn save(change: &Change, actor: &Actor, catalogue: &Catalogue) -> Result<bool, Problem> {
    let message = events::approved(&change.ticket, actor, catalogue)?;
    sql::retry(|| async {
        let tx = sql::begin().await?;
        if !store::update(&tx, &change.ticket).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        store::append(&tx, &change.ticket.id, &change.entry).await?;
        tx.send(&message).await?;
        tx.commit().await?;
        Ok::<_, Problem>(true)
    })
    .await
}

async fn answer(ticket: &Ticket, catalogue: &Catalogue) -> Result<Response, Problem> {
    let files = store::attachments(&ticket.id).await?;
    let body = view::whole(ticket, &files, catalogue);
    Ok(([(header::ETAG, view::etag(ticket))], Json(body)).into_response())
}

/// The answer to a command that the domain refuses.
pub(super) fn refused(refusal: Refusal, headers: &HeaderMap) -> Response {
    match refusal {
        Refusal::Forbidden => Problem::forbidden("Your roles do not allow this.").into_response(),
        Refusal::State { from } => conflict(from, headers),
        Refusal::Time { message } => Problem::conflict(format!("Not possible: {message}.")).into_response(),
        Refusal::Invalid { field, message } => {
            let mut invalid = Invalid::new();
            invalid.add(field, message);
            Problem::from(invalid).into_response()
        }
    }
}

/// A problem document with two members of our own: where the ticket stands and where it can go from there. The kit's
/// problems have no room for members, so the document is finished here.
fn conflict(from: Status, headers: &HeaderMap) -> Response {
    let request_id = headers.get("x-request-id").and_then(|id| id.to_str().ok());
    let problem = Problem::conflict(format!("The ticket is {} and cannot go there from here.", from.label()));
    let mut document = problem.document(request_id);
    if let Some(members) = document.as_object_mut() {
        members.insert("current_status".to_owned(), json!(from.label()));
        members.insert("allowed".to_owned(), json!(view::labels(from.next())));
    }
    let head = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::CONFLICT, head, document.to_string()).into_response()
}
