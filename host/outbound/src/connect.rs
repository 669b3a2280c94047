//! One connection for one request: name, address check, TCP, TLS, HTTP/1.1.
//!
//! Connections are not kept for later requests: a kept connection would have to remember which grants it was opened
//! under, and components mostly call each other, which needs none.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use body::{Request, Response};
use http::header::{
    CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHENTICATE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::{PathAndQuery, Uri};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::task::AbortOnDropHandle;

use crate::destination::Destination;
use crate::provider::Shared;
use crate::{AllowList, Error};

/// A connection and the task that drives it.
pub(crate) type Connection = (http1::SendRequest<body::Body>, AbortOnDropHandle<()>);

/// Addresses of one name that are tried; the rest of a longer list is ignored.
const ADDRESSES_MAX: usize = 4;
/// Bytes of an answer's head, and of its body read ahead of the component. Heads beyond it are an attack or a mistake.
const BUFFER_MAX: usize = 128 << 10;
/// Headers that describe one connection and not the message (RFC 9110 section 7.6.1).
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The client side of TLS: the public web's roots and the operator's own.
pub(crate) fn tls(extra: &[CertificateDer<'static>]) -> Result<rustls::ClientConfig, rustls::Error> {
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in extra {
        roots.add(certificate.clone())?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The addresses that may be connected to, at most four.
pub(crate) async fn resolve(
    shared: &Shared,
    destination: &Destination,
    allowed: &AllowList,
) -> Result<Vec<SocketAddr>, Error> {
    let host = &destination.host;
    let found = match host.parse() {
        Ok(address) => vec![SocketAddr::new(address, destination.port)],
        Err(_) => (shared.config.resolver)(host.clone(), destination.port)
            .await
            .map_err(|source| Error::Dns { host: host.clone(), source: Some(source) })?,
    };
    if found.is_empty() {
        return Err(Error::Dns { host: host.clone(), source: None });
    }
    // The port is what was allowed, whatever a resolver says.
    let addresses = found.into_iter().map(|address| SocketAddr::new(address.ip(), destination.port));
    let usable: Vec<_> = addresses
        .filter(|address| allowed.allows_address(destination.scheme(), host, *address))
        .take(ADDRESSES_MAX)
        .collect();
    if usable.is_empty() {
        tracing::warn!(capability = "outbound", destination = %destination, "address prohibited");
        return Err(Error::Prohibited { host: host.clone() });
    }
    Ok(usable)
}

/// Connects to the first address that answers.
pub(crate) async fn open(
    shared: &Shared,
    destination: &Destination,
    addresses: &[SocketAddr],
) -> Result<Connection, Error> {
    let stream = dial(destination, addresses).await?;
    if !destination.secure {
        return handshake(stream).await;
    }
    let host = &destination.host;
    let name = ServerName::try_from(host.clone())
        .map_err(|_| Error::Request { reason: "its host cannot be the name in a certificate" })?;
    let connector = tokio_rustls::TlsConnector::from(Arc::clone(&shared.tls));
    let stream = connector.connect(name, stream).await.map_err(|source| Error::Tls { host: host.clone(), source })?;
    handshake(stream).await
}

/// Sends the request and waits for the head of the answer.
pub(crate) async fn send(
    mut sender: http1::SendRequest<body::Body>,
    destination: &Destination,
    mut request: Request,
) -> Result<Response, Error> {
    let path = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    *request.version_mut() = http::Version::HTTP_11;
    prepare_headers(request.headers_mut(), destination)?;
    let response = sender.send_request(request).await.map_err(|source| Error::Protocol { source })?;
    Ok(response.map(|body| body.map_err(|source| Error::Protocol { source }.into()).boxed_unsync()))
}

fn prepare_headers(headers: &mut HeaderMap, destination: &Destination) -> Result<(), Error> {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    let host = HeaderValue::try_from(destination.host_header())
        .map_err(|_| Error::Request { reason: "its host cannot be sent in a header" })?;
    headers.insert(HOST, host);
    Ok(())
}

async fn dial(destination: &Destination, addresses: &[SocketAddr]) -> Result<TcpStream, Error> {
    let host = || destination.host.clone();
    let mut failure = Error::Dns { host: host(), source: None };
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // A small request should not wait for a full packet; without it, it merely does.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY");
                }
                return Ok(stream);
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                failure = Error::ConnectionRefused { host: host() };
            }
            Err(source) => failure = Error::Unreachable { host: host(), source },
        }
    }
    Err(failure)
}

async fn handshake(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Result<Connection, Error> {
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(BUFFER_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|source| Error::Protocol { source })?;
    let driver = tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "an outgoing connection ended");
        }
    });
    Ok((sender, AbortOnDropHandle::new(driver)))
}
