//! Reading and marking, and the live stream.

use axum::response::Response;
use sdk::http::{Json, Path, Query};
use sdk::uuid::Uuid;
use sdk::{Principal, Problem, clock, live};
use serde_json::{Value, json};

use super::invalid;
use crate::domain;
use crate::store::{self, Notification};

/// `GET /`: a page of the caller's entries, the newest first.
pub(super) async fn list(principal: Principal, Query(query): Query<domain::Query>) -> Result<Json<Value>, Problem> {
    let wanted = query.read().map_err(invalid)?;
    let (items, total) = store::page(principal.id, &wanted).await?;
    Ok(Json(json!({
        "items": items.iter().map(item).collect::<Vec<_>>(),
        "page": wanted.page,
        "per_page": wanted.per_page,
        "total": total,
        "pages": (total + wanted.per_page - 1) / wanted.per_page,
    })))
}

fn item(it: &Notification) -> Value {
    json!({
        "id": it.id.to_string(),
        "type": it.kind,
        "subject": it.subject,
        "message": it.body,
        "ticket_number": it.ticket_number,
        "data": it.data,
        "is_read": it.read_at.is_some(),
        "created_at": it.created_at.rfc3339(),
        "read_at": it.read_at.map(clock::Timestamp::rfc3339),
    })
}

/// Somebody else's entry is one that does not exist.
fn unknown() -> Problem {
    Problem::not_found("You have no such notification.")
}

/// `GET /{id}`: one entry; that it was looked at does not make it read.
pub(super) async fn show(principal: Principal, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let entry = store::entry(principal.id, id).await?.ok_or_else(unknown)?;
    Ok(Json(item(&entry)))
}

/// `GET /unread-count`.
pub(super) async fn unread_count(principal: Principal) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "count": store::unread(principal.id).await? })))
}

/// `POST /{id}/read`: when it was read the first time.
pub(super) async fn mark(principal: Principal, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    let marked = store::mark(principal.id, id, clock::now()).await?.ok_or_else(unknown)?;
    Ok(Json(json!({ "marked_at": marked.rfc3339() })))
}

/// `POST /read-all`: how many were not.
pub(super) async fn mark_all(principal: Principal) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "count": store::mark_all(principal.id, clock::now()).await? })))
}

/// `GET /stream`: opens the caller's own live channel; the host holds the stream from here on.
pub(super) async fn stream(principal: Principal) -> Response {
    live::stream(&[format!("user:{}", principal.id)])
}
