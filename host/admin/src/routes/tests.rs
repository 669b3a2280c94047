//! The operator's routes, without a listener.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;
use crate::Check;

async fn ask(routes: &Router, method: &str, path: &str, body: &str) -> (u16, String) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let response = routes.clone().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

fn health(works: &Arc<AtomicBool>) -> Health {
    let works = Arc::clone(works);
    let check: Check = Arc::new(move || {
        let works = works.load(Ordering::Relaxed);
        Box::pin(async move { if works { Ok(()) } else { Err("the disk is full".to_owned()) } })
    });
    Health::new(Arc::new(move || BTreeMap::from([("sql".to_owned(), Arc::clone(&check))])))
}

#[tokio::test]
async fn readiness_follows_the_checks_and_a_start_is_remembered() {
    let works = Arc::new(AtomicBool::new(false));
    let routes = router(health(&works), Actions::default());
    assert_eq!(ask(&routes, "GET", "/livez", "").await.0, 200);
    assert_eq!(ask(&routes, "GET", "/startupz", "").await.0, 503);
    let (status, body) = ask(&routes, "GET", "/readyz", "").await;
    assert!(status == 503 && body.contains("the disk is full"), "{body}");
    assert_eq!(ask(&routes, "GET", "/readyz?exclude=sql", "").await.0, 200);
    works.store(true, Ordering::Relaxed);
    assert_eq!(ask(&routes, "GET", "/readyz", "").await.0, 200);
    works.store(false, Ordering::Relaxed);
    assert_eq!(ask(&routes, "GET", "/startupz", "").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_fails_within_its_limit() {
    let check: Check = Arc::new(|| Box::pin(std::future::pending()));
    let routes = router(
        Health::new(Arc::new(move || BTreeMap::from([("queue".to_owned(), Arc::clone(&check))]))),
        Actions::default(),
    );
    let (status, body) = ask(&routes, "GET", "/readyz", "").await;
    assert!(status == 503 && body.contains("two seconds"), "{body}");
}

#[tokio::test]
async fn a_stopping_host_is_not_ready() {
    let health = health(&Arc::new(AtomicBool::new(true)));
    let routes = router(health.clone(), Actions::default());
    health.drain();
    let (status, body) = ask(&routes, "GET", "/readyz", "").await;
    assert!(status == 503 && body.contains("stopping"), "{body}");
}

#[tokio::test]
async fn actions_that_are_not_there_are_not_found() {
    let routes = router(health(&Arc::new(AtomicBool::new(true))), Actions::default());
    // What changes something, or shows what messages say, is on the operator's doors alone.
    for (method, path) in
        [("GET", "/queues"), ("GET", "/queues/a/dead"), ("POST", "/queues/a/redrive"), ("GET", "/else")]
    {
        assert_eq!(ask(&routes, method, path, "").await.0, 404, "{path}");
    }
    assert_eq!(ask(&routes, "POST", "/test/clock", r#"{"advance_s":1}"#).await.0, 404);
}

#[tokio::test]
async fn the_clock_is_set_forward_where_tests_may() {
    let seconds = Arc::new(AtomicU64::new(0));
    let set = Arc::clone(&seconds);
    let advance: Arc<dyn Fn(Duration) + Send + Sync> = Arc::new(move |by| set.store(by.as_secs(), Ordering::Relaxed));
    let actions = Actions { advance_clock: Some(advance), ..Actions::default() };
    let routes = router(health(&Arc::new(AtomicBool::new(true))), actions);
    assert_eq!(ask(&routes, "POST", "/test/clock", r#"{"advance_s":60}"#).await.0, 200);
    assert_eq!(seconds.load(Ordering::Relaxed), 60);
}
