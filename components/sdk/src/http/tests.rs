use std::collections::HashMap;

use axum::extract::FromRequest;
use axum::routing::{get, post};
use futures::executor::block_on;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    name: String,
    #[serde(default)]
    tags: Vec<u8>,
}

fn router() -> Router {
    with_fallbacks(
        Router::new()
            .route("/things", post(async |Json(input): Json<Input>| format!("{} {}", input.name, input.tags.len())))
            .route("/things/{id}", get(async |Path(id): Path<Uuid>| id.to_string()))
            .route("/document", get(async || Json(json!({ "name": "ä" }))))
            .route("/no-document", get(async || Json(HashMap::from([((1, 2), 3)])))),
    )
}

fn ask(method: &str, path: &str, media_type: &str, body: &str) -> (u16, Value) {
    let request = http::Request::builder().method(method).uri(path).header(REQUEST_ID, "r-9");
    let request = request.header("content-type", media_type).body(Body::from(body.to_owned())).unwrap();
    let response = block_on(answer(router(), request));
    let status = response.status().as_u16();
    let bytes = block_on(read_body(response.into_body(), JSON_BYTES_MAX)).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::String(text)))
}

#[test]
fn a_good_document_reaches_its_handler() {
    assert_eq!(ask("POST", "/things", "application/json; charset=utf-8", r#"{"name":"a"}"#), (200, json!("a 0")));
}

#[test]
fn each_fault_of_a_document_has_its_status_and_names_its_field() {
    let cases = [
        ("text/plain", r#"{"name":"a"}"#, 415, Value::Null),
        ("application/json", r#"{"name":"#, 400, Value::Null),
        ("application/json", r#"{"name":"a"} x"#, 400, Value::Null),
        ("application/json", "{}", 422, json!([{ "field": "name", "message": "is missing" }])),
        (
            "application/json",
            r#"{"name":1}"#,
            422,
            json!([{ "field": "name", "message": "is not of the expected type" }]),
        ),
        ("application/json", r#"{"name":"a","nmae":1}"#, 422, json!([{ "field": "nmae", "message": "is not known" }])),
        (
            "application/json",
            r#"{"name":"a","tags":[1,"x"]}"#,
            422,
            json!([{ "field": "tags[1]", "message": "is not of the expected type" }]),
        ),
    ];
    for (media_type, body, status, errors) in cases {
        let (got, document) = ask("POST", "/things", media_type, body);
        assert_eq!((got, &document["errors"], &document["instance"]), (status, &errors, &json!("r-9")), "{body}");
    }
}

#[test]
fn a_document_says_what_it_is_and_one_that_cannot_be_written_is_a_problem() {
    let whole = |path: &str| {
        let response = block_on(answer(router(), http::Request::get(path).body(Body::empty()).unwrap()));
        let types: Vec<_> = response.headers().get_all("content-type").into_iter().cloned().collect();
        let status = response.status().as_u16();
        (status, types, block_on(read_body(response.into_body(), JSON_BYTES_MAX)).unwrap())
    };
    assert_eq!(whole("/document"), (200, vec!["application/json".parse().unwrap()], "{\"name\":\"ä\"}".into()));
    // Keys of objects are texts.
    let (status, types, _) = whole("/no-document");
    assert_eq!((status, types), (500, vec!["application/problem+json".parse().unwrap()]));
}

#[test]
fn a_body_over_the_limit_is_refused_and_not_read_on() {
    let body = format!(r#"{{"name":"{}"}}"#, "x".repeat(JSON_BYTES_MAX));
    let (status, document) = ask("POST", "/things", "application/json", &body);
    assert_eq!((status, &document["type"]), (413, &json!("/problems/body-too-large")));
}

#[test]
fn unknown_paths_methods_and_ids_are_problem_documents() {
    assert_eq!(ask("GET", "/nothing", "", "").1["type"], "/problems/not-found");
    assert_eq!(ask("DELETE", "/things", "", "").1["type"], "/problems/method-not-allowed");
    assert_eq!(ask("GET", "/things/7", "", "").1["type"], "/problems/not-found");
}

#[test]
fn a_query_names_its_wrong_field() {
    #[derive(Deserialize, Debug)]
    struct Page {
        #[expect(dead_code, reason = "only its parsing matters")]
        page: u32,
    }
    for (uri, field) in [("/?page=x", "page"), ("/", "page")] {
        let request = http::Request::builder().uri(uri).body(Body::empty()).unwrap();
        let problem = block_on(Query::<Page>::from_request(request, &())).unwrap_err();
        assert_eq!((problem.status(), problem.errors()[0].field.as_str()), (422, field), "{uri}");
    }
}

#[test]
fn cookies_are_found_in_any_place_and_only_by_their_whole_name() {
    let mut headers = HeaderMap::new();
    headers.append("cookie", "a=1; session_old=2".parse().unwrap());
    headers.append("cookie", "session=x=y".parse().unwrap());
    assert_eq!(cookie(&headers, "session"), Some("x=y"));
    assert_eq!(cookie(&headers, "a"), Some("1"));
    assert_eq!(cookie(&headers, "old"), None);
}

#[test]
fn a_client_address_loses_its_port_and_brackets() {
    for (value, address) in [("192.0.2.7:51000", "192.0.2.7"), ("[2001:db8::1]:443", "2001:db8::1")] {
        let headers = HeaderMap::from_iter([("spin-client-addr".parse().unwrap(), value.parse().unwrap())]);
        assert_eq!(client_address(&headers), Some(address));
    }
}
