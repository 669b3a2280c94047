//! Where a request wants to go, as its URI says.

use http::uri::{Scheme, Uri};

use crate::Error;

/// The domain of calls between components.
pub(crate) const INTERNAL_SUFFIX: &str = ".spin.internal";
/// How a component names its own application's public address.
pub(crate) const OWN_HOST: &str = "self.alt";

/// Scheme, host and port of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) secure: bool,
    /// Lower case, without brackets and without the dot of a fully qualified name.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Destination {
    /// Reads a URI. Without a host it means the application itself.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Error> {
        let refuse = |reason| Error::Request { reason };
        let secure = match uri.scheme() {
            None => false,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(_) => return Err(refuse("its scheme is neither http nor https")),
        };
        let default = if secure { 443 } else { 80 };
        let Some(authority) = uri.authority() else {
            return Ok(Self { secure, host: OWN_HOST.to_owned(), port: default });
        };
        if authority.as_str().contains('@') {
            return Err(refuse("its URI holds a user name"));
        }
        let host = clean_host(authority.host());
        if host.is_empty() {
            return Err(refuse("its URI names no host"));
        }
        Ok(Self { secure, host, port: authority.port_u16().unwrap_or(default) })
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// The value of the `Host` header: the port only where it is not the scheme's own.
    pub(crate) fn host_header(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let default = if self.secure { 443 } else { 80 };
        if self.port == default { host } else { format!("{host}:{}", self.port) }
    }

    /// The component that is meant, where it is a call between components.
    pub(crate) fn component(&self) -> Option<&str> {
        self.host.strip_suffix(INTERNAL_SUFFIX)
    }
}

impl std::fmt::Display for Destination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, .. } = self;
        let scheme = self.scheme();
        if host.contains(':') { write!(f, "{scheme}://[{host}]:{port}") } else { write!(f, "{scheme}://{host}:{port}") }
    }
}

/// A host in the one form that is compared.
pub(crate) fn clean_host(host: &str) -> String {
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &str) -> Result<Destination, Error> {
        Destination::of(&uri.parse().unwrap())
    }

    #[test]
    fn hosts_and_ports_are_read_in_one_form() {
        for (uri, shown, header) in [
            ("http://Example.ORG./a", "http://example.org:80", "example.org"),
            ("https://example.org:8443", "https://example.org:8443", "example.org:8443"),
            ("http://[::1]:80/", "http://[::1]:80", "[::1]"),
            ("/relative", "http://self.alt:80", "self.alt"),
        ] {
            let destination = of(uri).unwrap();
            assert_eq!(destination.to_string(), shown);
            assert_eq!(destination.host_header(), header);
        }
    }

    #[test]
    fn what_is_not_plain_http_is_refused() {
        for uri in ["ftp://example.org/", "http://user@example.org/", "http://user:pass@example.org/"] {
            assert!(matches!(of(uri), Err(Error::Request { .. })), "{uri}");
        }
    }
}
