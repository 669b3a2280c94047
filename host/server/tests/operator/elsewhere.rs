//! Tokens, and a host on another machine.

use admin::Identity;
use rcgen::{CertificateParams, KeyPair};
use tokio::net::TcpListener;

use super::{Host, ended};

async fn secret(host: &Host, arguments: &[&str]) -> String {
    let ended = host.wharf(&[&["token", "create"], arguments].concat()).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    ended.out.lines().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_reaches_a_host_elsewhere_with_its_token_alone() {
    let host = Host::start();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let ca = host.file("ca.pem", certificate.pem().as_bytes());
    let identity = Identity::read(&ca, &host.file("key.pem", key.serialize_pem().as_bytes())).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(admin::serve_remote(listener, identity, host.operator.clone(), host.shutdown.clone()));

    let reader = secret(&host, &["reader", "--scope", "read"]).await;
    let token = host.file("token", format!("{reader}\n").as_bytes()).display().to_string();
    let there = ["--remote", &url, "--token-file", &token, "--ca-file", "ca.pem"];
    assert_eq!(host.wharf(&[&["status"][..], &there].concat()).await.code, 0);
    let ended_so = host.wharf(&[&["promote"][..], &there].concat()).await;
    assert!(ended_so.code == 2 && ended_so.err.contains("deploy:<component>"), "{ended_so:?}");

    let pipeline = secret(&host, &["ci", "--scope", "deploy:*", "--scope", "rollback", "--expires", "12h"]).await;
    let by_environment = |verb| {
        let mut command = host.command(&[verb, "--ca-file", "ca.pem"]);
        command.env("WHARF_REMOTE", &url).env("WHARF_TOKEN", &pipeline);
        command
    };
    assert_eq!(ended(by_environment("promote")).await.code, 0);
    assert_eq!(host.fake.calls(), ["promote by ci"]);
    assert_eq!(host.wharf(&["token", "revoke", "ci"]).await.code, 0);
    let ended = ended(by_environment("promote")).await;
    assert!(ended.code == 2 && ended.err.contains("revoked"), "{ended:?}");
    assert!(!ended.err.contains(&pipeline), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once() {
    let host = Host::start();
    let secret = secret(&host, &["ci", "--scope", "deploy:cart"]).await;
    assert!(secret.starts_with("wharf_"), "{secret}");
    let ended = host.wharf(&["token", "ls"]).await;
    assert!(ended.out.contains("ci") && ended.out.contains("deploy:cart") && !ended.out.contains(&secret), "{ended:?}");
    assert!(!host.wharf(&["token", "ls", "--json"]).await.out.contains(&secret[6..]));
    let again = host.wharf(&["token", "create", "ci", "--scope", "read"]).await;
    assert!(again.code == 2 && again.err.contains("revoke it first"), "{again:?}");
    assert_eq!(host.wharf(&["token", "revoke", "ci"]).await.code, 0);
    let absent = host.wharf(&["token", "revoke", "ci", "--json"]).await;
    assert!(absent.code == 2 && absent.err.contains("no token `ci`"), "{absent:?}");
    let json = host.wharf(&["token", "create", "ci", "--scope", "read", "--json"]).await;
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert!(document["token"].as_str().unwrap().starts_with("wharf_"), "{document}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_about_tokens_and_places_are_usage() {
    let host = Host::start();
    for mistake in [
        &["token", "create", "ci"][..],
        &["token", "create", "ci", "--scope", "write"],
        &["token", "create", "CI", "--scope", "read"],
        &["token", "create", "ci", "--scope", "read", "--expires", "soon"],
        &["token", "create", "ci", "--scope", "read", "--expires", "3651d"],
        &["status", "--remote", "https://localhost:1"],
        &["status", "--remote", "https://localhost:1", "--socket", "x"],
        &["status", "--socket", "x", "--state-dir", "y"],
        &["deploy", "--expect", "abc"],
        &["deploy", "cart", "cart.wasm", "--strategy", "50,25"],
        &["logs", "--level", "loud"],
    ] {
        let ended = host.wharf(mistake).await;
        assert_eq!(ended.code, 64, "{mistake:?}: {ended:?}");
        assert!(!ended.err.is_empty(), "{mistake:?}");
    }
}
