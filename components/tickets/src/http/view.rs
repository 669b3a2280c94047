//! How a ticket looks from outside.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sdk::clock::Timestamp;
use sdk::http::{Json, Path};
use sdk::{Principal, Problem};
use serde::Serialize;
use serde_json::{Value, json};

use super::caller::actor;
use super::{Seen, log, visible};
use crate::domain::{Catalogue, CloseKind, Person, Priority, Status, Ticket};
use crate::store::{self, Attachment, Listed};

/// `GET /{number}`: the ticket with its files and its log; 304 if the caller has this version.
pub(super) async fn show(
    principal: Principal,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let actor = actor(&principal);
    let Seen { ticket, as_staff } = visible(&actor, &number).await?;
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == etag(&ticket)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag(&ticket))]).into_response());
    }
    let files = store::attachments(&ticket.id).await?;
    let log = store::entries(&ticket.id, as_staff).await?;
    let catalogue = store::catalogue().await?;
    let mut body = whole(&ticket, &files, &catalogue);
    if let Some(members) = body.as_object_mut() {
        members.insert("events".to_owned(), Value::Array(log.iter().map(log::line).collect()));
    }
    Ok(([(header::ETAG, etag(&ticket))], Json(body)).into_response())
}

/// The entity tag of this version of the ticket. Files and log lines come with a new version, so it covers them.
pub(super) fn etag(ticket: &Ticket) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{}\"", ticket.row_version)).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The whole ticket, without its log.
pub(super) fn whole(ticket: &Ticket, files: &[Attachment], catalogue: &Catalogue) -> Value {
    let time = |at: Option<i64>| at.map(|at| Timestamp(at).rfc3339());
    let names = Names::of(&ticket.category, ticket.sub_category.as_deref(), ticket.department.as_deref(), catalogue);
    let document = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    json!({
        "id": ticket.id,
        "number": ticket.number,
        "subject": ticket.subject,
        "description": ticket.description,
        "category": names.category,
        "sub_category": names.sub_category,
        "department": names.department,
        "priority": ticket.priority.map(Priority::label),
        "status": ticket.status.label(),
        "next_statuses": labels(ticket.status.next()),
        "requester": Requester::of(&ticket.requester),
        "scheduled_date": ticket.scheduled_on,
        "details": document(&ticket.details),
        "extra": document(&ticket.extra),
        "submitted_at": Timestamp(ticket.submitted_at).rfc3339(),
        "updated_at": Timestamp(ticket.updated_at).rfc3339(),
        "first_response_at": time(ticket.first_response_at),
        "approved_at": time(ticket.approval.as_ref().map(|it| it.at)),
        "approved_by": ticket.approval.as_ref().map(|it| it.by.full_name.as_str()),
        "rejection_reason": ticket.rejection.as_ref().map(|it| it.text.as_str()),
        "withdraw_reason": ticket.withdrawal.as_ref().map(|it| it.text.as_str()),
        "resolved_at": time(ticket.resolved_at),
        "reopened_at": time(ticket.reopened_at),
        "closed_at": time(ticket.closing.map(|it| it.at)),
        "close_kind": ticket.closing.map(|it| it.kind).map(CloseKind::code),
        "assignee": ticket.assignee_name,
        "csat_rating": ticket.rating.as_ref().map(|it| it.stars),
        "csat_feedback": ticket.rating.as_ref().and_then(|it| it.feedback.as_deref()),
        "version": ticket.row_version,
        "attachments": files.iter().map(|it| file(&ticket.number, it)).collect::<Vec<_>>(),
    })
}

/// One line of a page. A type of its own, since a page has many.
#[derive(Serialize)]
pub(super) struct Line<'a> {
    number: &'a str,
    subject: &'a str,
    category: &'a str,
    sub_category: Option<&'a str>,
    department: Option<&'a str>,
    priority: Option<&'static str>,
    status: &'static str,
    requester: Requester<'a>,
    submitted_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct Requester<'a> {
    id: &'a str,
    full_name: &'a str,
    email: &'a str,
}

impl<'a> Line<'a> {
    pub(super) fn of(line: &'a Listed, catalogue: &'a Catalogue) -> Self {
        let names = Names::of(&line.category, line.sub_category.as_deref(), line.department.as_deref(), catalogue);
        Self {
            number: &line.number,
            subject: &line.subject,
            category: names.category,
            sub_category: names.sub_category,
            department: names.department,
            priority: line.priority.map(Priority::label),
            status: line.status.label(),
            requester: Requester::of(&line.requester),
            submitted_at: Timestamp(line.submitted_at).rfc3339(),
            updated_at: Timestamp(line.updated_at).rfc3339(),
        }
    }
}

impl<'a> Requester<'a> {
    fn of(person: &'a Person) -> Self {
        Self { id: &person.id, full_name: &person.full_name, email: &person.email }
    }
}

/// A file of a ticket.
pub(super) fn file(number: &str, file: &Attachment) -> Value {
    json!({
        "id": file.id,
        "file_name": file.name,
        "file_type": file.media_type,
        "file_size": file.size,
        "sha256": file.sha256,
        "uploaded_by": file.uploaded_by_name,
        "uploaded_at": Timestamp(file.uploaded_at).rfc3339(),
        "url": format!("/api/v1/tickets/{number}/attachments/{}", file.id),
    })
}

/// The statuses that a ticket may go to from here, by name.
pub(super) fn labels(statuses: &[Status]) -> Vec<&'static str> {
    statuses.iter().map(|it| it.label()).collect()
}

/// The catalogue's names for a ticket's codes; a code that is no longer offered stands for itself.
pub(crate) struct Names<'a> {
    pub(crate) category: &'a str,
    pub(crate) sub_category: Option<&'a str>,
    pub(crate) department: Option<&'a str>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(
        category: &'a str,
        sub_category: Option<&'a str>,
        department: Option<&'a str>,
        catalogue: &'a Catalogue,
    ) -> Self {
        let known = catalogue.category_by_code(category);
        let sub_name = |code: &'a str| known.and_then(|it| it.sub_category_by_code(code)).map_or(code, |it| &it.name);
        let department_name = |code: &'a str| catalogue.department_by_code(code).map_or(code, |it| &it.name);
        Self {
            category: known.map_or(category, |it| &it.name),
            sub_category: sub_category.map(sub_name),
            department: department.map(department_name),
        }
    }
}
