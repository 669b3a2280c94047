//! Handles messages as their bodies say, and notes every attempt in the table `handled (id, attempt)`.

use sdk::axum::http::{HeaderMap, StatusCode};
use sdk::axum::response::{IntoResponse, Response};
use sdk::bytes::Bytes;
use sdk::sql::Value;
use sdk::{Delivery, Problem};
use serde::Deserialize;
use spin_sdk::wasip3::clocks::monotonic_clock;

/// What a message wants.
#[derive(Deserialize)]
struct Wish {
    /// Status to answer, by default 204.
    #[serde(default)]
    status: Option<u16>,
    /// Attempts that fail with 503 before one succeeds.
    #[serde(default)]
    fail: u32,
    /// Whether to trap.
    #[serde(default)]
    trap: bool,
    /// Milliseconds to take.
    #[serde(default)]
    take_ms: u64,
}

pub(crate) async fn consume(delivery: Delivery<Bytes>) -> Result<Response, Problem> {
    let Delivery { id, attempt, data: wish, .. } = delivery.parse::<Wish>()?;
    if wish.take_ms > 0 {
        monotonic_clock::wait_for(wish.take_ms * 1_000_000).await;
    }
    let params = vec![Value::Text(id), Value::Int64(i64::from(attempt))];
    sdk::sql::execute("INSERT INTO handled (id, attempt) VALUES ($1, $2)", params).await?;
    assert!(!wish.trap, "as asked");
    if attempt <= wish.fail {
        return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    let status = wish.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::NO_CONTENT);
    Ok((status, "as the message wished").into_response())
}

/// A schedule's request.
pub(crate) async fn tick(headers: HeaderMap) -> Result<StatusCode, Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let params = vec![Value::Text(format!("{} {}", text("x-wharf-cron"), text("ce-time"))), Value::Int64(0)];
    sdk::sql::execute("INSERT INTO handled (id, attempt) VALUES ($1, $2)", params).await?;
    Ok(StatusCode::NO_CONTENT)
}
