//! What coordinators and the help desk's administrators decide: approve, reject, claim.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::Response;
use sdk::http::{Json, Path};
use sdk::problem::Invalid;
use sdk::{Principal, Problem};
use serde::Deserialize;

use super::caller::actor;
use super::command::{answer, carry_out};
use super::visible;
use crate::domain::{Actor, Catalogue, Command, Priority};
use crate::store;

#[derive(Debug, Deserialize)]
struct Approval {
    priority: Option<String>,
    department: Option<String>,
    #[serde(rename = "approval_notes")]
    notes: Option<String>,
}

/// `POST /{number}/approve`: New or Pending becomes Open, and a workflow may begin.
pub(super) async fn approve(
    principal: Principal,
    Path(number): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let actor = coordinator(&principal)?;
    let catalogue = store::catalogue().await?;
    let Json(approval) = Json::<Approval>::from_request(request, &()).await?;
    let command = approval.command(&catalogue)?;
    let ticket = visible(&actor, &number).await?.ticket;
    answer(&carry_out(&actor, ticket, &headers, &command).await?.ticket).await
}

impl Approval {
    fn command(self, catalogue: &Catalogue) -> Result<Command, Problem> {
        let mut wrong = Invalid::new();
        let priority = self.priority.as_deref().and_then(Priority::read);
        wrong.check(priority.is_some(), "priority", "must be Critical, High, Medium or Low");
        let department = self.department.as_deref().and_then(|text| catalogue.department(text));
        wrong.check(department.is_some(), "department", "must be a department of the catalogue");
        let (Some(priority), Some(department)) = (priority, department) else { return Err(wrong.into()) };
        Ok(Command::Approve { priority, department: department.code.clone(), notes: self.notes })
    }
}

#[derive(Debug, Deserialize)]
struct Rejection {
    #[serde(rename = "rejection_reason", default)]
    reason: String,
}

/// `POST /{number}/reject`: New becomes Rejected.
pub(super) async fn reject(
    principal: Principal,
    Path(number): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let actor = coordinator(&principal)?;
    let Json(Rejection { reason }) = Json::from_request(request, &()).await?;
    let ticket = visible(&actor, &number).await?.ticket;
    answer(&carry_out(&actor, ticket, &headers, &Command::Reject { reason }).await?.ticket).await
}

/// `POST /{number}/claim`: the coordinator takes the work, and Open becomes In Progress. There is no body.
pub(super) async fn claim(
    principal: Principal,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let actor = coordinator(&principal)?;
    let ticket = visible(&actor, &number).await?.ticket;
    answer(&carry_out(&actor, ticket, &headers, &Command::Claim { note: None }).await?.ticket).await
}

/// The caller, if these decisions are theirs; told before anything else is read.
fn coordinator(principal: &Principal) -> Result<Actor, Problem> {
    let actor = actor(principal);
    let refuse = || Problem::forbidden("Only ticket coordinators and help desk administrators decide this.");
    if actor.may_coordinate() { Ok(actor) } else { Err(refuse()) }
}
