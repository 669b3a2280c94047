//! Routes, bodies, cookies and answers. Each handler authorises, loads, lets `domain` decide, saves and answers.

use axum::Router;
use axum::routing::{get, post};
use http::HeaderMap;
use sdk::Problem;
use sdk::sql::{self, Isolation};

use crate::domain::sign_in::Refusal;
use crate::keys::Keys;
use crate::store::journal::Caller;
use crate::store::users;

mod cookies;
mod demo;
mod key_set;
mod login;
mod logout;
mod me;
mod refresh;
mod session;
mod view;

/// All routes of the room; driven by [`sdk::http::serve`].
pub fn router() -> Router {
    Router::new()
        .route("/api/v1/auth/login", post(login::login))
        .route("/api/v1/auth/token/refresh", post(refresh::refresh))
        .route("/api/v1/auth/logout", post(logout::logout))
        .route("/api/v1/auth/me", get(me::me))
        .route("/api/v1/auth/.well-known/jwks.json", get(key_set::key_set))
        .route("/readyz", get(ready))
        .route("/internal/demo", post(demo::seed))
}

/// Ready if the signing key is there and the database answers with the present schema.
async fn ready(_keys: Keys) -> Result<&'static str, Problem> {
    let tx = sql::begin_with(Isolation::ReadCommitted, true).await?;
    users::exist(&tx).await?;
    tx.rollback().await?;
    Ok("ready\n")
}

/// Longest user agent that is kept; the rest tells nobody anything.
const USER_AGENT_CHARS_MAX: usize = 255;

/// Where a request comes from, for the journal.
fn caller(headers: &HeaderMap) -> Caller {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Caller {
        address: sdk::http::client_address(headers).map(str::to_owned),
        user_agent: text("user-agent").map(|agent| agent.chars().take(USER_AGENT_CHARS_MAX).collect()),
        request_id: text("x-request-id").map(str::to_owned),
    }
}

/// How a refusal is told.
fn refuse(refusal: Refusal) -> Problem {
    let wait = |seconds: u64| format!("Try again in {} minutes.", seconds.div_ceil(60));
    match refusal {
        Refusal::Credentials { left } => {
            let uniform = "E-mail address or password is wrong.".to_owned();
            Problem::unauthorized(match left {
                None => uniform,
                Some(1) => format!("{uniform} One more failure locks the account for a while."),
                Some(left) => format!("{uniform} After {left} more failures the account is locked for a while."),
            })
        }
        Refusal::Locked { seconds } => Problem::new(sdk::problem::Slug::Locked)
            .detail(format!("The account is locked after too many failures. {}", wait(seconds)))
            .retry_after(seconds),
        Refusal::Limited { seconds } => Problem::new(sdk::problem::Slug::RateLimited)
            .detail(format!("Too many failures from your address. {}", wait(seconds)))
            .retry_after(seconds),
        Refusal::Pending => Problem::forbidden("Your account waits for its approval."),
        Refusal::Rejected => Problem::forbidden("Your account was not approved."),
        Refusal::CodeNeeded => Problem::forbidden("Your account asks for one-time codes, which are not available yet."),
    }
}
