//! A server that goes away comes back with what was acknowledged, and the way to it can be protected.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use instances::Postgres;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sql::{Error, PostgresConfig, Tls, Value};
use tempfile::TempDir;

use crate::harness::{Harness, WRITE, component, config, make_host_role, provider};

/// Method: the server is cut off while the pool holds connections to it and a transaction is open; while it is away,
/// callers are told; when it is back, they need do nothing.
#[tokio::test(flavor = "multi_thread")]
async fn callers_are_told_of_an_outage_and_served_after_it() {
    let server = Postgres::start();
    make_host_role(&server);
    let harness = Harness::on_server(&config(server.port(), ""), "create table t (n bigint primary key)").await;
    let client = harness.client();
    for round in 0..3_i64 {
        let insert = |n: i64| client.execute("insert into t values ($1)", vec![Value::Int64(n)]);
        insert(round * 10).await.unwrap();
        let open = client.begin(WRITE).await.unwrap();
        open.execute("insert into t values ($1)", vec![Value::Int64(round * 10 + 1)]).await.unwrap();
        server.stop_immediately();
        let lost = open.commit().await;
        assert!(matches!(lost, Err(Error::Unavailable { .. })), "{lost:?}");
        let refused = insert(round * 10 + 2).await;
        assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
        assert!(matches!(harness.provider.ping().await, Err(Error::Unavailable { .. })));
        server.start_again();
        assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(round * 2 + 1));
        insert(round * 10 + 3).await.unwrap();
        assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(round * 2 + 2));
    }
}

/// Method: the server restarts while nobody looks; the first statements after it are a change and a transaction.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_between_two_requests_is_not_noticed() {
    let server = Postgres::start();
    make_host_role(&server);
    let harness = Harness::on_server(&config(server.port(), ""), "create table t (n bigint)").await;
    let client = harness.client();
    client.query("select 1", vec![]).await.unwrap();
    server.stop_immediately();
    server.start_again();
    let transaction = client.begin(WRITE).await.unwrap();
    transaction.execute("insert into t values (1)", vec![]).await.unwrap();
    transaction.commit().await.unwrap();
    server.stop_immediately();
    server.start_again();
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(1));
}

/// The text form of a certificate or key.
fn pem(label: &str, der: &[u8]) -> String {
    let lines = STANDARD.encode(der);
    let lines: Vec<_> = lines.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn authority() -> Authority {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = pem("CERTIFICATE", params.self_signed(&key).unwrap().der());
    Authority { pem, issuer: Issuer::new(params, key) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_way_is_taken_and_a_wrong_certificate_refused() {
    let (ours, strange) = (authority(), authority());
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &ours.issuer).unwrap();
    let server = Postgres::start_with(|data| {
        Postgres::write(data, "server.crt", &pem("CERTIFICATE", certificate.der()));
        Postgres::write(data, "server.key", &pem("PRIVATE KEY", &key.serialize_der()));
        Postgres::write(data, "pg_hba.conf", "hostssl all all all scram-sha-256\n");
        vec![("ssl".to_owned(), "on".to_owned())]
    });
    make_host_role(&server);
    let dir = TempDir::new().unwrap();
    let file = |name: &str, authority: &Authority| {
        let path = dir.path().join(name);
        std::fs::write(&path, &authority.pem).unwrap();
        Some(path)
    };
    let (ours, strange) = (file("ours.pem", &ours), file("strange.pem", &strange));
    let clock = std::sync::Arc::default();
    for (host, tls, ca_file, accepted) in [
        ("localhost", Tls::VerifyFull, &ours, true),
        ("localhost", Tls::Require, &None, true),
        ("localhost", Tls::VerifyFull, &strange, false),
        ("localhost", Tls::VerifyFull, &None, false),
        // The certificate is for the name, not for the address.
        ("127.0.0.1", Tls::VerifyFull, &ours, false),
        ("localhost", Tls::Disable, &None, false),
    ] {
        let ca_file = ca_file.clone();
        let config = PostgresConfig { host: host.to_owned(), tls, ca_file, ..config(server.port(), "") };
        let provider = provider(dir.path(), &clock, Some(&config));
        let declared = provider.declare(&component("shop", Some("shop"), &[]), vec![]).await;
        assert_eq!(declared.is_ok(), accepted, "{config:?}: {declared:?}");
        assert!(accepted || matches!(declared, Err(Error::Unavailable { .. })), "{declared:?}");
    }
    let encrypted = "select bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'wharf'";
    assert_ne!(server.psql("postgres", encrypted), "f");
}
