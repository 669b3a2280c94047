//! Routes, rights and answers. Every handler: authorise, load, decide, save with its message in one transaction, tell
//! the open pages, answer. No SQL.

mod caller;
mod create;
mod demo;
mod documents;
mod draft;
mod edit;
mod list;
mod operations;
mod rating;
mod reading;
mod stream;
mod upload;
mod view;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use sdk::bytes::Bytes;
use sdk::sql::{self, Transaction};
use sdk::{Delivery, Problem};
use uuid::Uuid;

use crate::domain::{Actor, Comment, Part, Refusal, Standing, is_number, standing};
use crate::{events, store};

/// Every route of the room; the paths are those a browser asks, prefix included.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/api/v1/comments", get(list::list).post(create::create))
        .route("/api/v1/comments/", get(list::list).post(create::create))
        .route("/api/v1/comments/stream", get(stream::open))
        .route("/api/v1/comments/read", post(reading::mark))
        .route("/api/v1/comments/documents/{id}", get(documents::download))
        .route("/api/v1/comments/{id}", get(list::show).patch(edit::edit).delete(edit::delete))
        .route("/api/v1/comments/{id}/replies", post(create::reply))
        .route("/api/v1/comments/{id}/rating", put(rating::rate))
        .route("/messages", post(take))
        .route("/readyz", get(operations::ready))
        .route("/internal/sweep", post(operations::sweep))
        .route("/internal/demo", post(demo::seed))
}

/// 204 acknowledges; see [`events::handle`] for the rest.
async fn take(delivery: Delivery<Bytes>) -> Result<StatusCode, Problem> {
    events::handle(delivery).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How the caller stands to a ticket, and who takes part in it.
type Admission = (Standing, Vec<Part>);

/// Nothing if the ticket does not exist for the caller.
async fn admission(tx: &Transaction, actor: &Actor, number: &str) -> Result<Option<Admission>, sql::Error> {
    let parts = if is_number(number) { store::parts(tx, number).await? } else { Vec::new() };
    Ok(standing(actor, &parts).map(|standing| (standing, parts)))
}

/// As [`admission`]; a ticket that is none of the caller's business is answered as one that does not exist.
async fn admitted(tx: &Transaction, actor: &Actor, number: &str) -> Result<Admission, Problem> {
    let none = || Problem::not_found("There is no such ticket, or it was submitted a moment ago; then try again.");
    admission(tx, actor, number).await?.ok_or_else(none)
}

/// A comment that the caller may see, with how they stand to its ticket and who takes part in that.
struct Seen {
    comment: Comment,
    standing: Standing,
    parts: Vec<Part>,
}

/// The comment, if it exists for the caller. A deleted one does as long as somebody's answer keeps its place.
async fn find(tx: &Transaction, actor: &Actor, id: Uuid) -> Result<Option<Seen>, sql::Error> {
    let Some(comment) = store::by_id(tx, id).await? else { return Ok(None) };
    let Some((standing, parts)) = admission(tx, actor, &comment.number).await? else { return Ok(None) };
    let is_gone = comment.deleted_at.is_some() && !store::has_live_reply(tx, id).await?;
    let exists = !is_gone && standing.sees(comment.visibility);
    Ok(exists.then_some(Seen { comment, standing, parts }))
}

/// As [`find`], where it must be there.
async fn seen(tx: &Transaction, actor: &Actor, id: Uuid) -> Result<Seen, Problem> {
    find(tx, actor, id).await?.ok_or_else(|| Problem::not_found("There is no such comment."))
}

/// The answer to what the domain refuses.
fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Forbidden(reason) => Problem::forbidden(reason),
        Refusal::State(reason) => Problem::conflict(reason),
        Refusal::Invalid { field, message } => Problem::invalid(field, message),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use futures::executor::block_on;
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn nobody_reaches_a_comment_without_signing_in() {
        let comment = "/api/v1/comments/0193f3a0-0000-7000-8000-000000000000";
        let routes = [
            ("GET", "/api/v1/comments?ticket=TX20261122000001".to_owned()),
            ("GET", "/api/v1/comments/?ticket=TX20261122000001".to_owned()),
            ("POST", "/api/v1/comments".to_owned()),
            ("POST", "/api/v1/comments/".to_owned()),
            ("GET", "/api/v1/comments/stream?ticket=TX20261122000001".to_owned()),
            ("POST", "/api/v1/comments/read".to_owned()),
            ("GET", "/api/v1/comments/documents/0193f3a0-0000-7000-8000-000000000000".to_owned()),
            ("GET", comment.to_owned()),
            ("PATCH", comment.to_owned()),
            ("DELETE", comment.to_owned()),
            ("POST", format!("{comment}/replies")),
            ("PUT", format!("{comment}/rating")),
        ];
        for (method, path) in routes {
            let request = Request::builder().method(method).uri(&path).body(Body::empty()).unwrap();
            let response = block_on(router().oneshot(request)).unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }

    #[test]
    fn what_the_domain_refuses_has_its_status() {
        assert_eq!(refused(Refusal::Forbidden("no")).status(), 403);
        assert_eq!(refused(Refusal::State("no")).status(), 409);
        let problem = refused(Refusal::Invalid { field: "content", message: "no".to_owned() });
        assert_eq!((problem.status(), problem.errors()[0].field.as_str()), (422, "content"));
    }
}
