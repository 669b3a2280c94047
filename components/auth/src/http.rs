//! Routes, bodies, cookies and answers. Each handler authorises, loads, lets `domain` decide, saves and answers.

use axum::Router;
use axum::routing::{get, patch, post};
use http::HeaderMap;
use sdk::Problem;
use sdk::sql::{self, Isolation};

use crate::domain::sign_in::Refusal;
use crate::keys::Keys;
use crate::store::journal::Caller;
use crate::store::users;

mod approval;
mod assignments;
mod attempt;
mod audit;
mod batch;
mod change;
mod codes;
mod confirm;
mod cookies;
mod demo;
mod key_set;
mod limits;
mod login;
mod logout;
mod me;
mod password;
mod people;
mod post;
mod purge;
mod refresh;
mod register;
mod session;
mod signed_in;
mod two_factor;
mod view;

#[cfg(test)]
mod tests;

/// All routes of the room; driven by [`sdk::http::serve`].
pub fn router() -> Router {
    Router::new()
        .route("/api/v1/auth/login", post(login::login))
        .route("/api/v1/auth/login/otp", post(codes::answer))
        .route("/api/v1/auth/login/otp/resend", post(codes::resend))
        .route("/api/v1/auth/token/refresh", post(refresh::refresh))
        .route("/api/v1/auth/logout", post(logout::logout))
        .route("/api/v1/auth/.well-known/jwks.json", get(key_set::key_set))
        .route("/api/v1/auth/register", post(register::register))
        .route("/api/v1/auth/password/forgot", post(password::forgot))
        .route("/api/v1/auth/password/reset", post(password::reset))
        .route("/api/v1/auth/password/reset/{token}", get(password::check))
        .route("/api/v1/auth/me", get(me::me).patch(me::change))
        .route("/api/v1/auth/me/password", post(password::change))
        .route("/api/v1/auth/2fa/enable", post(two_factor::enable))
        .route("/api/v1/auth/2fa/request", post(two_factor::request))
        .route("/api/v1/auth/2fa/disable", post(two_factor::disable))
        .route("/api/v1/auth/users", get(people::list))
        .route("/api/v1/auth/users/batch", get(batch::batch))
        .route("/api/v1/auth/users/{id}", get(people::show).patch(people::change))
        .route("/api/v1/auth/users/{id}/approve", post(approval::approve))
        .route("/api/v1/auth/users/{id}/reject", post(approval::reject))
        .route("/api/v1/auth/users/{id}/unlock", post(approval::unlock))
        .route("/api/v1/auth/roles", get(assignments::roles))
        .route("/api/v1/auth/assignments", get(assignments::list).post(assignments::assign))
        .route("/api/v1/auth/assignments/{id}", patch(assignments::change).delete(assignments::remove))
        .route("/api/v1/auth/audit", get(audit::list))
        .route("/readyz", get(ready))
        .route("/internal/demo", post(demo::seed))
        .route("/internal/purge", post(purge::purge))
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
        Refusal::Codes { seconds } => limits::too_many(seconds),
    }
}
