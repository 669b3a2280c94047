//! Who may not call each route, and what the routes do, without a listener.

use std::collections::BTreeSet;

use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::{Changed, DeadLetterView, Logs, Paused, QueueView, Queues, Scope, Token, Tokens, Which};

#[path = "../../tests/door/fake.rs"]
mod fake;

use fake::Fake;

/// Routes over a fake, as a stranger at this address meets them.
struct Door {
    fake: Arc<Fake>,
    routes: Router,
    tokens: Tokens,
    _state: tempfile::TempDir,
}

const FOREVER: u64 = u64::MAX;
const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn door() -> Door {
    let state = tempfile::tempdir().unwrap();
    let (fake, tokens) = (Fake::new(), Tokens::of(state.path()));
    let (control, queues) = (fake.clone(), fake.clone());
    let operator = Operator { control, queues, tokens: tokens.clone(), logs: Logs::default() };
    Door { fake, routes: router(operator, CancellationToken::new()), tokens, _state: state }
}

impl Door {
    fn token(&self, name: &str, scopes: &[&str], expires_at_us: u64) -> String {
        let scopes: BTreeSet<Scope> = scopes.iter().map(|scope| scope.parse().unwrap()).collect();
        self.tokens.create(Token { name: name.to_owned(), scopes, created_at_us: 0, expires_at_us }).unwrap()
    }

    async fn ask(&self, peer: Peer, token: Option<&str>, (method, path): (&str, &str), body: &str) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path).extension(peer);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        if status == 401 {
            assert_eq!(response.headers()["www-authenticate"], "Bearer");
        }
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn remote(&self, token: Option<&str>, route: (&str, &str), body: &str) -> (u16, Value) {
        self.ask(Peer::Remote { address: [192, 0, 2, 1].into() }, token, route, body).await
    }

    async fn local(&self, route: (&str, &str), body: &str) -> (u16, Value) {
        self.ask(Peer::Local { who: "ada".to_owned() }, None, route, body).await
    }
}

/// A body that the route would take.
fn good_body(path: &str) -> &'static str {
    match path {
        "/v1/deploy" => {
            r#"{"change":{"wasm":{"cart":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}}"#
        }
        "/v1/objects/{digest}" => "",
        "/v1/queues/{queue}/redrive" | "/v1/queues/{queue}/discard" => r#""all""#,
        _ => "{}",
    }
}

fn filled(path: &str) -> String {
    path.replace("{digest}", DIGEST).replace("{queue}", "work")
}

#[tokio::test]
async fn no_route_is_open_without_a_token_that_is_known_and_has_not_expired() {
    for Route { method, path, .. } in table() {
        let door = door();
        let everything = ["read", "deploy:*", "rollback", "queue:*"];
        let expired = door.token("old", &everything, 1);
        let revoked = door.token("gone", &everything, FOREVER);
        door.tokens.revoke("gone").unwrap();
        for token in [None, Some(""), Some("wharf_guess"), Some(expired.as_str()), Some(revoked.as_str())] {
            let (status, problem) = door.remote(token, (method, &filled(path)), good_body(path)).await;
            assert_eq!(status, 401, "{method} {path} with {token:?}");
            assert!(method == "HEAD" || problem["type"] == "/problems/unauthorized", "{problem}");
        }
        assert!(door.fake.calls().is_empty(), "{method} {path}: {:?}", door.fake.calls());
    }
}

#[tokio::test]
async fn every_route_is_shut_to_tokens_of_another_scope_and_open_to_its_own() {
    for Route { method, path, right, .. } in table() {
        let door = door();
        let open: &[&str] = match right {
            Right::Read => &["read", "deploy:cart", "deploy:*", "rollback", "queue:work", "queue:other", "queue:*"],
            Right::Deploy => &["deploy:cart", "deploy:*"],
            Right::Rollback => &["rollback"],
            Right::Queue => &["queue:work", "queue:*"],
        };
        for scope in ["read", "deploy:cart", "deploy:*", "rollback", "queue:work", "queue:other", "queue:*"] {
            let name = scope.replace([':', '*'], "-");
            let token = door.token(&name, &[scope], FOREVER);
            let before = door.fake.calls().len();
            let (status, problem) = door.remote(Some(&token), (method, &filled(path)), good_body(path)).await;
            assert_eq!(status != 403, open.contains(&scope), "{method} {path} with {scope}: {status} {problem}");
            if status == 403 {
                assert_eq!(door.fake.calls().len(), before, "{method} {path} with {scope}");
            } else {
                assert!(status < 500 && status != 401, "{method} {path} with {scope}: {status} {problem}");
            }
        }
    }
}

#[tokio::test]
async fn the_table_is_every_route_there_is() {
    let routes: Vec<_> = table().iter().map(|route| (route.method, route.path, route.right)).collect();
    assert_eq!(routes.len(), 19);
    let door = door();
    // A method that the table does not name is not offered, whoever asks.
    for (_, path, _) in &routes {
        assert_eq!(door.local(("PATCH", &filled(path)), "").await.0, 405, "{path}");
    }
    let (status, problem) = door.local(("GET", "/v1/else"), "").await;
    assert_eq!((status, &problem["type"]), (404, &json!("/problems/not-found")));
    assert_eq!(door.remote(None, ("GET", "/v1/else"), "").await.0, 401);
}

#[tokio::test]
async fn a_request_that_came_through_no_door_is_nobodys() {
    let request = Request::builder().uri("/v1/status").body(Body::empty()).unwrap();
    assert_eq!(door().routes.oneshot(request).await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_token_of_one_component_deploys_that_one_alone() {
    let door = door();
    let token = door.token("ci", &["deploy:cart"], FOREVER);
    let change = |text: &str| text.replace("DIGEST", DIGEST);
    for (allowed, order) in [
        (true, r#"{"change":{"wasm":{"cart":"DIGEST"}}}"#),
        (true, r#"{"change":{"migrations":{"cart":[]}},"approve":["cart/import/wharf:mail/send@1.0.0"]}"#),
        (false, r#"{"change":{"wasm":{"cart":"DIGEST","till":"DIGEST"}}}"#),
        (false, r#"{"change":{"migrations":{"till":[]}}}"#),
        (false, r#"{"change":{"manifest":"DIGEST"}}"#),
        (false, r#"{"change":{"wasm":{"cart":"DIGEST"}},"approve":["till/grant/mail"]}"#),
        (false, r#"{"change":{"wasm":{"cart":"DIGEST"}},"approve":["route/..."]}"#),
    ] {
        let (status, problem) = door.remote(Some(&token), ("POST", "/v1/deploy"), &change(order)).await;
        assert_eq!(status, if allowed { 202 } else { 403 }, "{order}: {problem}");
    }
    assert_eq!(door.remote(Some(&token), ("POST", "/v1/plan"), &change(r#"{"manifest":"DIGEST"}"#)).await.0, 403);
    assert!(door.fake.calls().iter().all(|call| call == "deploy by ci"), "{:?}", door.fake.calls());
}

#[tokio::test]
async fn a_token_of_one_component_steers_only_what_it_began() {
    let door = door();
    let [own, other, all] = [("ci", "deploy:cart"), ("other", "deploy:cart"), ("boss", "deploy:*")]
        .map(|(name, scope)| door.token(name, &[scope], FOREVER));
    assert_eq!(door.remote(Some(&own), ("POST", "/v1/deploy"), good_body("/v1/deploy")).await.0, 202);
    for verb in ["promote", "pause", "resume", "abort"] {
        let path = format!("/v1/{verb}");
        assert_eq!(door.remote(Some(&other), ("POST", &path), "").await.0, 403, "{verb}");
        assert_eq!(door.remote(Some(&all), ("POST", &path), "").await.0, 200, "{verb}");
    }
    assert_eq!(door.remote(Some(&own), ("POST", "/v1/deploy"), good_body("/v1/deploy")).await.0, 202);
    assert_eq!(door.remote(Some(&own), ("POST", "/v1/abort"), "").await.0, 200);
}

#[tokio::test]
async fn a_token_of_one_queue_looks_after_that_one_alone() {
    let door = door();
    let [own, schedule, all, reader] =
        [("mails", "queue:mails"), ("hourly", "queue:cron:cart"), ("boss", "queue:*"), ("reader", "read")]
            .map(|(name, scope)| door.token(name, &[scope], FOREVER));
    for verb in ["redrive", "discard", "pause", "resume"] {
        for (token, queue, allowed) in [
            (&own, "mails", true),
            (&own, "work", false),
            (&own, "cron:cart", false),
            (&own, "ma%69ls", true),
            (&schedule, "cron:cart", true),
            (&schedule, "cart", false),
            (&all, "anything", true),
            (&reader, "mails", false),
        ] {
            let route = format!("/v1/queues/{queue}/{verb}");
            let (status, problem) = door.remote(Some(token), ("POST", &route), r#""all""#).await;
            assert_eq!(status, if allowed { 200 } else { 403 }, "{route}: {problem}");
        }
    }
    let others = door.fake.calls().into_iter().filter(|call| call.contains("mails") && !call.ends_with("by mails"));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<String>::new());
    let (_, problem) = door.remote(Some(&own), ("POST", "/v1/queues/work/pause"), "").await;
    assert!(problem["detail"].as_str().unwrap().contains("`queue:work`"), "{problem}");
}

#[tokio::test]
async fn what_a_message_carries_is_shown_to_those_who_look_after_its_queue() {
    let door = door();
    let [reader, own] =
        [("reader", "read"), ("own", "queue:work")].map(|(name, scope)| door.token(name, &[scope], FOREVER));
    assert_eq!(door.remote(Some(&reader), ("GET", "/v1/queues/work/dead"), "").await.0, 200);
    assert_eq!(door.remote(Some(&reader), ("GET", "/v1/queues/work/dead?body=true"), "").await.0, 403);
    assert_eq!(door.remote(Some(&own), ("GET", "/v1/queues/work/dead?body=true&limit=1000"), "").await.0, 200);
    assert_eq!(door.local(("GET", "/v1/queues/work/dead?body=true"), "").await.0, 200);
    assert_eq!(
        door.fake.calls(),
        ["peek work limit=10 bodies=false", "peek work limit=100 bodies=true", "peek work limit=10 bodies=true",]
    );
}

#[tokio::test(start_paused = true)]
async fn too_many_wrong_tokens_shut_the_door_for_a_while() {
    let door = door();
    let token = door.token("ci", &["read"], FOREVER);
    for _ in 0..10 {
        assert_eq!(door.remote(Some("wharf_guess"), ("GET", "/v1/status"), "").await.0, 401);
    }
    let (status, problem) = door.remote(Some(&token), ("GET", "/v1/status"), "").await;
    assert_eq!((status, &problem["type"]), (429, &json!("/problems/rate-limited")));
    assert!(problem["retry_after_s"].as_u64().unwrap() >= 1, "{problem}");
    let elsewhere = Peer::Remote { address: [192, 0, 2, 2].into() };
    assert_eq!(door.ask(elsewhere, Some(&token), ("GET", "/v1/status"), "").await.0, 200);
    tokio::time::advance(Duration::from_secs(7)).await;
    assert_eq!(door.remote(Some(&token), ("GET", "/v1/status"), "").await.0, 200);
}

#[tokio::test]
async fn each_kind_of_refusal_has_its_problem_with_what_to_do() {
    use control::{Kind, Refusal};
    for (kind, name, status, slug) in [
        (Kind::Invalid, "invalid", 422, "invalid"),
        (Kind::Unapproved, "unapproved", 409, "unapproved"),
        (Kind::Locked, "locked", 409, "deploy-under-way"),
        (Kind::Unknown, "unknown", 404, "not-found"),
        (Kind::Conflict, "conflict", 409, "conflict"),
        (Kind::Unavailable, "unavailable", 503, "unavailable"),
        (Kind::Failed, "failed", 422, "release-failed"),
    ] {
        let door = door();
        door.fake.refuse(Refusal::new(kind, "because; do this").with(vec!["cart/grant/mail".to_owned()]));
        let (found, problem) = door.local(("POST", "/v1/deploy"), "{}").await;
        assert_eq!((found, &problem["type"]), (status, &json!(format!("/problems/{slug}"))));
        assert_eq!((&problem["kind"], &problem["detail"]), (&json!(name), &json!("because; do this")));
        assert_eq!(problem["details"], json!(["cart/grant/mail"]));
    }
}

#[tokio::test]
async fn an_object_must_be_what_its_name_promises() {
    let door = door();
    let digest = rollout::Digest::of(b"some wasm");
    let path = format!("/v1/objects/{digest}");
    assert_eq!(door.local(("HEAD", &path), "").await.0, 404);
    let (status, problem) = door.local(("PUT", &path), "other wasm").await;
    assert_eq!((status, &problem["kind"]), (422, &json!("invalid")));
    assert_eq!(door.local(("HEAD", &path), "").await.0, 404);
    assert_eq!(door.local(("PUT", &path), "some wasm").await.0, 204);
    assert_eq!(door.local(("HEAD", &path), "").await.0, 204);
    assert_eq!(door.fake.object(digest).unwrap(), b"some wasm");
    assert_eq!(door.local(("PUT", "/v1/objects/nonsense"), "x").await.0, 422);
}

#[tokio::test]
async fn a_body_that_is_none_or_too_large_is_refused() {
    let door = door();
    let large = "x".repeat(crate::OBJECT_BYTES_MAX + 1);
    assert_eq!(door.local(("PUT", &format!("/v1/objects/{DIGEST}")), &large).await.0, 413);
    for (path, body, status) in [
        ("/v1/deploy", "", 400),
        ("/v1/deploy", "{", 400),
        ("/v1/deploy", r#"{"change":{"wasms":{}}}"#, 422),
        ("/v1/deploy", r#"{"strategy":"sometimes"}"#, 422),
        ("/v1/plan", "7", 422),
        ("/v1/rollback", "", 400),
        ("/v1/rollback", r#"{"release":"12"}"#, 422),
        ("/v1/rollback", r#"{"relaese":"r12"}"#, 422),
    ] {
        let (found, problem) = door.local(("POST", path), body).await;
        assert_eq!(found, status, "{path} {body}: {problem}");
    }
    let many = json!({ "ids": vec!["x"; 1001] }).to_string();
    for (body, status) in [("", 400), ("{}", 400), (r#""some""#, 422), (r#"{"ids":[]}"#, 422), (many.as_str(), 422)] {
        for verb in ["redrive", "discard"] {
            let (found, problem) = door.local(("POST", &format!("/v1/queues/work/{verb}")), body).await;
            assert_eq!(found, status, "{verb} {body}: {problem}");
        }
    }
    let long = json!({ "note": "x".repeat(1001) }).to_string();
    assert_eq!(door.local(("POST", "/v1/deploy"), &long).await.0, 422);
    for query in [
        "/v1/status?after=x",
        "/v1/audit?count=-1",
        "/v1/logs?level=loud",
        "/v1/logs?lins=3",
        "/v1/queues/work/dead?limit=-1",
        "/v1/queues/work/dead?bodies=true",
    ] {
        assert_eq!(door.local(("GET", query), "").await.0, 400, "{query}");
    }
    assert!(door.fake.calls().is_empty(), "{:?}", door.fake.calls());
}

#[tokio::test(start_paused = true)]
async fn a_watcher_waits_for_a_change_and_no_longer_than_it_said() {
    let door = door();
    let (status, now) = door.local(("GET", "/v1/status"), "").await;
    assert_eq!((status, &now["sequence"]), (200, &json!(1)));
    // Another sequence than the caller's: at once.
    assert_eq!(door.local(("GET", "/v1/status?after=7&wait_s=30"), "").await.1["sequence"], 1);
    let began = tokio::time::Instant::now();
    assert_eq!(door.local(("GET", "/v1/status?after=1&wait_s=600"), "").await.1["sequence"], 1);
    assert_eq!(began.elapsed().as_secs(), 30);
    let (changed, ()) = tokio::join!(door.local(("GET", "/v1/status?after=1&wait_s=30"), ""), async {
        tokio::task::yield_now().await;
        door.fake.change(|status| status.application = "new".to_owned());
    });
    assert_eq!((&changed.1["sequence"], &changed.1["application"]), (&json!(2), &json!("new")));
}
