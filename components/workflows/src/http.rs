//! Routes, rights and answers. Every handler: authorise, load, decide, save, answer. No SQL.

mod act;
mod assign;
mod audit;
mod board;
mod caller;
mod demo;
mod designer;
mod hand;
mod operations;
mod refusal;
mod report;
mod roles;
mod show;
mod view;

use axum::Router;
use axum::routing::{get, post};
use sdk::Problem;
use sdk::problem::Invalid;

use crate::domain::FieldError;

/// Twice the length that numbers have.
const NUMBER_MAX: usize = 32;

/// Every route of the room; the paths are those a browser asks, prefix included.
pub(crate) fn router() -> Router {
    Router::new()
        .merge(workflows())
        .merge(tasks())
        .merge(reports())
        .route("/readyz", get(operations::ready))
        .route("/internal/demo", post(demo::seed))
}

fn workflows() -> Router {
    Router::new()
        .route("/api/v1/workflows", get(designer::list).post(designer::create))
        .route("/api/v1/workflows/", get(designer::list).post(designer::create))
        .route("/api/v1/workflows/roles", get(roles::list))
        .route("/api/v1/workflows/audit", get(audit::list))
        .route("/api/v1/workflows/{id}", get(designer::show).patch(designer::patch))
        .route("/api/v1/workflows/{id}/graph", get(designer::show).put(designer::draw))
        .route("/api/v1/workflows/{id}/validation", get(designer::validate))
        .route("/api/v1/workflows/{id}/publish", post(designer::publish))
        .route("/api/v1/workflows/{id}/pause", post(designer::pause))
        .route("/api/v1/workflows/{id}/resume", post(designer::resume))
        .route("/api/v1/workflows/{id}/archive", post(designer::archive))
}

fn tasks() -> Router {
    Router::new()
        .route("/api/v1/workflows/tasks", get(board::all))
        .route("/api/v1/workflows/tasks/mine", get(board::mine))
        .route("/api/v1/workflows/tasks/owned", get(board::owned))
        .route("/api/v1/workflows/tasks/unassigned", get(board::unassigned))
        .route("/api/v1/workflows/tasks/assign", post(assign::assign))
        .route("/api/v1/workflows/tasks/by-ticket/{number}", get(show::by_ticket))
        .route("/api/v1/workflows/tasks/by-ticket/{number}/progress", get(show::progress_by_ticket))
        .route("/api/v1/workflows/tasks/items/{id}", get(show::by_item))
        .route("/api/v1/workflows/tasks/items/{id}/start", post(act::start))
        .route("/api/v1/workflows/tasks/items/{id}/escalate", post(hand::escalate))
        .route("/api/v1/workflows/tasks/items/{id}/transfer", post(hand::transfer))
        .route("/api/v1/workflows/tasks/{id}/transition", post(act::transition))
        .route("/api/v1/workflows/tasks/{id}/log", get(show::log))
        .route("/api/v1/workflows/tasks/{id}/progress", get(show::progress))
}

fn reports() -> Router {
    Router::new()
        .route("/api/v1/workflows/reports/tickets/dashboard", get(report::dashboard))
        .route("/api/v1/workflows/reports/tickets/sla", get(report::sla))
        .route("/api/v1/workflows/reports/tasks/status", get(report::status))
        .route("/api/v1/workflows/reports/tasks/users", get(report::users))
        .route("/api/v1/workflows/reports/tasks/transfers", get(report::transfers))
}

fn invalid(errors: Vec<FieldError>) -> Problem {
    errors.into_iter().map(|error| (error.field, error.message)).collect::<Invalid>().into()
}

/// What somebody says. Whether it is enough is for the rules; that it is text is for the door, since no database takes
/// U+0000.
fn said(field: &str, text: Option<String>) -> Result<String, Problem> {
    let text = text.unwrap_or_default();
    let mut wrong = Invalid::new();
    wrong.check(!text.contains('\0'), field, "must be text");
    wrong.finish().map(|()| text)
}

/// A ticket's number, if it can be one.
fn number(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_word = !text.is_empty() && text.len() <= NUMBER_MAX && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word.then_some(text)
}

fn forbidden() -> Problem {
    Problem::forbidden("Your roles do not allow this.")
}

#[cfg(test)]
mod tests;
