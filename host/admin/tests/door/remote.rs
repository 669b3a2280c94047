//! Over HTTPS.

use std::path::PathBuf;

use admin::{Client, Error, Identity, Scope, Token};
use control::Verb;
use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::Host;

/// A host with a certificate for `localhost`.
struct Remote {
    host: Host,
    url: String,
    ca: PathBuf,
    serving: JoinHandle<()>,
}

async fn remote() -> Remote {
    let host = Host::new();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let [ca, key_file] = ["cert.pem", "key.pem"].map(|name| host.state.path().join(name));
    std::fs::write(&ca, certificate.pem()).unwrap();
    std::fs::write(&key_file, key.serialize_pem()).unwrap();
    let identity = Identity::read(&ca, &key_file).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let serving = tokio::spawn(admin::serve_remote(listener, identity, host.operator.clone(), host.shutdown.clone()));
    Remote { host, url, ca, serving }
}

impl Remote {
    fn client(&self, name: &str, scope: &str, expires_at_us: u64) -> Client {
        let scopes = [scope.parse::<Scope>().unwrap()].into();
        let token = Token { name: name.to_owned(), scopes, created_at_us: 0, expires_at_us };
        let secret = self.host.operator.tokens.create(token).unwrap();
        Client::remote(&self.url, &secret, Some(&self.ca)).unwrap()
    }
}

#[tokio::test]
async fn a_token_does_what_its_scope_says_under_its_own_name() {
    let remote = remote().await;
    let all = remote.client("pipeline", "deploy:*", u64::MAX);
    all.act(Verb::Pause).await.unwrap();
    assert_eq!(remote.host.fake.calls(), ["pause by pipeline"]);
    let reader = remote.client("reader", "read", u64::MAX);
    assert_eq!(reader.status().await.unwrap().application, "shop");
    let error = reader.act(Verb::Pause).await.unwrap_err();
    assert!(matches!(&error, Error::Denied(why) if why.contains("deploy:<component>")), "{error}");
    assert!(matches!(reader.has(rollout::Digest::of(b"")).await, Err(Error::Denied(_))));
    let expired = remote.client("old", "deploy:*", 1).status().await.unwrap_err();
    assert!(matches!(&expired, Error::Denied(why) if why.contains("expired")), "{expired}");
    let unknown = Client::remote(&remote.url, "wharf_guess", Some(&remote.ca)).unwrap().status().await.unwrap_err();
    assert!(matches!(&unknown, Error::Denied(why) if why.contains("not known")), "{unknown}");
    remote.host.stop(remote.serving).await;
}

#[tokio::test]
async fn a_host_whose_certificate_is_not_trusted_gets_no_token() {
    let remote = remote().await;
    let strange = Client::remote(&remote.url, "wharf_secret", None).unwrap();
    assert!(matches!(strange.status().await, Err(Error::Unreachable { .. })));
    let other_name = remote.url.replace("localhost", "127.0.0.1");
    let strange = Client::remote(&other_name, "wharf_secret", Some(&remote.ca)).unwrap();
    assert!(matches!(strange.status().await, Err(Error::Unreachable { .. })));
    remote.host.stop(remote.serving).await;
}

#[tokio::test]
async fn who_speaks_no_tls_gets_nothing() {
    let remote = remote().await;
    let address = remote.url.trim_start_matches("https://localhost").to_owned();
    let mut stream = TcpStream::connect(format!("127.0.0.1{address}")).await.unwrap();
    stream.write_all(b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // A reset is as good as an end.
    drop(stream.read_to_end(&mut answer).await);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP"), "{answer:?}");
    remote.host.stop(remote.serving).await;
}

#[test]
fn certificate_and_key_that_are_none_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let [none, empty] = ["none.pem", "empty.pem"].map(|name| dir.path().join(name));
    std::fs::write(&empty, "").unwrap();
    for path in [&none, &empty] {
        let error = Identity::read(path, path).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()) && error.contains("certificate"), "{error}");
    }
}
