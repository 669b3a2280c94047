//! A new ticket.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sdk::clock::Timestamp;
use sdk::http::Json;
use sdk::{Principal, Problem, clock, id, sql};
use serde_json::{Map, Value};

use super::caller::actor;
use super::upload::{self, Upload};
use super::{invalid, view};
use crate::domain::{Actor, Catalogue, Entry, EntryKind, Status, Submission, Ticket};
use crate::events;
use crate::store::{self, Attachment};

/// `POST /`: JSON, or multipart with `files[]`. 201 with the ticket, `Location` and `ETag`.
///
/// The files are in the blob store before the ticket is in the database; a request that fails takes them away again.
pub(super) async fn submit(principal: Principal, request: Request) -> Result<Response, Problem> {
    let actor = actor(&principal);
    if !actor.may_submit() {
        return Err(Problem::forbidden("Your roles do not include asking for something."));
    }
    let catalogue = store::catalogue().await?;
    let now = clock::now();
    let Upload { fields, files } = upload::receive(request, &actor, now).await?;
    match open(&actor, fields, &files, &catalogue, now).await {
        Ok(ticket) => Ok(answer(&ticket, &files, &catalogue)),
        Err(problem) => {
            upload::discard(&files).await;
            Err(problem)
        }
    }
}

async fn open(
    actor: &Actor,
    fields: Map<String, Value>,
    files: &[Attachment],
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<Ticket, Problem> {
    let submission = Submission::read(catalogue, fields).map_err(invalid)?;
    let draft = draft(actor, submission, now);
    let entry = Entry {
        kind: EntryKind::Created,
        at: now.0,
        actor: Some(draft.requester.clone()),
        from: None,
        to: Some(Status::New),
        note: None,
        is_internal: false,
    };
    sql::retry(|| async {
        // Nothing is read that another could change: whoever wants a number at the same time waits for the counter's
        // row, where `serializable` would send all but one of them back.
        let tx = sql::begin_with(sql::Isolation::ReadCommitted, false).await?;
        let mut ticket = draft.clone();
        ticket.number = store::open(&tx, &ticket, "web", &entry).await?;
        for file in files {
            if !store::adopt(&tx, &ticket.id, file).await? {
                return Err(Problem::unavailable("an upload was swept away before its ticket was saved"));
            }
        }
        tx.send(&events::submitted(&ticket, catalogue)?).await?;
        tx.commit().await?;
        Ok(ticket)
    })
    .await
}

/// The ticket without its number, which is only known inside the transaction.
fn draft(actor: &Actor, submission: Submission, now: Timestamp) -> Ticket {
    Ticket {
        id: id::new().to_string(),
        number: String::new(),
        requester: actor.person(),
        subject: submission.subject,
        description: submission.description,
        category: submission.category,
        sub_category: submission.sub_category,
        scheduled_on: submission.scheduled_on,
        details: Value::Object(submission.details).to_string(),
        extra: Value::Object(submission.extra).to_string(),
        department: None,
        priority: None,
        status: Status::New,
        submitted_at: now.0,
        first_response_at: None,
        approval: None,
        rejection: None,
        withdrawal: None,
        resolved_at: None,
        closing: None,
        reopened_at: None,
        assignee_name: None,
        assigned_at: None,
        rating: None,
        updated_at: now.0,
        row_version: 1,
    }
}

fn answer(ticket: &Ticket, files: &[Attachment], catalogue: &Catalogue) -> Response {
    let mut response = (StatusCode::CREATED, Json(view::whole(ticket, files, catalogue))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::ETAG, view::etag(ticket));
    if let Ok(location) = HeaderValue::from_str(&format!("/api/v1/tickets/{}", ticket.number)) {
        headers.insert(header::LOCATION, location);
    }
    response
}
