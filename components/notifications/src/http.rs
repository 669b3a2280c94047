//! Routes and answers. Everybody reaches their own inbox only: the person always comes from the session. No SQL.

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use sdk::http::{Json, Path, Query};
use sdk::problem::Invalid;
use sdk::uuid::Uuid;
use sdk::{Principal, Problem, clock, live};
use serde_json::{Value, json};

use crate::domain::{self, PER_PAGE};
use crate::store::{self, Notification};

/// Every route of the room; the paths are those a browser asks, prefix included.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/api/v1/notifications", get(list))
        .route("/api/v1/notifications/", get(list))
        .route("/api/v1/notifications/unread-count", get(unread_count))
        .route("/api/v1/notifications/read-all", post(mark_all))
        .route("/api/v1/notifications/stream", get(stream))
        .route("/api/v1/notifications/{id}/read", post(mark))
        .route("/readyz", get(ready))
}

async fn list(principal: Principal, Query(query): Query<domain::Query>) -> Result<Json<Value>, Problem> {
    let wanted = query.read().map_err(|errors| {
        let mut invalid = Invalid::new();
        for (field, message) in errors {
            invalid.add(field, message);
        }
        Problem::from(invalid)
    })?;
    let (items, total) = store::page(principal.id, &wanted).await?;
    Ok(Json(json!({
        "items": items.iter().map(item).collect::<Vec<_>>(),
        "page": wanted.page,
        "per_page": PER_PAGE,
        "total": total,
        "pages": (total + PER_PAGE - 1) / PER_PAGE,
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

async fn unread_count(principal: Principal) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "count": store::unread(principal.id).await? })))
}

async fn mark(principal: Principal, Path(id): Path<Uuid>) -> Result<Json<Value>, Problem> {
    // Somebody else's entry is one that does not exist.
    let marked = store::mark(principal.id, id, clock::now()).await?;
    let marked = marked.ok_or_else(|| Problem::not_found("You have no such notification."))?;
    Ok(Json(json!({ "marked_at": marked.rfc3339() })))
}

async fn mark_all(principal: Principal) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({ "count": store::mark_all(principal.id, clock::now()).await? })))
}

/// Opens the caller's own live channel; the host holds the stream from here on.
async fn stream(principal: Principal) -> Response {
    live::stream(&[format!("user:{}", principal.id)])
}

async fn ready() -> Result<impl IntoResponse, Problem> {
    if store::ready().await? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::unavailable("no types are stored")) }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use futures::executor::block_on;
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn nobody_reaches_an_inbox_without_signing_in() {
        let routes = [
            ("GET", "/api/v1/notifications/"),
            ("GET", "/api/v1/notifications/unread-count"),
            ("POST", "/api/v1/notifications/read-all"),
            ("GET", "/api/v1/notifications/stream"),
            ("POST", "/api/v1/notifications/0193f3a0-0000-7000-8000-000000000000/read"),
        ];
        for (method, path) in routes {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let response = block_on(router().oneshot(request)).unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}
