//! The edge as its callers meet it: over real sockets, with the raw bytes where the bytes matter.

use std::num::{NonZeroU8, NonZeroU32};
use std::time::Duration;

use crate::harness::{Edge, get, service};
use edge::{Config, Position, Rate};
use http_body_util::BodyExt;

fn unlimited() -> Config {
    Config { rate: None, ..Config::default() }
}

#[tokio::test]
async fn a_request_arrives_with_trusted_headers_only() {
    let edge = Edge::start(unlimited());
    let answer = edge
        .exchange(
            "GET /headers HTTP/1.1\r\nHost: x.test\r\nX-Forwarded-For: 6.6.6.6\r\nSpin-Full-Url: evil\r\n\
             X-Wharf-Caller: auth\r\nwharf-event-channels: a\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nAccept: */*\r\n\
             x-request-id: mine-1\r\n\r\n",
        )
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, "accept: */*\nhost: x.test\nx-request-id: mine-1\nclient 127.0.0.1 id mine-1\n");
    assert_eq!(answer.header("x-request-id"), Some("mine-1"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'"));
}

#[tokio::test]
async fn behind_a_proxy_the_clients_address_is_the_nth_from_the_right() {
    let trusted_hops = NonZeroU8::new(2).unwrap();
    let edge = Edge::start(Config { position: Position::BehindProxy { trusted_hops }, ..unlimited() });
    let request = "GET /headers HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 192.0.2.7, 192.0.2.8\r\n\
                   Connection: close\r\n\r\n";
    let answer = edge.exchange(request).await;
    assert!(answer.body.contains("client 192.0.2.7 "), "{}", answer.body);
}

#[tokio::test]
async fn a_request_without_an_id_gets_one() {
    let edge = Edge::start(unlimited());
    let answer = edge.exchange(&get("/headers")).await;
    let id = answer.header("x-request-id").unwrap();
    assert_eq!(id.len(), 36);
    assert!(answer.body.contains(id));
}

#[tokio::test]
async fn an_error_becomes_the_problem_that_the_rescue_makes_of_it() {
    let edge = Edge::start(unlimited());
    let answer = edge.exchange(&get("/api/error")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let id = answer.header("x-request-id").unwrap();
    let expected = format!(
        r#"{{"type":"/problems/overloaded","title":"Too much is going on at the moment","status":503,"detail":"full","instance":"{id}","retry_after_s":2}}"#
    );
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn a_panic_becomes_a_problem_and_the_connection_lives_on() {
    let edge = Edge::start(unlimited());
    let mut client = edge.connect().await;
    client.send("GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("/problems/internal"));
    assert!(!answer.body.contains("secret of the panic"));
    client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(client.answer().await.body, "hello");
}

#[tokio::test]
async fn no_host_or_two_are_refused() {
    let edge = Edge::start(unlimited());
    for hosts in ["", "Host: a\r\nHost: b\r\n", "Host: a, b\r\n"] {
        let answer = edge.exchange(&format!("GET / HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")).await;
        assert_eq!(answer.status, 400, "{hosts:?}");
        assert!(answer.body.contains("/problems/bad-request"), "{hosts:?}");
    }
    let answer = edge.exchange("GET http://a/ HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n").await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn too_many_requests_are_refused_with_the_time_to_wait() {
    let one = NonZeroU32::MIN;
    let rate = Rate { per_second: one, burst: NonZeroU32::new(3).unwrap() };
    let edge = Edge::start(Config { rate: Some(rate), ..Config::default() });
    let mut client = edge.connect().await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let answer = client.answer().await;
        statuses.push(answer.status);
        if answer.status == 429 {
            assert_eq!(answer.header("retry-after"), Some("1"));
            assert!(answer.body.contains("\"retry_after_s\":1"));
        }
    }
    assert_eq!(statuses, [200, 200, 200, 429]);
}

#[tokio::test]
async fn headers_beyond_the_limit_are_refused() {
    let edge = Edge::start(Config { header_bytes: edge::HEADER_BYTES_MIN, ..unlimited() });
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n\r\n", "a".repeat(20_000));
    assert_eq!(edge.exchange(&long).await.status, 431);
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(101));
    assert_eq!(edge.exchange(&many).await.status, 431);
}

#[tokio::test]
async fn a_large_body_streams_through() {
    let edge = Edge::start(unlimited());
    let body: String = "0123456789abcdef".repeat(1 << 16);
    let request =
        format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let answer = edge.exchange(&(request + &body)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body == body, "got {} bytes", answer.body.len());
}

/// The end of the body comes after the answer, which never read it.
#[tokio::test]
async fn a_body_that_nobody_reads_leaves_the_connection_usable() {
    let edge = Edge::start(unlimited());
    let mut client = edge.connect().await;
    for path in ["/headers", "/panic", "/headers"] {
        client.send(&format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal")).await;
        assert_ne!(client.answer().await.status, 0);
        client.send("lo\r\n0\r\n\r\n").await;
    }
    client.send(&get("/headers")).await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test]
async fn a_long_body_that_nobody_reads_ends_the_connection() {
    let edge = Edge::start(unlimited());
    let mut client = edge.connect().await;
    client.send("POST /headers HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 200);
    client.send(&"0123456789abcdef".repeat(1 << 16)).await;
    client.rest().await;
}

#[tokio::test]
async fn http2_is_spoken_on_the_same_port() {
    let edge = Edge::start(unlimited());
    let socket = tokio::net::TcpStream::connect(edge.address).await.unwrap();
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut client, connection) =
        hyper::client::conn::http2::handshake(executor, hyper_util::rt::TokioIo::new(socket)).await.unwrap();
    let connection = tokio::spawn(connection);
    for path in ["/headers", "/panic", "/headers"] {
        let request =
            ::http::Request::get(format!("http://x.test{path}")).header("spin-a", "b").body(body::empty()).unwrap();
        let answer = client.send_request(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        if path == "/panic" {
            assert_eq!(status, 500);
        } else {
            let body = String::from_utf8_lossy(&body).into_owned();
            assert!(body.contains("host: x.test\n") && !body.contains("spin-a"), "{body}");
        }
    }
    drop(client);
    connection.await.unwrap().unwrap();
    edge.stop().await.unwrap();
}

#[tokio::test]
async fn a_body_that_stands_still_fails() {
    let edge = Edge::start(Config { body_idle: Duration::from_millis(50), ..unlimited() });
    let mut client = edge.connect().await;
    client.send("POST /collect HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 500, "the harness's rescue answers 500 to errors it does not know");
    assert_eq!(service::last_error(), "the request body stood still for too long");
}
