//! The log of a ticket.

use axum::response::IntoResponse;
use sdk::clock::Timestamp;
use sdk::http::{Json, Path, Query};
use sdk::page::Page;
use sdk::problem::Invalid;
use sdk::{Principal, Problem};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::actor;
use super::visible;
use crate::domain::Status;
use crate::store::{self, Line};

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    page: Option<String>,
    per_page: Option<String>,
}

/// `GET /{number}/events`: a page of the log, the oldest line first; internal lines only for staff.
pub(super) async fn events(
    principal: Principal,
    Path(number): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<impl IntoResponse, Problem> {
    let seen = visible(&actor(&principal), &number).await?;
    let mut wrong = Invalid::new();
    let page = Page::read(wanted.page, wanted.per_page, &mut wrong);
    wrong.finish()?;
    let found = store::entries_page(&seen.ticket.id, seen.as_staff, page).await?;
    Ok(Json(page.answer(found, |it| line(&it))))
}

/// One line.
pub(super) fn line(line: &Line) -> Value {
    json!({
        "id": line.id,
        "at": Timestamp(line.at).rfc3339(),
        "actor": line.actor,
        "kind": line.kind,
        "from": line.from.map(Status::label),
        "to": line.to.map(Status::label),
        "note": line.note,
        "is_internal": line.is_internal,
    })
}
