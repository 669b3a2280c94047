use std::collections::{BTreeMap, HashMap};

use http::header::{HeaderMap, HeaderName, LOCATION};
use http_body_util::BodyExt as _;
use manifest::{StaticResponse, Target, Trigger};
use tower::Service as _;

use super::*;
use crate::Table;

/// Answers with its own name, and hands back what it was sent as response headers and extensions.
fn echo(name: &'static str) -> Service {
    Service::new(tower::service_fn(move |request: Request| async move {
        let mut response = Response::new(body::full(name));
        *response.headers_mut() = request.headers().clone();
        response.headers_mut().insert("x-seen-uri", request.uri().to_string().parse().unwrap());
        if let Some(found) = request.extensions().get::<RouteMatch>() {
            response.headers_mut().insert("x-seen-component", found.component.parse().unwrap());
        }
        Ok::<_, BoxError>(response)
    }))
}

fn to(route: manifest::Route, component: &str) -> Trigger {
    Trigger { route, target: Target::Component(component.to_owned()) }
}

fn public(pattern: &str, component: &str) -> Trigger {
    to(manifest::Route::Public(pattern.to_owned()), component)
}

fn build(triggers: &[Trigger], names: &[&'static str]) -> Table {
    let handlers: HashMap<_, _> = names.iter().map(|name| ((*name).to_owned(), echo(name))).collect();
    Table::build(triggers, handlers).unwrap()
}

fn generation(release: u64, table: Table) -> Arc<Generation> {
    Arc::new(Generation::new(Release(release), table, ()))
}

fn serving(table: Table) -> Router {
    Router::new(Routing::all(generation(1, table)))
}

fn router() -> Router {
    let redirect = StaticResponse {
        status: 308,
        headers: BTreeMap::from([("location".to_owned(), "/api/".to_owned())]),
        body: "moved".to_owned(),
    };
    let triggers = [
        public("/api/:user_id/...", "api"),
        public("/plain", "api"),
        Trigger { route: manifest::Route::Public("/old".to_owned()), target: Target::Static(redirect) },
        to(manifest::Route::Private, "worker"),
    ];
    serving(build(&triggers, &["api", "worker"]))
}

fn get(path: &str) -> Request {
    http::Request::get(path).header(HOST, "shop.example:8080").body(body::empty()).unwrap()
}

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let mut values = headers.get_all(name).iter();
    let value = values.next().unwrap_or_else(|| panic!("{name} is absent")).to_str().unwrap();
    assert!(values.next().is_none(), "{name} comes twice");
    value
}

fn refusal(result: Result<Response, BoxError>) -> Error {
    result.unwrap_err().downcast_ref::<Error>().unwrap().clone()
}

#[tokio::test]
async fn a_component_is_told_how_it_was_reached() {
    let mut request = get("/api/7%2F8/orders/?page=2");
    request.extensions_mut().insert(ClientAddress("192.0.2.7:4711".parse().unwrap()));
    let response = router().call(request).await.unwrap();

    let found = response.extensions().get::<RouteMatch>().unwrap().clone();
    assert_eq!((&*found.component, &*found.pattern), ("api", "/api/:user_id/..."));
    assert_eq!(found.path_info, "/orders/");
    assert_eq!(found.captures, [("user_id".to_owned(), "7%2F8".to_owned())]);

    let headers = response.headers();
    let url = "http://shop.example:8080/api/7%2F8/orders/?page=2";
    for (name, value) in [
        ("spin-path-info", "/orders/"),
        ("spin-full-url", url),
        ("spin-matched-route", "/api/:user_id/..."),
        ("spin-component-route", "/api/:user_id"),
        ("spin-raw-component-route", "/api/:user_id/..."),
        ("spin-base-path", "/"),
        ("spin-client-addr", "192.0.2.7:4711"),
        ("spin-path-match-user-id", "7%2F8"),
        ("host", "shop.example:8080"),
        ("x-seen-uri", url),
        ("x-seen-component", "api"),
    ] {
        assert_eq!(header(headers, name), value, "{name}");
    }
}

#[tokio::test]
async fn what_only_the_host_may_say_is_not_believed_from_outside() {
    let mut request = get("/plain");
    for name in ["spin-client-addr", "spin-path-match-user-id", "x-wharf-caller", "x-wharf-queue", "connection"] {
        request.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static("forged"));
        request.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static("forged"));
    }
    let response = router().call(request).await.unwrap();
    assert_eq!(header(response.headers(), "spin-client-addr"), "0.0.0.0:0");
    assert_eq!(header(response.headers(), "spin-path-info"), "");
    assert_eq!(header(response.headers(), "spin-component-route"), "/plain");
    assert!(!response.headers().values().any(|value| value == "forged"));
}

#[tokio::test]
async fn private_components_cannot_be_reached_from_outside() {
    for request in [
        get("/worker"),
        get("/..."),
        get("/private"),
        get("http://worker.spin.internal/"),
        http::Request::get("/messages").header(HOST, "worker.spin.internal").body(body::empty()).unwrap(),
    ] {
        assert_eq!(refusal(router().call(request).await), Error::NotFound);
    }
}

#[tokio::test]
async fn a_component_is_called_by_its_id_with_the_whole_path() {
    let mut request = get("http://worker.spin.internal/messages/new?x=1");
    request.headers_mut().insert(HOST, HeaderValue::from_static("worker.spin.internal"));
    request.headers_mut().insert("x-wharf-queue", HeaderValue::from_static("mail"));
    request.headers_mut().insert("spin-path-match-id", HeaderValue::from_static("forged"));
    request.extensions_mut().insert(ClientAddress("192.0.2.7:4711".parse().unwrap()));
    let response = router().call_component("worker", request).await.unwrap();
    let found = response.extensions().get::<RouteMatch>().unwrap();
    assert_eq!((&*found.component, &*found.pattern, &*found.path_info), ("worker", "/...", "/messages/new"));
    let headers = response.headers();
    for (name, value) in [
        ("spin-path-info", "/messages/new"),
        ("spin-full-url", "http://worker.spin.internal/messages/new?x=1"),
        ("spin-matched-route", "/..."),
        ("spin-component-route", ""),
        ("spin-client-addr", "0.0.0.0:0"),
        ("x-wharf-queue", "mail"),
    ] {
        assert_eq!(header(headers, name), value, "{name}");
    }
    assert!(!headers.contains_key(HOST));
    assert!(!headers.contains_key("spin-path-match-id"));
    assert_eq!(text(response).await, "worker");
}

#[tokio::test]
async fn a_call_without_a_host_gets_the_internal_one() {
    let request = http::Request::post("/messages").body(body::empty()).unwrap();
    let response = router().call_component("worker", request).await.unwrap();
    assert_eq!(header(response.headers(), "spin-full-url"), "http://worker.spin.internal/messages");
}

#[tokio::test]
async fn only_components_with_a_trigger_are_callable() {
    let router = serving(build(&[public("/a", "api")], &["api", "idle"]));
    assert!(router.has_component("api"));
    assert!(!router.has_component("idle"));
    let error = refusal(router.call_component("idle", get("/")).await);
    assert_eq!(error, Error::UnknownComponent { component: "idle".to_owned() });
}

#[tokio::test]
async fn fixed_answers_need_no_component() {
    let response = router().call(get("/old")).await.unwrap();
    assert_eq!(response.status(), 308);
    assert_eq!(header(response.headers(), LOCATION.as_str()), "/api/");
    assert_eq!(&*response.extensions().get::<RouteMatch>().unwrap().pattern, "/old");
    assert_eq!(text(response).await, "moved");
}

#[tokio::test]
async fn the_host_keeps_its_own_paths() {
    let router = || serving(build(&[public("/...", "api")], &["api"]));
    assert_eq!(text(router().call(get("/.well-known/spin/health")).await.unwrap()).await, "OK");
    for path in ["/.well-known/spin/info", "/.well-known/spin/", "/.well-known/spin/health/"] {
        assert_eq!(refusal(router().call(get(path)).await), Error::NotFound, "{path}");
    }
    assert_eq!(text(router().call(get("/.well-known/jwks.json")).await.unwrap()).await, "api");
}

#[tokio::test]
async fn the_host_of_a_request_must_be_clear() {
    let with = |uri: &str, hosts: &[&str]| {
        let mut request = http::Request::get(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        request.body(body::empty()).unwrap()
    };
    for (request, reason) in [
        (with("/plain", &[]), "missing"),
        (with("/plain", &["a.example", "b.example"]), "contradictory"),
        (with("http://a.example/plain", &["b.example"]), "contradictory"),
        (with("/plain", &["a example"]), "malformed"),
        (with("/plain", &["user@a.example"]), "malformed"),
        (with("/plain", &[""]), "malformed"),
    ] {
        assert_eq!(refusal(router().call(request).await), Error::Host { reason });
    }
    let response = router().call(with("https://A.example/plain", &["a.example"])).await.unwrap();
    assert_eq!(header(response.headers(), "spin-full-url"), "https://a.example/plain");
    let response = router().call(with("https://a.example/plain", &[])).await.unwrap();
    assert_eq!(header(response.headers(), "host"), "a.example");
}

#[tokio::test]
async fn a_request_finishes_on_the_table_it_was_found_in() {
    let mut router = serving(build(&[public("/...", "old")], &["old"]));
    let before = router.call(get("/"));
    router.clone().swap(Routing::all(generation(2, build(&[public("/...", "new")], &["new"]))));
    let after = router.call(get("/"));
    assert_eq!(text(before.await.unwrap()).await, "old");
    assert_eq!(text(after.await.unwrap()).await, "new");
}

#[tokio::test]
async fn errors_of_a_component_pass_unchanged() {
    let failing = Service::new(tower::service_fn(|_| async {
        // No answer type can be inferred from an error alone.
        Err::<Response, BoxError>(Box::new(std::io::Error::other("boom")))
    }));
    let handlers = HashMap::from([("api".to_owned(), failing)]);
    let mut router = serving(Table::build(&[public("/...", "api")], handlers).unwrap());
    assert!(router.call(get("/")).await.unwrap_err().is::<std::io::Error>());
}

/// Release 1 serves and release 2 is on trial, for those whose key begins with `c`.
fn on_trial() -> Router {
    let both = [public("/...", "api"), to(manifest::Route::Private, "api")];
    let one = |release, name: &'static str| {
        let handlers = HashMap::from([("api".to_owned(), echo(name))]);
        generation(release, Table::build(&both, handlers).unwrap())
    };
    let choose: crate::Choose = Arc::new(|key| key.first() == Some(&b'c'));
    Router::new(Routing::all(one(1, "old")).with_candidate(one(2, "new"), choose))
}

fn with<T: Clone + Send + Sync + 'static>(mut request: Request, extension: T) -> Request {
    request.extensions_mut().insert(extension);
    request
}

#[tokio::test]
async fn a_clients_key_decides_between_two_generations() {
    let mut router = on_trial();
    for (key, body, release) in [("cara", "new", 2), ("dora", "old", 1)] {
        let key = body::ClientKey(Arc::from(key.as_bytes()));
        let response = router.call(with(get("/"), key)).await.unwrap();
        assert_eq!(response.extensions().get(), Some(&Release(release)));
        assert_eq!(text(response).await, body);
    }
    assert_eq!(text(router.call(get("/")).await.unwrap()).await, "old");
}

#[tokio::test]
async fn an_operator_reaches_either_and_nothing_else() {
    let mut router = on_trial();
    for (release, body) in [(1, "old"), (2, "new")] {
        assert_eq!(text(router.call(with(get("/"), Release(release))).await.unwrap()).await, body);
    }
    let error = router.call(with(get("/"), Release(3))).await.unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&Error::UnknownRelease { release: 3 }));
}

#[tokio::test]
async fn a_message_stays_with_its_sender_while_that_serves_and_goes_by_its_id_afterwards() {
    let router = on_trial();
    let ask = async |id: &str, sender: Option<u64>| {
        let mut request = with(with(get("/"), body::Errand::Message), body::RequestId(id.into()));
        if let Some(sender) = sender {
            request.extensions_mut().insert(Release(sender));
        }
        text(router.call_component("api", request).await.unwrap()).await
    };
    assert_eq!([ask("c1", Some(1)).await, ask("d1", Some(2)).await], ["old", "new"]);
    assert_eq!([ask("c1", Some(7)).await, ask("d1", Some(7)).await], ["new", "old"]);
    assert_eq!([ask("c1", None).await, ask("d1", None).await], ["new", "old"]);
}

#[tokio::test]
async fn a_call_stays_on_the_generation_of_the_request_that_makes_it_even_after_a_swap() {
    let router = on_trial();
    let old = router.routing().live().hold();
    let newer = generation(3, build(&[public("/...", "api")], &["api"]));
    router.swap(Routing::all(newer));
    let response = router.call_component("api", with(get("/"), old)).await.unwrap();
    assert_eq!(text(response).await, "old");
}

#[tokio::test]
async fn a_generation_is_dropped_with_its_last_request() {
    let kept = Arc::new(());
    let table = build(&[public("/...", "api")], &["api"]);
    let router = Router::new(Routing::all(Arc::new(Generation::new(Release(1), table, Arc::clone(&kept)))));
    let held = router.routing().live().hold();
    router.swap(Routing::all(generation(2, build(&[public("/...", "api")], &["api"]))));
    assert_eq!(Arc::strong_count(&kept), 2);
    drop(held);
    assert_eq!(Arc::strong_count(&kept), 1);
}
