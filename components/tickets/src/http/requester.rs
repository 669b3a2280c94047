//! What is the requester's alone: to take the ticket back, to want it reopened, to judge the work.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::Response;
use sdk::http::{Json, Path};
use sdk::{Principal, Problem};
use serde::Deserialize;

use super::caller::actor;
use super::command::{answer, carry_out};
use super::visible;
use crate::domain::{Actor, Command, Ticket};

#[derive(Debug, Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Opinion {
    rating: Option<i64>,
    feedback: Option<String>,
}

/// `POST /{number}/withdraw`: the ticket and its task end.
pub(super) async fn withdraw(
    principal: Principal,
    Path(number): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let (actor, ticket) = own(&principal, &number).await?;
    let Json(Reason { reason }) = Json::from_request(request, &()).await?;
    answer(&carry_out(&actor, ticket, &headers, &Command::Withdraw { reason }).await?.ticket).await
}

/// `POST /{number}/reopen`: within 72 hours after its resolution the ticket is Open again, and gets a new task.
pub(super) async fn reopen(
    principal: Principal,
    Path(number): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let (actor, ticket) = own(&principal, &number).await?;
    let Json(Reason { reason }) = Json::from_request(request, &()).await?;
    answer(&carry_out(&actor, ticket, &headers, &Command::Reopen { reason }).await?.ticket).await
}

/// `POST /{number}/csat`: stars for a closed ticket, once.
pub(super) async fn rate(
    principal: Principal,
    Path(number): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let (actor, ticket) = own(&principal, &number).await?;
    let Json(opinion) = Json::<Opinion>::from_request(request, &()).await?;
    answer(&carry_out(&actor, ticket, &headers, &opinion.command()).await?.ticket).await
}

impl Opinion {
    /// A rating that is absent or no small number becomes one that the domain refuses.
    fn command(self) -> Command {
        let stars = self.rating.and_then(|stars| u8::try_from(stars).ok()).unwrap_or(0);
        Command::Rate { stars, feedback: self.feedback }
    }
}

/// The caller and their own ticket; those who see it without having asked for it may not.
async fn own(principal: &Principal, number: &str) -> Result<(Actor, Ticket), Problem> {
    let actor = actor(principal);
    let ticket = visible(&actor, number).await?.ticket;
    if actor.is_requester(&ticket) {
        Ok((actor, ticket))
    } else {
        Err(Problem::forbidden("Only the requester decides this."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_that_is_no_small_number_is_none() {
        for (given, read) in [(Some(5), 5), (Some(6), 6), (Some(-1), 0), (Some(256), 0), (None, 0)] {
            let command = Opinion { rating: given, feedback: None }.command();
            assert_eq!(command, Command::Rate { stars: read, feedback: None }, "{given:?}");
        }
    }
}
