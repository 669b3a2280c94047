//! Over the unix socket.

use std::time::Duration;

use admin::{Client, Error, LogQuery, OBJECT_BYTES_MAX, Return, Socket};
use control::{Change, Kind, Order, Outcome, Refusal, Verb};
use rollout::{Digest, ReleaseId};
use tokio::task::JoinHandle;
use tracing::Level;

use super::Host;

fn serve(host: &Host) -> (Client, JoinHandle<()>) {
    let socket = Socket::bind(host.state.path()).unwrap();
    let client = Client::socket(socket.path());
    let serving = tokio::spawn(admin::serve_socket(socket, host.operator.clone(), host.shutdown.clone()));
    (client, serving)
}

fn me() -> String {
    let output = std::process::Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn whoever_opens_the_socket_does_everything_under_their_own_name() {
    let host = Host::new();
    let (client, serving) = serve(&host);
    let digest = Digest::of(b"wasm");
    assert!(!client.has(digest).await.unwrap());
    client.keep(digest, "wasm".into()).await.unwrap();
    assert!(client.has(digest).await.unwrap());
    let change = Change { wasm: [("cart".to_owned(), digest)].into(), ..Change::default() };
    assert!(client.plan(&change).await.unwrap().plan.is_empty());
    let order = Order { change, strategy: None, approve: [].into(), note: "why".to_owned() };
    assert_eq!(client.deploy(&order).await.unwrap(), ReleaseId(2));
    assert_eq!(host.fake.orders(), [order]);
    for verb in [Verb::Pause, Verb::Resume, Verb::Promote, Verb::Abort] {
        client.act(verb).await.unwrap();
    }
    let back = client.rollback(&Return { release: Some(ReleaseId(1)), ..Return::default() }).await.unwrap();
    assert!(back.done);
    assert_eq!(client.status().await.unwrap().ended.unwrap().outcome, Outcome::Aborted);
    assert_eq!(client.releases().await.unwrap().len(), 2);
    assert_eq!(client.audit(2).await.unwrap().len(), 2);
    let me = me();
    let calls = host.fake.calls();
    for verb in ["deploy", "pause", "resume", "promote", "abort"] {
        assert!(calls.contains(&format!("{verb} by {me}")), "{verb} in {calls:?}");
    }
    host.stop(serving).await;
}

#[tokio::test]
async fn a_refusal_arrives_whole() {
    let host = Host::new();
    let (client, serving) = serve(&host);
    let refusal = Refusal::new(Kind::Unapproved, "one right is new").with(vec!["cart/grant/mail".to_owned()]);
    host.fake.refuse(refusal.clone());
    let order = Order { change: Change::default(), strategy: None, approve: [].into(), note: String::new() };
    match client.deploy(&order).await {
        Err(Error::Refused(found)) => assert_eq!(found, refusal),
        other => panic!("{other:?}"),
    }
    let other = client.keep(Digest::of(b"a"), "b".into()).await;
    assert!(matches!(&other, Err(Error::Refused(refusal)) if refusal.kind == Kind::Invalid), "{other:?}");
    let large = vec![0; OBJECT_BYTES_MAX + 1];
    assert!(matches!(client.keep(Digest::of(b"a"), large.into()).await, Err(Error::TooLarge { .. })));
    host.stop(serving).await;
}

#[tokio::test]
async fn the_largest_object_goes_through() {
    let host = Host::new();
    let (client, serving) = serve(&host);
    let large = vec![7; OBJECT_BYTES_MAX];
    let digest = Digest::of(&large);
    client.keep(digest, large.into()).await.unwrap();
    assert_eq!(host.fake.object(digest).unwrap().len(), OBJECT_BYTES_MAX);
    host.stop(serving).await;
}

#[tokio::test]
async fn a_host_that_is_not_there_is_unreachable_and_named() {
    let host = Host::new();
    let path = host.state.path().join("admin.sock");
    let error = Client::socket(&path).status().await.unwrap_err();
    assert!(matches!(&error, Error::Unreachable { place, .. } if *place == path.display().to_string()), "{error}");
    // A socket file without anybody behind it.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(matches!(Client::socket(&path).status().await, Err(Error::Unreachable { .. })));
}

#[tokio::test]
async fn somebody_who_waits_holds_no_stop_up() {
    let host = Host::new();
    let (client, serving) = serve(&host);
    let sequence = client.status().await.unwrap().sequence;
    let mut lines = client.logs(&LogQuery { follow: true, ..LogQuery::default() }).await.unwrap();
    let waiting = tokio::spawn(async move { client.status_after(sequence, Duration::from_secs(30)).await });
    host.fake.change(|status| status.application = "woken".to_owned());
    assert_eq!(waiting.await.unwrap().unwrap().application, "woken");
    let path = host.state.path().join("admin.sock");
    host.shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(3), serving).await.unwrap().unwrap();
    assert_eq!(lines.next().await.unwrap(), None);
    assert!(!path.exists());
}

#[tokio::test]
async fn the_log_is_shown_and_followed() {
    let host = Host::new();
    let (client, serving) = serve(&host);
    let logs = &host.operator.logs;
    logs.keep(Level::INFO, "application", br#"{"component":"cart","message":"one"}"#);
    logs.keep(Level::ERROR, "application", br#"{"component":"till","message":"two"}"#);
    logs.keep(Level::INFO, "access", br#"{"component":"cart","message":"request"}"#);
    let all = |query: LogQuery| {
        let client = client.clone();
        async move {
            let mut lines = client.logs(&query).await.unwrap();
            let mut found = Vec::new();
            while let Some(line) = lines.next().await.unwrap() {
                found.push(line);
            }
            found
        }
    };
    let cart = || LogQuery { component: Some("cart".to_owned()), ..LogQuery::default() };
    assert_eq!(all(LogQuery::default()).await.len(), 2);
    assert_eq!(all(LogQuery { lines: Some(1), ..LogQuery::default() }).await.len(), 1);
    assert_eq!(all(LogQuery { level: Some("warn".to_owned()), ..LogQuery::default() }).await.len(), 1);
    assert_eq!(all(cart()).await.len(), 1);
    assert_eq!(all(LogQuery { access: true, ..cart() }).await.len(), 2);
    let mut lines = client.logs(&LogQuery { follow: true, ..cart() }).await.unwrap();
    assert!(lines.next().await.unwrap().unwrap().contains("one"));
    logs.keep(Level::INFO, "application", br#"{"component":"till","message":"three"}"#);
    logs.keep(Level::INFO, "application", br#"{"component":"cart","message":"four"}"#);
    assert!(lines.next().await.unwrap().unwrap().contains("four"));
    host.stop(serving).await;
}
