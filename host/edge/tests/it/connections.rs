//! The life of connections: how many, how long, and how they end.

use std::time::Duration;

use crate::harness::{Edge, get};
use edge::{Config, Error};

fn unlimited() -> Config {
    Config { rate: None, ..Config::default() }
}

#[tokio::test]
async fn a_slow_head_is_cut_off() {
    let edge = Edge::start(Config { header_timeout: Duration::from_millis(100), ..unlimited() });
    for beginning in ["", "G", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", "PRI * HTTP/2.0\r\n"] {
        let mut client = edge.connect().await;
        client.send(beginning).await;
        assert_eq!(client.rest().await, "", "{beginning:?}");
    }
}

/// Bytes trickle in, each within the limit: the whole head has one limit, not each byte.
#[tokio::test]
async fn a_trickling_head_is_cut_off() {
    let edge = Edge::start(Config { header_timeout: Duration::from_millis(200), ..unlimited() });
    let mut client = edge.connect().await;
    client.send("GET / HTTP/1.1\r\nHost: x\r\n").await;
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    let mut sent = 0;
    while client.try_send("A").await && sent < 200 {
        beat.tick().await;
        sent += 1;
    }
    assert!(sent < 200, "the connection was never closed");
}

#[tokio::test]
async fn an_idle_connection_is_closed_but_not_a_busy_one() {
    let edge = Edge::start(Config { idle_timeout: Duration::from_millis(100), ..unlimited() });
    let mut client = edge.connect().await;
    client.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n").await;
    edge.entered().await;
    let quiet = tokio::time::timeout(Duration::from_millis(400), client.rest()).await;
    assert!(quiet.is_err(), "closed while it was being served");
    edge.open_gate();
    assert_eq!(client.answer().await.body, "through the gate");
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn a_peer_that_takes_no_bytes_is_cut_off() {
    let edge = Edge::start(Config { write_stall: Duration::from_millis(100), ..unlimited() });
    let mut client = edge.connect().await;
    client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n").await;
    edge.endless_ended().await;
}

#[tokio::test]
async fn shutdown_finishes_what_runs_and_takes_nothing_new() {
    let edge = Edge::start(unlimited());
    let mut busy = edge.connect().await;
    busy.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n").await;
    edge.entered().await;
    let mut idle = edge.connect().await;
    idle.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(idle.answer().await.body, "hello");

    edge.shutdown.cancel();
    assert_eq!(idle.rest().await, "", "an idle connection is closed");
    edge.refuses_connections().await;
    edge.open_gate();
    let answer = busy.answer().await;
    assert_eq!(answer.body, "through the gate");
    assert_eq!(answer.header("connection"), Some("close"));
    assert_eq!(busy.rest().await, "");
    edge.stop().await.unwrap();
}

/// The client has connected, but its request is sent only after shutdown began.
#[tokio::test]
async fn a_fresh_connection_is_still_served_during_shutdown() {
    let edge = Edge::start(unlimited());
    let mut fresh = edge.connect().await;
    edge.shutdown.cancel();
    fresh.send(&get("/hello")).await;
    assert_eq!(fresh.answer().await.body, "hello");
    edge.stop().await.unwrap();
}

#[tokio::test]
async fn what_outlasts_the_drain_limit_is_cut() {
    let edge = Edge::start(Config { drain: Duration::from_millis(50), ..unlimited() });
    let mut busy = edge.connect().await;
    busy.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n").await;
    edge.entered().await;
    edge.shutdown.cancel();
    assert_eq!(busy.rest().await, "");
    assert!(matches!(edge.stop().await, Err(Error::Cut { connections: 1 })));
}

#[tokio::test]
async fn beyond_the_limit_connections_wait_for_a_place() {
    let edge = Edge::start(Config { connections: 1, ..unlimited() });
    let mut first = edge.connect().await;
    first.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n").await;
    edge.entered().await;
    let mut second = edge.connect().await;
    second.send(&get("/hello")).await;
    let early = tokio::time::timeout(Duration::from_millis(200), second.answer()).await;
    assert!(early.is_err(), "served beyond the limit");
    edge.open_gate();
    assert_eq!(first.answer().await.body, "through the gate");
    drop(first);
    assert_eq!(second.answer().await.body, "hello");
}

#[tokio::test]
async fn the_service_is_dropped_when_the_caller_goes() {
    let edge = Edge::start(unlimited());
    let mut client = edge.connect().await;
    client.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n").await;
    edge.entered().await;
    drop(client);
    edge.left().await;
}
