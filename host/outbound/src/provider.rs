//! What all components share: connections, TLS, names, the way to other components.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use body::{BoxError, Request, Response};
use manifest::Component;
use rustls::pki_types::CertificateDer;
use tokio::sync::Semaphore;

use crate::{AllowList, Error, OutboundCtx};

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Calls a component of this application by its id.
///
/// An answer, whatever its status, reaches the caller unchanged: so a callee that is overloaded or too slow should be
/// answered for here with 503 or 504. An error is [`Error`] in a box, which the caller gets as it is (use it for
/// [`Error::UnknownComponent`]), or anything else, which becomes a 502.
pub type Chain = Arc<dyn Fn(String, Request) -> BoxFuture<'static, Result<Response, BoxError>> + Send + Sync>;

/// Finds the addresses of a host and port.
pub type Resolver = Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// How outgoing HTTP works on this machine.
#[derive(Clone)]
pub struct Config {
    /// Connections of the whole process. Default 256: a quarter of the file descriptors that a process usually gets.
    pub connections_max: usize,
    /// Where requests to the application itself (`self`) go. `None`: they are denied.
    pub own_address: Option<SocketAddr>,
    /// Certificates to trust beside those of the public web.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// How names are resolved. Default: the operating system.
    pub resolver: Resolver,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            connections_max: 256,
            own_address: None,
            extra_roots: Vec::new(),
            resolver: Arc::new(|host, port| {
                Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
            }),
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("connections_max", &self.connections_max)
            .field("own_address", &self.own_address)
            .field("extra_roots", &self.extra_roots.len())
            .finish_non_exhaustive()
    }
}

/// Outgoing HTTP, process-wide. Clones share everything.
#[derive(Clone)]
pub struct OutboundProvider {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) chain: Chain,
    pub(crate) connections: Arc<Semaphore>,
    pub(crate) tls: Arc<rustls::ClientConfig>,
}

impl OutboundProvider {
    /// Sets TLS up; opens nothing.
    ///
    /// # Errors
    /// [`Error::TlsSetup`] where an extra certificate is no trust anchor.
    pub fn new(config: Config, chain: Chain) -> Result<Self, Error> {
        let tls = crate::connect::tls(&config.extra_roots).map_err(|source| Error::TlsSetup { source })?;
        let connections = Arc::new(Semaphore::new(config.connections_max.min(Semaphore::MAX_PERMITS)));
        Ok(Self { shared: Arc::new(Shared { config, chain, connections, tls: Arc::new(tls) }) })
    }

    /// Reads what the component may reach. `lookup` has the values of application variables.
    ///
    /// The result is cheap to clone, so that one call per component is enough for all its instances.
    ///
    /// # Errors
    /// Those of [`AllowList::parse`].
    pub fn prepare(
        &self,
        component: &Component,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<OutboundCtx, Error> {
        let allowed = AllowList::parse(&component.grants.outbound, lookup)?;
        Ok(OutboundCtx::new(Arc::clone(&self.shared), component, allowed))
    }
}

impl std::fmt::Debug for OutboundProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboundProvider").field("config", &self.shared.config).finish_non_exhaustive()
    }
}
