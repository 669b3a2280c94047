//! How an item comes to somebody else: handed up by its holder, or given away by an administrator.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use sdk::http::{Json, Path};
use sdk::uuid::Uuid;
use sdk::{Principal, Problem, clock};
use serde::Deserialize;
use serde_json::json;
use tasks::store::Key;
use tasks::{Command, desk};

use super::caller::{trace, worker};
use super::refusal::problem;
use super::{forbidden, said, view};

/// Why an item is handed up.
#[derive(Debug, Deserialize)]
struct Escalation {
    #[serde(default)]
    reason: Option<String>,
}

/// To whom an item goes, and why.
#[derive(Debug, Deserialize)]
struct Transfer {
    user_id: Uuid,
    #[serde(default)]
    notes: Option<String>,
}

/// `POST /tasks/items/{id}/escalate` by its holder, or an administrator for them: 200 with the task.
pub(super) async fn escalate(
    principal: Principal,
    Path(item): Path<Uuid>,
    headers: HeaderMap,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let caller = worker(&principal)?;
    let Json(Escalation { reason }) = Json::from_request(request, &()).await?;
    let command = Command::Escalate { item, reason: said("reason", reason)? };
    let change = desk::carry_out(Key::Item(item), &command, &caller.actor(), &trace(&headers)).await;
    Ok(Json(view::whole(&change.map_err(problem)?.case, &caller, clock::now().0)))
}

/// `POST /tasks/items/{id}/transfer` by an administrator: 200 with the item that ended and the one that took over.
pub(super) async fn transfer(
    principal: Principal,
    Path(item): Path<Uuid>,
    headers: HeaderMap,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let caller = worker(&principal)?;
    if !caller.is_admin() {
        return Err(forbidden());
    }
    let Json(Transfer { user_id, notes }) = Json::from_request(request, &()).await?;
    let command = Command::Transfer { item, user: user_id, notes: said("notes", notes)? };
    let change = desk::carry_out(Key::Item(item), &command, &caller.actor(), &trace(&headers)).await;
    let change = change.map_err(problem)?;
    let now = clock::now().0;
    let shown = |id: Option<Uuid>| id.and_then(|id| change.case.item(id)).map(|it| view::item(&change.case, it, now));
    Ok(Json(json!({ "original": shown(Some(item)), "new": shown(change.added) })))
}
