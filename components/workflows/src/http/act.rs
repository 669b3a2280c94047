//! What the assignee of an item does: begin, and be done with it.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use sdk::http::{Json, Path};
use sdk::uuid::Uuid;
use sdk::{Principal, Problem, clock};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tasks::store::Key;
use tasks::{Change, Command, desk};

use super::caller::{trace, worker};
use super::refusal::problem;
use super::{said, view};
use crate::domain::Caller;

/// How somebody is done with a step.
#[derive(Debug, Deserialize)]
struct Acting {
    /// Null finishes; to leave it out is a mistake.
    #[serde(deserialize_with = "nullable")]
    transition_id: Option<Uuid>,
    #[serde(default)]
    notes: Option<String>,
    #[serde(default)]
    row_version: Option<i64>,
}

/// A field that must be there, also if it is null.
fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
    Option::deserialize(deserializer)
}

/// `POST /tasks/items/{id}/start`: 200 with the task; 409 for an item that is not new.
pub(super) async fn start(
    principal: Principal,
    Path(item): Path<Uuid>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let caller = worker(&principal)?;
    let command = Command::Start { item };
    let change = desk::carry_out(Key::Item(item), &command, &caller.actor(), &trace(&headers)).await;
    Ok(Json(view::whole(&change.map_err(problem)?.case, &caller, clock::now().0)))
}

/// `POST /tasks/{id}/transition`: 200 with the task, the step that was left and the item that follows.
pub(super) async fn transition(
    principal: Principal,
    Path(task): Path<Uuid>,
    headers: HeaderMap,
    request: Request,
) -> Result<impl IntoResponse, Problem> {
    let caller = worker(&principal)?;
    let Json(acting) = Json::<Acting>::from_request(request, &()).await?;
    let command = Command::Act {
        transition: acting.transition_id,
        notes: said("notes", acting.notes)?,
        row_version: acting.row_version,
    };
    let change = desk::carry_out(Key::Task(task), &command, &caller.actor(), &trace(&headers)).await;
    Ok(Json(moved(&change.map_err(problem)?, &caller, clock::now().0)))
}

fn moved(change: &Change, caller: &Caller, now: i64) -> Value {
    let case = &change.case;
    let left = change.touched.iter().find_map(|id| case.item(*id));
    let next = change.added.and_then(|id| case.item(id));
    let mut body = view::whole(case, caller, now);
    if let Some(members) = body.as_object_mut() {
        members.insert("previous_step".to_owned(), left.map_or(Value::Null, |item| view::step_of(case, item)));
        members.insert("next_item".to_owned(), next.map_or(Value::Null, |item| view::item(case, item, now)));
    }
    body
}

#[cfg(test)]
mod tests {
    use sdk::http::parse_json;

    use super::*;

    #[test]
    fn finishing_has_to_be_said() {
        let read = |text: &str| parse_json::<Acting>(text.as_bytes());
        assert_eq!(read(r#"{"transition_id":null}"#).unwrap().transition_id, None);
        for wrong in [r#"{"notes":"done"}"#, r#"{"transition_id":7,"notes":"done"}"#] {
            let problem = read(wrong).unwrap_err();
            assert_eq!((problem.status(), problem.errors()[0].field.as_str()), (422, "transition_id"), "{wrong}");
        }
    }
}
