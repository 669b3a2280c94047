//! One task: as it stands, what happened to it, and how far it is.

use axum::response::IntoResponse;
use sdk::http::{Json, Path};
use sdk::uuid::Uuid;
use sdk::{Principal, Problem, clock};
use tasks::Case;
use tasks::store::{self, Key};

use super::caller::{caller, no_task};
use super::{number, view};
use crate::domain::Caller;

/// The task, if the caller may. What they may not know of does not exist for them, so that numbers cannot be tried out.
async fn find(key: Key<'_>, caller: &Caller, may: fn(&Caller, &Case) -> bool) -> Result<Case, Problem> {
    store::case(key).await?.filter(|case| may(caller, case)).ok_or_else(no_task)
}

/// `GET /tasks/by-ticket/{number}`: the task with its open item, or the caller's last.
pub(super) async fn by_ticket(principal: Principal, Path(number): Path<String>) -> Result<impl IntoResponse, Problem> {
    let caller = caller(&principal);
    let number = self::number(&number).ok_or_else(no_task)?;
    let case = find(Key::Number(number), &caller, Caller::may_see).await?;
    Ok(Json(view::whole(&case, &caller, clock::now().0)))
}

/// `GET /tasks/items/{id}`: the task with this item.
pub(super) async fn by_item(principal: Principal, Path(id): Path<Uuid>) -> Result<impl IntoResponse, Problem> {
    let caller = caller(&principal);
    let case = find(Key::Item(id), &caller, Caller::may_see).await?;
    let item = case.item(id).ok_or_else(no_task)?;
    Ok(Json(view::by_item(&case, item, &caller, clock::now().0)))
}

/// `GET /tasks/{id}/log`: every item with its history.
pub(super) async fn log(principal: Principal, Path(id): Path<Uuid>) -> Result<impl IntoResponse, Problem> {
    let case = find(Key::Task(id), &caller(&principal), Caller::may_see).await?;
    let events = store::item_events(id).await?;
    Ok(Json(view::log(&case, &events, clock::now().0)))
}

/// `GET /tasks/{id}/progress`: each step as done, active or pending; for the requester too.
pub(super) async fn progress(principal: Principal, Path(id): Path<Uuid>) -> Result<impl IntoResponse, Problem> {
    let case = find(Key::Task(id), &caller(&principal), Caller::may_follow).await?;
    Ok(Json(view::progress(&case)))
}

/// `GET /tasks/by-ticket/{number}/progress`: likewise.
pub(super) async fn progress_by_ticket(
    principal: Principal,
    Path(number): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let number = self::number(&number).ok_or_else(no_task)?;
    let case = find(Key::Number(number), &caller(&principal), Caller::may_follow).await?;
    Ok(Json(view::progress(&case)))
}
