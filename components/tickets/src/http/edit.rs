//! Other words for a ticket.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::Response;
use sdk::http::{Json, Path};
use sdk::{Principal, Problem};
use serde::Deserialize;

use super::caller::actor;
use super::command::{answer, change};
use super::visible;
use crate::domain::{self, Edit};

/// What may be edited. A field that is not here is refused, so that nobody takes an answer of 200 for its change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    subject: Option<String>,
    description: Option<String>,
}

/// `PATCH /{number}`: the requester while it is New, coordinators and the help desk's administrators until it is
/// resolved.
pub(super) async fn edit(
    principal: Principal,
    Path(number): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let actor = actor(&principal);
    let ticket = visible(&actor, &number).await?.ticket;
    if !actor.may_edit(&ticket) {
        return Err(Problem::forbidden("Only the requester and coordinators edit a ticket."));
    }
    let Json(Words { subject, description }) = Json::from_request(request, &()).await?;
    let wanted = Edit { subject, description };
    let changed = change(&actor, ticket, &headers, |ticket, now| domain::edit(ticket, &wanted, &actor, now)).await?;
    answer(&changed.ticket).await
}
