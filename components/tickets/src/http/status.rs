//! Another status by its name, for those who may change it.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use sdk::http::{Json, Path};
use sdk::problem::Invalid;
use sdk::{Principal, Problem};
use serde::Deserialize;
use serde_json::json;

use super::caller::actor;
use super::command::change;
use super::{view, visible};
use crate::domain::{Actor, By, Change, Command, Refusal, Status, Ticket, decide};
use crate::store;

#[derive(Debug, Deserialize)]
struct Wanted {
    status: Option<String>,
    comment: Option<String>,
}

/// `POST /{number}/status`: any change of the table by coordinators and the help desk's administrators; by the requester
/// only that a resolved ticket is closed. 200 with the ticket and both statuses.
pub(super) async fn set(
    principal: Principal,
    Path(number): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let actor = actor(&principal);
    let ticket = visible(&actor, &number).await?.ticket;
    may_set(&actor, &ticket, Status::Closed)?;
    let Json(wanted) = Json::<Wanted>::from_request(request, &()).await?;
    let to = wanted.status()?;
    may_set(&actor, &ticket, to)?;
    let before = ticket.status;
    let comment = wanted.comment;
    let changed =
        change(&actor, ticket, &headers, |ticket, now| move_to(ticket, to, &actor, comment.clone(), now)).await?;
    answer(&changed, before).await
}

impl Wanted {
    fn status(&self) -> Result<Status, Problem> {
        let mut wrong = Invalid::new();
        let status = self.status.as_deref().and_then(Status::read);
        wrong.check(status.is_some(), "status", "must be a status of tickets");
        status.ok_or_else(|| wrong.into())
    }
}

fn may_set(actor: &Actor, ticket: &Ticket, to: Status) -> Result<(), Problem> {
    let refuse = || Problem::forbidden("Coordinators change the status; the requester may only close the ticket.");
    if actor.may_set_status(ticket, to) { Ok(()) } else { Err(refuse()) }
}

fn move_to(ticket: &Ticket, to: Status, actor: &Actor, comment: Option<String>, now: i64) -> Result<Change, Refusal> {
    let decided = Command::towards(to, ticket.status, comment)
        .and_then(|command| decide(ticket, command, By::Person(actor), now));
    decided.map_err(|refusal| match refusal {
        // The commands name the fields of their own routes; here it is always the comment.
        Refusal::Invalid { field, message } if field != "status" => Refusal::Invalid { field: "comment", message },
        refusal => refusal,
    })
}

async fn answer(changed: &Change, before: Status) -> Result<Response, Problem> {
    let ticket = &changed.ticket;
    let files = store::attachments(&ticket.id).await?;
    let mut body = view::whole(ticket, &files, &*store::catalogue().await?);
    if let Some(members) = body.as_object_mut() {
        members.insert("old_status".to_owned(), json!(changed.entry.from.unwrap_or(before).label()));
        members.insert("new_status".to_owned(), json!(ticket.status.label()));
    }
    Ok(([(header::ETAG, view::etag(ticket))], Json(body)).into_response())
}
