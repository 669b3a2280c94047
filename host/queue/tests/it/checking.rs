//! What is wrong with a broker is named, so that an operator can act on it.

use instances::{Certificate, Rabbit};
use queue::{BrokerTls, Complaint, RabbitmqConfig};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::bed::broker;

fn shared() -> RabbitmqConfig {
    broker(Rabbit::shared(), Rabbit::shared().port())
}

#[tokio::test]
async fn a_broker_that_will_do_has_no_complaint_and_keeps_nothing() {
    let config = shared();
    assert_eq!(config.probe().await, []);
    let queues = Rabbit::shared().ctl(&["list_queues", "--vhost", &config.virtual_host, "name"]);
    assert!(!queues.contains("probe"), "{queues}");
}

#[tokio::test]
async fn a_wrong_password_a_wrong_place_and_a_wrong_virtual_host_are_told_apart() {
    let config = shared();
    let wrong = RabbitmqConfig { password: "s3cret".into(), ..config.clone() };
    let complaints = wrong.probe().await;
    assert_eq!(complaints, [Complaint::LogIn { user: "guest".into() }]);
    assert!(!format!("{complaints:?} {}", complaints[0]).contains("s3cret"));
    let wrong = RabbitmqConfig { virtual_host: "nowhere".into(), ..config.clone() };
    assert_eq!(wrong.probe().await, [Complaint::VirtualHost { user: "guest".into(), name: "nowhere".into() }]);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let wrong = RabbitmqConfig { port: nobody, ..config };
    assert!(matches!(&wrong.probe().await[..], [Complaint::Unreachable { .. }]));
}

#[tokio::test]
async fn a_right_that_is_missing_is_named() {
    let rabbit = Rabbit::shared();
    let config = RabbitmqConfig { user: "narrow".into(), password: "narrow".into(), ..shared() };
    rabbit.ctl(&["add_user", "narrow", "narrow"]);
    let allow = |configure: &str, write: &str, read: &str| {
        rabbit.ctl(&["set_permissions", "--vhost", &config.virtual_host, "narrow", configure, write, read]);
    };
    assert!(matches!(&config.probe().await[..], [Complaint::VirtualHost { .. }]));
    allow("^other", ".*", ".*");
    assert!(matches!(&config.probe().await[..], [Complaint::Right { .. }]));
    allow("^wharf\\.", "^$", "^wharf\\.");
    assert!(matches!(&config.probe().await[..], [Complaint::Right { .. }]));
    allow("^wharf\\.", "^(wharf\\..*|amq\\.default)$", "^$");
    assert!(matches!(&config.probe().await[..], [Complaint::Right { .. }]));
    allow("^wharf\\.", "^(wharf\\..*|amq\\.default)$", "^wharf\\.");
    assert_eq!(config.probe().await, []);
}

fn issuer() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

#[tokio::test]
async fn a_certificate_must_be_for_the_name_and_from_a_trusted_authority() {
    let (ours, other) = (issuer(), issuer());
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &ours).unwrap();
    let rabbit = Rabbit::start_with_tls(&Certificate { certificate: certificate.pem(), key: key.serialize_pem() });
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, issuer: &CertifiedIssuer<'static, KeyPair>| {
        let path = dir.path().join(name);
        std::fs::write(&path, issuer.pem()).unwrap();
        Some(path)
    };
    let config = RabbitmqConfig {
        host: "localhost".into(),
        tls: BrokerTls::Verify,
        ca_file: file("ours.pem", &ours),
        ..broker(&rabbit, rabbit.tls_port().unwrap())
    };
    assert_eq!(config.probe().await, []);
    let wrong = RabbitmqConfig { ca_file: file("other.pem", &other), ..config.clone() };
    assert!(matches!(&wrong.probe().await[..], [Complaint::Tls { .. }]));
    let wrong = RabbitmqConfig { host: "127.0.0.1".into(), ..config.clone() };
    assert!(matches!(&wrong.probe().await[..], [Complaint::Tls { .. }]));
    let wrong = RabbitmqConfig { ca_file: None, ..config };
    assert!(matches!(&wrong.probe().await[..], [Complaint::Tls { .. }]));
}
