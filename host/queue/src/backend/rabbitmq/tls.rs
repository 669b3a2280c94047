//! TLS to the broker, by the host's one TLS stack.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::complaint::Complaint;
use super::config::RabbitmqConfig;

pub(super) async fn connect(config: &RabbitmqConfig, tcp: TcpStream) -> Result<TlsStream<TcpStream>, Complaint> {
    let refuse = |reason: String| Complaint::Tls { place: config.place(), reason };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| refuse(error.to_string()))?
        .with_root_certificates(roots(config).map_err(refuse)?)
        .with_no_client_auth();
    let name = ServerName::try_from(config.host.clone()).map_err(|error| refuse(error.to_string()))?;
    TlsConnector::from(Arc::new(client)).connect(name, tcp).await.map_err(|error| refuse(error.to_string()))
}

fn roots(config: &RabbitmqConfig) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let Some(file) = &config.ca_file else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return Ok(roots);
    };
    let unusable = |error: &dyn std::fmt::Display| format!("the authorities in {}: {error}", file.display());
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unusable(&error))? {
        let certificate = certificate.map_err(|error| unusable(&error))?;
        roots.add(certificate).map_err(|error| unusable(&error))?;
    }
    if roots.is_empty() {
        return Err(unusable(&"there is none"));
    }
    Ok(roots)
}
