//! Time and number.

use std::time::Instant;

use http_body_util::BodyExt as _;
use outbound::{Config, Error, OutboundProvider, Timeouts};
use tokio::net::TcpListener;

use crate::fixture::{LONG, Peer, SHORT, component, fetch, get, networked, no_chain, text, timeouts};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
const HALF: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe";

#[tokio::test]
async fn a_silent_peer_is_left_after_the_first_byte_timeout() {
    let peer = Peer::saying("").await;
    let ctx = networked(&[&peer.url()]);
    let outcome = ctx.send(get(&peer.url()), Timeouts { first_byte: SHORT, ..timeouts() }).await;
    assert!(matches!(outcome, Err(Error::Timeout)));
}

#[tokio::test]
async fn the_deadline_of_the_request_cuts_every_timeout_short() {
    let peer = Peer::saying("").await;
    let mut ctx = networked(&[&peer.url()]);
    ctx.begin_request(Instant::now() + SHORT, None, 0, None);
    assert!(matches!(fetch(&ctx, &peer.url()).await, Err(Error::Timeout)));
}

#[tokio::test]
async fn a_body_that_stops_flowing_fails() {
    let peer = Peer::saying(HALF).await;
    let ctx = networked(&[&peer.url()]);
    let response = ctx.send(get(&peer.url()), Timeouts { between_bytes: SHORT, ..timeouts() }).await.unwrap();
    let mut body = response.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "he");
    let error = body.frame().await.unwrap().unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(Error::Timeout)), "{error}");
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_a_connect_timeout() {
    // Accepts connections (the kernel does) and never speaks.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let ctx = networked(&[&url]);
    let outcome = ctx.send(get(&url), Timeouts { connect: SHORT, ..timeouts() }).await;
    assert!(matches!(outcome, Err(Error::ConnectTimeout)), "{outcome:?}");
}

#[tokio::test]
async fn a_place_is_occupied_until_the_body_ends_or_is_dropped() {
    let peer = Peer::saying(OK).await;
    let half = Peer::saying(HALF).await;
    let provider = OutboundProvider::new(Config::default(), no_chain()).unwrap();
    let mut ctx = provider.prepare(&component(&[&peer.url(), &half.url()], 1), |_| None).unwrap();
    ctx.begin_request(Instant::now() + LONG, None, 0, None);
    let hasty = Timeouts { connect: SHORT, ..timeouts() };

    let unread = ctx.send(get(&half.url()), timeouts()).await.unwrap();
    assert!(matches!(ctx.send(get(&peer.url()), hasty).await, Err(Error::LimitReached)));
    drop(unread);
    let read = ctx.send(get(&peer.url()), timeouts()).await.unwrap();
    assert_eq!(text(read).await, "hello");
    assert_eq!(text(ctx.send(get(&peer.url()), timeouts()).await.unwrap()).await, "hello");
}

#[tokio::test]
async fn the_process_has_a_limit_of_its_own() {
    let peer = Peer::saying(HALF).await;
    let provider = OutboundProvider::new(Config { connections_max: 1, ..Config::default() }, no_chain()).unwrap();
    let ctx = |()| {
        let mut ctx = provider.prepare(&component(&[&peer.url()], 8), |_| None).unwrap();
        ctx.begin_request(Instant::now() + LONG, None, 0, None);
        ctx
    };
    let [first, second] = [(), ()].map(ctx);
    let unread = first.send(get(&peer.url()), timeouts()).await.unwrap();
    let hasty = Timeouts { connect: SHORT, ..timeouts() };
    assert!(matches!(second.send(get(&peer.url()), hasty).await, Err(Error::LimitReached)));
    drop(unread);
    second.send(get(&peer.url()), timeouts()).await.unwrap();
}

#[tokio::test]
async fn nothing_is_sent_outside_a_request() {
    let mut peer = Peer::saying(OK).await;
    let provider = OutboundProvider::new(Config::default(), no_chain()).unwrap();
    let mut ctx = provider.prepare(&component(&[&peer.url()], 1), |_| None).unwrap();
    assert!(matches!(fetch(&ctx, &peer.url()).await, Err(Error::Denied { .. })));
    ctx.begin_request(Instant::now() + LONG, None, 0, None);
    ctx.end_request();
    assert!(matches!(fetch(&ctx, &peer.url()).await, Err(Error::Denied { .. })));
    assert!(!peer.was_asked());
}
