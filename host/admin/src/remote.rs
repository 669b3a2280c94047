//! The door to the outside: HTTPS, and a token for every request.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::api::Peer;
use crate::door::Door;
use crate::{Error, Operator};

/// Time for a TLS handshake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

/// Certificate and key of the door to the outside. TLS 1.2 and 1.3.
#[derive(Clone, Debug)]
pub struct Identity(Arc<ServerConfig>);

impl Identity {
    /// Reads a certificate chain and its key, both in PEM.
    ///
    /// # Errors
    /// [`Error::Certificate`] naming the file, [`Error::Tls`] where the two do not belong together.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, Error> {
        let chain = certificates(certificate)?;
        let no_key = |_| Error::Certificate { path: key.to_owned(), reason: "is no readable private key in PEM" };
        let key = PrivateKeyDer::from_pem_file(key).map_err(no_key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config =
            config.and_then(|config| config.with_no_client_auth().with_single_cert(chain, key)).map_err(Error::Tls)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

/// The certificates of a PEM file, at least one.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let refuse = || Error::Certificate { path: path.to_owned(), reason: "is no readable certificate in PEM" };
    let chain = CertificateDer::pem_file_iter(path).map_err(|_| refuse())?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(|_| refuse())?;
    if chain.is_empty() { Err(refuse()) } else { Ok(chain) }
}

/// Serves the listener until `shutdown`; requests that run then are finished, for at most five seconds.
///
/// Every request needs a token; its name is `who` in the audit log.
pub async fn serve_remote(listener: TcpListener, identity: Identity, operator: Operator, shutdown: CancellationToken) {
    let door = Door::new(operator, shutdown);
    let acceptor = TlsAcceptor::from(identity.0);
    while let Some(((stream, peer), place)) = door.next(|| listener.accept()).await {
        door.serve(place, handshake(acceptor.clone(), stream, peer));
    }
    drop(listener);
    door.close().await;
}

async fn handshake(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    peer: SocketAddr,
) -> Option<(tokio_rustls::server::TlsStream<TcpStream>, Peer)> {
    match tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => Some((stream, Peer::Remote { address: peer.ip() })),
        Ok(Err(error)) => {
            tracing::debug!(%error, "an operator's TLS handshake failed");
            None
        }
        Err(_) => None,
    }
}
