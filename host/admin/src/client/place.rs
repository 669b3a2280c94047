//! Where a host is, and a connection to it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;

use crate::Error;
use crate::remote::certificates;

/// Time to connect, TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Port of an address without one: HTTPS's.
const PORT_DEFAULT: u16 = 443;

/// The task that drives a connection; it ends with this.
pub(super) type Connection = AbortOnDropHandle<()>;

/// The head of an answer, its body to be read, and what drives both.
pub(super) type Answered = (Connection, Response<Incoming>);

/// Where a host is.
#[derive(Clone)]
pub(super) enum Place {
    Socket(PathBuf),
    Remote(Arc<Remote>),
}

pub(super) struct Remote {
    authority: String,
    host: String,
    port: u16,
    name: ServerName<'static>,
    tls: Arc<ClientConfig>,
    /// `Bearer <token>`, never printed.
    authorization: HeaderValue,
}

impl Place {
    pub(super) fn socket(path: &Path) -> Self {
        Self::Socket(path.to_owned())
    }

    pub(super) fn remote(url: &str, token: &str, ca: Option<&Path>) -> Result<Self, Error> {
        let refuse = |reason| Error::Address { url: url.to_owned(), reason };
        let uri: Uri = url.parse().map_err(|_| refuse("is no address"))?;
        if uri.scheme_str() != Some("https") {
            return Err(refuse("does not begin with https://"));
        }
        let authority = uri.authority().ok_or_else(|| refuse("names no host"))?;
        if authority.as_str().contains('@') || !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(refuse("has more than a host and a port"));
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| refuse("names a host that no certificate can"))?;
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", token.trim()))
            .map_err(|_| Error::Denied("the token has characters that no token has".to_owned()))?;
        authorization.set_sensitive(true);
        let port = authority.port_u16().unwrap_or(PORT_DEFAULT);
        let remote = Remote { authority: authority.to_string(), host, port, name, tls: tls(ca)?, authorization };
        Ok(Self::Remote(Arc::new(remote)))
    }

    /// Sends a request over a new connection and waits for the head of the answer.
    pub(super) fn send(&self, request: Request<Full<Bytes>>) -> BoxFuture<'_, Result<Answered, Error>> {
        Box::pin(async move {
            match self {
                Self::Socket(path) => {
                    let stream = self.connected(UnixStream::connect(path)).await?;
                    self.exchange(stream, HeaderValue::from_static("wharf"), request).await
                }
                Self::Remote(remote) => self.send_securely(remote, request).await,
            }
        })
    }

    /// Lets something take no longer than `limit`.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        asking: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let late = |_| Error::Late { place: self.to_string(), limit_s: limit.as_secs() };
        tokio::time::timeout(limit, asking).await.map_err(late)?
    }

    pub(super) fn strange(&self, what: String) -> Error {
        Error::Answer { place: self.to_string(), what }
    }

    pub(super) fn broken(&self) -> impl FnOnce(hyper::Error) -> Error {
        let place = self.to_string();
        move |source| Error::Broken { place, source }
    }

    async fn connected<S>(&self, connecting: impl Future<Output = io::Result<S>>) -> Result<S, Error> {
        let connected = tokio::time::timeout(CONNECT_LIMIT, connecting).await;
        let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        connected.map_err(|source| Error::Unreachable { place: self.to_string(), source })
    }

    async fn send_securely(&self, remote: &Remote, mut request: Request<Full<Bytes>>) -> Result<Answered, Error> {
        request.headers_mut().insert(AUTHORIZATION, remote.authorization.clone());
        let host = HeaderValue::try_from(&remote.authority);
        let host = host.map_err(|_| self.strange("a host that cannot be sent".to_owned()))?;
        let stream = self.connected(secure(remote)).await?;
        self.exchange(stream, host, request).await
    }

    async fn exchange<S>(
        &self,
        stream: S,
        host: HeaderValue,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Answered, Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        request.headers_mut().insert(HOST, host);
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(self.broken())?;
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to a host ended early");
            }
        });
        let driver = AbortOnDropHandle::new(driver);
        let response = sender.send_request(request).await.map_err(self.broken())?;
        Ok((driver, response))
    }
}

async fn secure(remote: &Remote) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let stream = TcpStream::connect((remote.host.as_str(), remote.port)).await?;
    TlsConnector::from(Arc::clone(&remote.tls)).connect(remote.name.clone(), stream).await
}

fn tls(ca: Option<&Path>) -> Result<Arc<ClientConfig>, Error> {
    let roots = match ca {
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(Error::Tls)?;
            }
            roots
        }
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = config.map_err(Error::Tls)?.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(path) => write!(f, "{}", path.display()),
            Self::Remote(remote) => write!(f, "https://{}", remote.authority),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
