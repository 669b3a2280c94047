//! Routes, rights and answers. Every handler: authorise, load, decide, save, answer. No SQL.

mod attachments;
mod auto_close;
mod caller;
mod catalogue;
mod command;
mod coordinator;
mod demo;
mod edit;
mod list;
mod log;
mod messages;
mod operations;
mod requester;
mod status;
mod submit;
mod upload;
mod view;

pub(crate) use view::Names;

use axum::Router;
use axum::routing::{get, post};
use sdk::problem::{Invalid, Problem};

use crate::domain::{Actor, FieldError, Ticket, is_number};
use crate::store;

/// Every route of the room; the paths are those a browser asks, prefix included.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/api/v1/tickets", get(list::list).post(submit::submit))
        .route("/api/v1/tickets/", get(list::list).post(submit::submit))
        .route("/api/v1/tickets/catalogue", get(catalogue::catalogue))
        .route("/api/v1/tickets/{number}", get(view::show).patch(edit::edit))
        .route("/api/v1/tickets/{number}/approve", post(coordinator::approve))
        .route("/api/v1/tickets/{number}/reject", post(coordinator::reject))
        .route("/api/v1/tickets/{number}/claim", post(coordinator::claim))
        .route("/api/v1/tickets/{number}/status", post(status::set))
        .route("/api/v1/tickets/{number}/withdraw", post(requester::withdraw))
        .route("/api/v1/tickets/{number}/reopen", post(requester::reopen))
        .route("/api/v1/tickets/{number}/csat", post(requester::rate))
        .route("/api/v1/tickets/{number}/events", get(log::events))
        .route("/api/v1/tickets/{number}/attachments", get(attachments::list).post(attachments::attach))
        .route("/api/v1/tickets/{number}/attachments/{id}", get(attachments::download))
        .route("/readyz", get(operations::ready))
        .route("/internal/sweep", post(operations::sweep))
        .route("/internal/auto-close", post(auto_close::auto_close))
        .route("/internal/demo", post(demo::seed))
        .route("/messages", post(messages::take))
}

/// A ticket that the caller may see.
struct Seen {
    ticket: Ticket,
    /// They see what stays among staff.
    as_staff: bool,
}

/// The ticket, if the caller may see it. Somebody else's ticket is answered as one that does not exist, so that
/// numbers cannot be tried out.
async fn visible(actor: &Actor, number: &str) -> Result<Seen, Problem> {
    let none = || Problem::not_found("There is no such ticket.");
    if !is_number(number) {
        return Err(none());
    }
    let ticket = store::by_number(number).await?.ok_or_else(none)?;
    let takes_part = actor.is_agent() && !actor.may_see_all() && store::takes_part(&ticket.id, &actor.id).await?;
    let as_staff = actor.is_staff_of(takes_part);
    if actor.may_see(&ticket, takes_part) { Ok(Seen { ticket, as_staff }) } else { Err(none()) }
}

fn invalid(errors: Vec<FieldError>) -> Problem {
    errors.into_iter().map(|error| (error.field, error.message)).collect::<Invalid>().into()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use futures::executor::block_on;
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn nobody_reaches_a_ticket_without_signing_in() {
        let number = "/api/v1/tickets/TX20261122000001";
        let file = format!("{number}/attachments/0193f3a0-0000-7000-8000-000000000000");
        let routes = [
            ("GET", "/api/v1/tickets/".to_owned()),
            ("POST", "/api/v1/tickets/".to_owned()),
            ("GET", "/api/v1/tickets/catalogue".to_owned()),
            ("GET", number.to_owned()),
            ("PATCH", number.to_owned()),
            ("POST", format!("{number}/approve")),
            ("POST", format!("{number}/reject")),
            ("POST", format!("{number}/claim")),
            ("POST", format!("{number}/status")),
            ("POST", format!("{number}/withdraw")),
            ("POST", format!("{number}/reopen")),
            ("POST", format!("{number}/csat")),
            ("GET", format!("{number}/events")),
            ("GET", format!("{number}/attachments")),
            ("POST", format!("{number}/attachments")),
            ("GET", file),
        ];
        for (method, path) in routes {
            let request = Request::builder().method(method).uri(&path).body(Body::empty()).unwrap();
            let response = block_on(router().oneshot(request)).unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}
