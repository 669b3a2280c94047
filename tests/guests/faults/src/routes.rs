//! The ways to fail.
#![expect(clippy::panic, reason = "that is what it is for")]

use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use futures::SinkExt;
use sdk::axum::Router;
use sdk::axum::body::{Body, to_bytes};
use sdk::axum::extract::Query;
use sdk::axum::http::StatusCode;
use sdk::axum::response::{IntoResponse, Response};
use sdk::axum::routing::{get, post};
use spin_sdk::wasip3::clocks::monotonic_clock;

static SERVED: AtomicU32 = AtomicU32::new(0);

/// Every path, and what it does.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/ok", get(async || "ok"))
        .route("/served", get(async || (SERVED.fetch_add(1, Ordering::Relaxed) + 1).to_string()))
        .route("/trap", get(trap))
        .route("/spin", get(spin))
        .route("/hoard", get(hoard))
        .route("/wait", get(wait))
        .route("/half", get(half))
        .route("/drip", get(drip))
        .route("/flood", get(flood))
        .route("/echo", post(async |body: Body| body))
        .route("/ignore", post(async || "ignored"))
        .route("/count", post(count))
        .route("/call", get(call))
}

async fn trap() -> &'static str {
    panic!("as asked");
}

async fn spin() -> &'static str {
    let mut turns = 0_u64;
    loop {
        turns = std::hint::black_box(turns.wrapping_add(1));
    }
}

async fn hoard() -> String {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(std::hint::black_box(vec![1; 1 << 20]));
    }
}

async fn wait() -> &'static str {
    monotonic_clock::wait_for(3_600_000_000_000).await;
    "waited an hour"
}

/// A head and a first piece, then a trap: the answer must not look complete.
async fn half() -> Response {
    let (mut sender, body) = spin_sdk::http::body::stream::<Bytes>();
    spin_sdk::wasip3::spawn(async move {
        let sent = sender.send(Bytes::from_static(b"first half, ")).await;
        monotonic_clock::wait_for(50_000_000).await;
        assert!(sent.is_err(), "the second half never comes");
        drop(sender);
    });
    Body::new(body).into_response()
}

/// A byte now and then, for ever.
async fn drip() -> Response {
    let (mut sender, body) = spin_sdk::http::body::stream::<Bytes>();
    spin_sdk::wasip3::spawn(async move {
        while sender.send(Bytes::from_static(b".")).await.is_ok() {
            monotonic_clock::wait_for(20_000_000).await;
        }
    });
    Body::new(body).into_response()
}

/// Large pieces, for ever.
async fn flood() -> Response {
    let (mut sender, body) = spin_sdk::http::body::stream::<Bytes>();
    let piece = Bytes::from(vec![b'x'; 64 << 10]);
    spin_sdk::wasip3::spawn(async move { while sender.send(piece.clone()).await.is_ok() {} });
    Body::new(body).into_response()
}

async fn count(body: Body) -> Response {
    match to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes.len().to_string().into_response(),
        Err(error) => (StatusCode::IM_A_TEAPOT, error.to_string()).into_response(),
    }
}

#[derive(serde::Deserialize)]
struct Target {
    url: String,
}

/// Calls somebody and tells what came of it.
async fn call(Query(Target { url }): Query<Target>) -> String {
    match spin_sdk::http::get(url).await {
        Ok(response) => {
            let status = response.status().as_u16();
            let body = to_bytes(Body::new(response.into_body()), 64 << 10).await.unwrap_or_default();
            format!("{status} {}", String::from_utf8_lossy(&body))
        }
        Err(error) => format!("error {error:?}"),
    }
}
