//! Calls to other components.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use body::{BoxError, Caller, Deadline, Request, RequestId, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use outbound::{Chain, Config, Error, OutboundCtx};

use crate::fixture::{LONG, fetch, get, serving, text, timeouts};

const ALL: &[&str] = &["http://*.spin.internal"];
const URL: &str = "http://auth.spin.internal/keys?x=1";

fn answering(answer: impl Fn() -> Result<Response, BoxError> + Send + Sync + 'static) -> Chain {
    Arc::new(move |_, _| {
        let answer = answer();
        Box::pin(async move { answer })
    })
}

fn ctx(chain: Chain) -> OutboundCtx {
    serving(Config::default(), chain, ALL)
}

#[tokio::test]
async fn the_callee_learns_who_calls_and_until_when() {
    let seen: Arc<Mutex<Option<(String, Request)>>> = Arc::default();
    let record = Arc::clone(&seen);
    let chain: Chain = Arc::new(move |id, request| {
        *record.lock().unwrap() = Some((id, request));
        Box::pin(async { Ok(Response::new(body::full("keys"))) })
    });
    let mut ctx = ctx(chain);
    let deadline = Instant::now() + LONG;
    ctx.begin_request(deadline, Some(RequestId("req-7".into())), 2, None);
    let mut request = get(URL);
    for name in ["x-wharf-caller", "x-wharf-queue", "spin-client-addr", "x-request-id", "host"] {
        request.headers_mut().append(name, HeaderValue::from_static("forged"));
        request.headers_mut().append(name, HeaderValue::from_static("forged"));
    }
    request.headers_mut().insert("cookie", HeaderValue::from_static("kept"));
    assert_eq!(text(ctx.send(request, timeouts()).await.unwrap()).await, "keys");

    let (id, request) = seen.lock().unwrap().take().unwrap();
    assert_eq!(id, "auth");
    assert_eq!(request.uri(), URL);
    let extensions = request.extensions();
    assert_eq!(extensions.get(), Some(&Caller { component: "tickets".into(), depth: 3 }));
    assert_eq!(extensions.get(), Some(&RequestId("req-7".into())));
    assert_eq!(extensions.get(), Some(&Deadline(deadline)));
    assert_eq!(request.headers()["x-wharf-caller"], "tickets");
    assert_eq!(request.headers()["x-request-id"], "req-7");
    assert_eq!(request.headers()["cookie"], "kept");
    assert!(!request.headers().contains_key(HOST));
    assert!(!request.headers().values().any(|value| value == "forged"));
}

#[tokio::test]
async fn only_granted_components_are_called() {
    let chain = || answering(|| Ok(Response::new(body::full("keys"))));
    let with = |allowed: &[&str]| serving(Config::default(), chain(), allowed);
    assert!(fetch(&with(&["http://auth.spin.internal"]), URL).await.is_ok());
    assert!(fetch(&with(&["*://*.spin.internal"]), URL).await.is_ok());
    for allowed in [&[][..], &["http://tickets.spin.internal"], &["https://auth.spin.internal"]] {
        assert!(matches!(fetch(&with(allowed), URL).await, Err(Error::Denied { .. })), "{allowed:?}");
    }
    let secure = fetch(&with(&["*://*.spin.internal"]), "https://auth.spin.internal/").await;
    assert!(matches!(secure, Err(Error::Request { .. })));
}

#[tokio::test]
async fn a_circle_of_calls_ends_at_the_eighth() {
    let mut ctx = ctx(answering(|| Ok(Response::new(body::empty()))));
    ctx.begin_request(Instant::now() + LONG, None, 7, None);
    assert!(fetch(&ctx, URL).await.is_ok());
    ctx.begin_request(Instant::now() + LONG, None, 8, None);
    assert!(matches!(fetch(&ctx, URL).await, Err(Error::TooDeep { limit: 8 })));
}

#[tokio::test]
async fn a_callee_that_fails_is_a_bad_gateway() {
    let response = fetch(&ctx(answering(|| Err("trap: secret detail".into()))), URL).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    assert_eq!(
        text(response).await,
        r#"{"type":"/problems/bad-gateway","title":"Bad Gateway","status":502,"detail":"component auth failed","instance":"req-1"}"#
    );
}

#[tokio::test]
async fn an_answer_is_kept_whatever_its_status() {
    for status in [500, 503, 504] {
        let chain = answering(move || Ok(http::Response::builder().status(status).body(body::empty())?));
        assert_eq!(fetch(&ctx(chain), URL).await.unwrap().status(), status);
    }
}

#[tokio::test]
async fn an_unknown_component_is_an_error() {
    let chain = answering(|| Err(Error::UnknownComponent { component: "auth".to_owned() }.into()));
    assert!(matches!(fetch(&ctx(chain), URL).await, Err(Error::UnknownComponent { .. })));
}

#[tokio::test]
async fn a_callee_that_never_answers_costs_no_more_than_the_deadline() {
    let chain: Chain = Arc::new(|_, _| Box::pin(std::future::pending()));
    let mut ctx = ctx(chain);
    ctx.begin_request(Instant::now() + crate::fixture::SHORT, None, 0, None);
    assert!(matches!(fetch(&ctx, URL).await, Err(Error::Timeout)));
}
