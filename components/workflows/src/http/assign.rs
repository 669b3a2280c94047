//! Tickets that no workflow took: an administrator gives them one.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sdk::http::Json;
use sdk::uuid::Uuid;
use sdk::{Principal, Problem, clock};
use serde::Deserialize;
use tasks::desk::{self, Failure};

use super::caller::{admin, trace};
use super::refusal::problem;
use super::{number, view};

/// Which ticket gets a task of which workflow.
#[derive(Debug, Deserialize)]
struct Assignment {
    ticket_number: String,
    workflow_id: Uuid,
}

/// `POST /tasks/assign` by an administrator: 201 with the task, its owner and its first assignee.
pub(super) async fn assign(principal: Principal, headers: HeaderMap, request: Request) -> Result<Response, Problem> {
    let caller = admin(&principal)?;
    let Json(Assignment { ticket_number, workflow_id }) = Json::from_request(request, &()).await?;
    let number = number(&ticket_number).ok_or_else(no_ticket)?;
    let change = desk::assign(number, workflow_id, &caller.actor(), &trace(&headers)).await;
    let change = change.map_err(|failure| match failure {
        Failure::Unknown => no_ticket(),
        failure => problem(failure),
    })?;
    let body = Json(view::whole(&change.case, &caller, clock::now().0));
    let mut response = (StatusCode::CREATED, body).into_response();
    let location = format!("/api/v1/workflows/tasks/by-ticket/{}", change.case.ticket.number);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

fn no_ticket() -> Problem {
    Problem::not_found("There is no approved ticket with this number.")
}
