//! Requests that leave the process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::StatusCode;
use http::header::{HeaderValue, LOCATION};
use outbound::{Config, Error, Resolver};
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::fixture::{Peer, converse, fetch, get, networked, no_chain, serving, text, timeouts};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

fn resolving_to(addresses: Vec<SocketAddr>) -> (Resolver, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let resolver: Resolver = Arc::new(move |_, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        let addresses = addresses.clone();
        Box::pin(async move { Ok(addresses) })
    });
    (resolver, asked)
}

#[tokio::test]
async fn an_allowed_request_is_answered() {
    let mut peer = Peer::saying(OK).await;
    let ctx = networked(&[&peer.url()]);
    let mut request = get(&format!("{}/a?b=c", peer.url()));
    for (name, value) in [("host", "forged"), ("connection", "upgrade"), ("upgrade", "x"), ("x-own", "1")] {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let response = ctx.send(request, timeouts()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text(response).await, "hello");

    let head = peer.head().await.to_ascii_lowercase();
    assert!(head.starts_with("get /a?b=c http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("host: {}\r\n", peer.address)), "{head}");
    assert!(head.contains("x-own: 1\r\n"), "{head}");
    assert!(!head.contains("forged") && !head.contains("upgrade"), "{head}");
}

#[tokio::test]
async fn what_is_not_listed_is_denied_before_anything_happens() {
    let mut peer = Peer::saying(OK).await;
    for allowed in [&[][..], &["http://127.0.0.1:1"], &["https://127.0.0.1:1..65536"], &["http://*.example.org:*"]] {
        let outcome = fetch(&networked(allowed), &peer.url()).await;
        assert!(matches!(outcome, Err(Error::Denied { .. })), "{allowed:?}");
    }
    assert!(!peer.was_asked());
}

#[tokio::test]
async fn a_star_opens_no_door_inside() {
    let mut peer = Peer::saying(OK).await;
    let ctx = networked(&["*://*:*"]);
    let local = format!("http://localhost:{}", peer.address.port());
    let metadata = "http://169.254.169.254/latest/meta-data/";
    for uri in [&peer.url(), &local, metadata, "http://[::ffff:169.254.169.254]/", "http://10.0.0.1/", "http://0/"] {
        let outcome = fetch(&ctx, uri).await;
        assert!(matches!(outcome, Err(Error::Prohibited { .. })), "{uri}: {outcome:?}");
    }
    assert!(!peer.was_asked());
}

#[tokio::test]
async fn localhost_by_name_means_this_machine() {
    let peer = Peer::saying(OK).await;
    let uri = format!("http://localhost:{}", peer.address.port());
    let (resolver, _) = resolving_to(vec![peer.address]);
    let ctx = serving(Config { resolver, ..Config::default() }, no_chain(), &[&uri]);
    assert_eq!(text(fetch(&ctx, &uri).await.unwrap()).await, "hello");
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused() {
    let mut peer = Peer::saying(OK).await;
    let (resolver, _) = resolving_to(vec![peer.address, "169.254.169.254:80".parse().unwrap()]);
    let entry = format!("http://rebind.example:{}", peer.address.port());
    let ctx = serving(Config { resolver, ..Config::default() }, no_chain(), &[&entry]);
    assert!(matches!(fetch(&ctx, &entry).await, Err(Error::Prohibited { host }) if host == "rebind.example"));
    assert!(!peer.was_asked());
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked() {
    let peer = Peer::saying(OK).await;
    let port = peer.address.port();
    // The first address is not granted and is skipped; a resolver's own idea of the port counts for nothing.
    let addresses = vec!["169.254.169.254:80".parse().unwrap(), SocketAddr::new(peer.address.ip(), 1)];
    let (resolver, asked) = resolving_to(addresses);
    let entry = format!("http://pinned.example:{port}");
    let granted = format!("http://127.0.0.0/8:{port}");
    let ctx = serving(Config { resolver, ..Config::default() }, no_chain(), &[&entry, &granted]);
    assert_eq!(text(fetch(&ctx, &entry).await.unwrap()).await, "hello");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "a second look-up could answer differently");
}

#[tokio::test]
async fn a_name_without_address_is_an_error_of_its_own() {
    let (resolver, _) = resolving_to(Vec::new());
    let ctx = serving(Config { resolver, ..Config::default() }, no_chain(), &["http://nowhere.example"]);
    assert!(matches!(fetch(&ctx, "http://nowhere.example").await, Err(Error::Dns { source: None, .. })));

    let resolver: Resolver = Arc::new(|_, _| Box::pin(async { Err(std::io::Error::other("no such name")) }));
    let ctx = serving(Config { resolver, ..Config::default() }, no_chain(), &["http://nowhere.example"]);
    assert!(matches!(fetch(&ctx, "http://nowhere.example").await, Err(Error::Dns { source: Some(_), .. })));
}

#[tokio::test]
async fn redirects_are_the_components_business() {
    let peer =
        Peer::saying("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n").await;
    let response = fetch(&networked(&[&peer.url()]), &peer.url()).await.unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(response.headers()[LOCATION], "http://169.254.169.254/");
}

#[tokio::test]
async fn a_closed_port_is_told_from_a_denied_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert!(matches!(fetch(&networked(&[&url]), &url).await, Err(Error::ConnectionRefused { .. })));
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_a_protocol_error() {
    let peer = Peer::saying("SSH-2.0-OpenSSH\r\n\r\n").await;
    assert!(matches!(fetch(&networked(&[&peer.url()]), &peer.url()).await, Err(Error::Protocol { .. })));
}

#[tokio::test]
async fn the_application_reaches_its_own_public_address() {
    let peer = Peer::saying(OK).await;
    let config = Config { own_address: Some(peer.address), ..Config::default() };
    let ctx = serving(config.clone(), no_chain(), &["http://self"]);
    assert_eq!(text(fetch(&ctx, "/relative").await.unwrap()).await, "hello");
    assert_eq!(text(fetch(&ctx, "http://self.alt/").await.unwrap()).await, "hello");
    assert!(matches!(fetch(&networked(&["http://self"]), "/").await, Err(Error::Denied { .. })));
    assert!(matches!(fetch(&serving(config, no_chain(), &[]), "/").await, Err(Error::Denied { .. })));
}

#[tokio::test]
async fn a_secure_connection_needs_a_certificate_that_is_trusted() {
    let made = rcgen::generate_simple_self_signed(vec!["secure.example".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let server = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(server));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heads, mut asked) = mpsc::channel(4);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(converse(stream, OK, heads.clone()));
            }
        }
    });

    let port = address.port();
    let (resolver, _) = resolving_to(vec![address]);
    let entries = [format!("https://*.example:{port}"), format!("https://127.0.0.1:{port}")];
    let entries = [entries[0].as_str(), entries[1].as_str()];
    let untrusting = Config { resolver, ..Config::default() };
    let trusting = Config { extra_roots: vec![certificate], ..untrusting.clone() };

    let url = format!("https://secure.example:{port}/");
    let ctx = serving(trusting.clone(), no_chain(), &entries);
    assert_eq!(text(fetch(&ctx, &url).await.unwrap()).await, "hello");
    assert!(asked.recv().await.unwrap().contains(&format!("host: secure.example:{port}\r\n")));

    let other = format!("https://other.example:{port}/");
    assert!(matches!(fetch(&ctx, &other).await, Err(Error::Tls { .. })));
    let ctx = serving(untrusting, no_chain(), &entries);
    assert!(matches!(fetch(&ctx, &url).await, Err(Error::Tls { .. })));
    assert!(asked.try_recv().is_err());
}
