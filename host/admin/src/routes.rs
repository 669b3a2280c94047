//! The routes of the operator's listener.

use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use edge::{Problem, Slug};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::probe::Outcomes;
use crate::{Actions, Health};

/// Furthest jump of the test clock: ten years.
const ADVANCE_MAX_S: u64 = 10 * 365 * 24 * 3600;

/// Serves the routes until `shutdown`; requests that run then are finished.
pub async fn serve(listener: TcpListener, routes: Router, shutdown: CancellationToken) {
    let served = axum::serve(listener, routes).with_graceful_shutdown(shutdown.cancelled_owned());
    if let Err(error) = served.await {
        tracing::error!(%error, "the admin listener ended");
    }
}

/// The routes: `/livez`, `/readyz`, `/startupz`, and the actions there are.
pub fn router(health: Health, actions: Actions) -> Router {
    Router::new()
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(ready))
        .route("/startupz", get(started))
        .route("/queues", get(queues))
        .route("/test/clock", post(advance_clock))
        .fallback(async || problem(Problem::new(Slug::NotFound)))
        .with_state(Shared { health, actions })
}

#[derive(Clone)]
struct Shared {
    health: Health,
    actions: Actions,
}

/// `?verbose` lists the checks; `?exclude=<name>` leaves one out.
async fn ready(State(Shared { health, .. }): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let except: Vec<_> = query.split('&').filter_map(|pair| pair.strip_prefix("exclude=")).collect();
    let outcomes = health.check(&except).await;
    let status = if outcomes.values().all(Result::is_ok) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let verbose = query.split('&').any(|pair| pair == "verbose") || status != StatusCode::OK;
    let body = if verbose { described(&outcomes) } else { json!({ "ready": true }) };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn described(outcomes: &Outcomes) -> Value {
    let checks = outcomes.iter().map(|(name, outcome)| match outcome {
        Ok(()) => json!({ "name": name, "ok": true }),
        Err(reason) => json!({ "name": name, "ok": false, "reason": reason }),
    });
    json!({ "ready": outcomes.values().all(Result::is_ok), "checks": checks.collect::<Vec<_>>() })
}

async fn started(State(Shared { health, .. }): State<Shared>) -> StatusCode {
    if health.started().await { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

async fn queues(State(Shared { actions, .. }): State<Shared>) -> Response {
    let Some(queues) = actions.queues else { return absent() };
    answer(queues().await)
}

#[derive(Deserialize)]
struct Advance {
    advance_s: u64,
}

async fn advance_clock(State(Shared { actions, .. }): State<Shared>, Json(advance): Json<Advance>) -> Response {
    let Some(advance_clock) = actions.advance_clock else { return absent() };
    advance_clock(Duration::from_secs(advance.advance_s.min(ADVANCE_MAX_S)));
    Json(json!({})).into_response()
}

fn answer(result: Result<Value, String>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(reason) => problem(Problem::new(Slug::Unavailable).detail(reason)),
    }
}

fn absent() -> Response {
    problem(Problem::new(Slug::NotFound))
}

fn problem(problem: Problem) -> Response {
    let (parts, body) = problem.into_response().into_parts();
    Response::from_parts(parts, axum::body::Body::new(body))
}

#[cfg(test)]
mod tests;
