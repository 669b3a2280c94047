use futures::executor::block_on;
use tower::ServiceExt;

use super::*;

static TABLE: &[File] = &[
    File {
        path: "/assets/app-1a.js",
        media_type: "text/javascript; charset=utf-8",
        tag: "1a",
        plain: b"script",
        brotli: Some(b"br"),
        gzip: Some(b"gz"),
    },
    File { path: "/favicon.svg", media_type: "image/svg+xml", tag: "2b", plain: b"<svg/>", brotli: None, gzip: None },
    File {
        path: "/index.html",
        media_type: "text/html; charset=utf-8",
        tag: "3c",
        plain: b"<html>",
        brotli: None,
        gzip: None,
    },
];

fn ask(method: &Method, path: &str, headers: &[(header::HeaderName, &'static str)]) -> Response {
    let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
    answer(TABLE, method, path, &headers)
}

fn text(response: Response) -> String {
    let bytes = block_on(axum::body::to_bytes(response.into_body(), usize::MAX)).unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_hashed_file_is_kept_for_good_and_sent_compressed() {
    let response = ask(&Method::GET, "/assets/app-1a.js", &[(header::ACCEPT_ENCODING, "gzip, br")]);
    let headers = response.headers();
    assert_eq!(headers[header::CACHE_CONTROL], FOR_GOOD);
    assert_eq!(headers[header::CONTENT_ENCODING], "br");
    assert_eq!(headers[header::VARY], "accept-encoding");
    assert_eq!(headers[header::CONTENT_LENGTH], "2");
    assert_eq!(headers[header::ETAG], "\"1a-br\"");
    assert_eq!(text(response), "br");
}

#[test]
fn every_page_is_the_application_and_is_asked_for_again() {
    for page in ["/", "/login", "/ticket/TX20261122000001"] {
        let response = ask(&Method::GET, page, &[]);
        assert_eq!(response.status(), StatusCode::OK, "{page}");
        assert_eq!(response.headers()[header::CACHE_CONTROL], ASK_AGAIN);
        assert_eq!(text(response), "<html>");
    }
}

#[test]
fn who_has_this_version_gets_no_second_copy() {
    let response = ask(&Method::GET, "/", &[(header::IF_NONE_MATCH, "\"3c\"")]);
    assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(response.headers()[header::ETAG], "\"3c\"");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(text(response), "");
    // The tag of another copy is another copy.
    let other = [(header::ACCEPT_ENCODING, "gzip"), (header::IF_NONE_MATCH, "\"1a-br\"")];
    assert_eq!(ask(&Method::GET, "/assets/app-1a.js", &other).status(), StatusCode::OK);
}

#[test]
fn a_head_says_what_a_get_would_send() {
    let response = ask(&Method::HEAD, "/favicon.svg", &[]);
    assert_eq!(response.headers()[header::CONTENT_LENGTH], "6");
    assert_eq!(text(response), "");
}

#[test]
fn nothing_else_is_there() {
    let browser = [(header::ACCEPT, "text/html,*/*")];
    for path in ["/nothing", "/index.html", "/assets/app-0.js", "/ticket/a/b", "/assets/app-1a.js.br"] {
        let response = ask(&Method::GET, path, &browser);
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(!text(response).contains(path));
    }
    for path in ["/api/v1/boats", "/internal/demo", "/readyz", "/messages"] {
        let response = ask(&Method::GET, path, &browser);
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(response.extensions().get::<Problem>().is_some(), "{path}");
    }
    assert!(ask(&Method::GET, "/nothing", &[]).extensions().get::<Problem>().is_some());
}

#[test]
fn pages_are_only_read() {
    let response = ask(&Method::POST, "/login", &[]);
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "GET, HEAD");
}

#[test]
fn the_router_takes_every_path() {
    for path in ["/nothing", "/a/b/c"] {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        assert_eq!(block_on(router().oneshot(request)).unwrap().status(), StatusCode::NOT_FOUND);
    }
}

#[test]
fn the_host_is_told_which_files_never_change() {
    assert_eq!(text(ask(&Method::GET, "/assets.json", &[])), r#"["/assets/app-1a.js"]"#);
}
