//! `allowed_outbound_hosts`: where a component may send requests.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use manifest::HostPattern;

use crate::Error;
use crate::address::{Network, is_public};
use crate::destination::{INTERNAL_SUFFIX, OWN_HOST, clean_host};

/// The destinations of one component. The empty list allows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// Lower case; `None` for `*`.
    scheme: Option<String>,
    host: Host,
    ports: Range<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Any,
    /// `.example.org`, what `*.example.org` requires at the end.
    Below(String),
    Name(String),
    Network(Network),
    /// `self`: the application's own public address.
    Own,
}

/// Every port there is. Port 0 cannot be connected to and does no harm.
const ALL_PORTS: Range<u32> = 0..65_536;

impl AllowList {
    /// Reads the entries, with `lookup` giving the values of `{{ variables }}`.
    ///
    /// An entry that becomes empty, `http://` or `https://` is left out: so a destination can be optional.
    ///
    /// # Errors
    /// [`Error::Variable`] and [`Error::Entry`] for the first entry that cannot be read.
    pub fn parse(entries: &[HostPattern], lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let mut list = Self::default();
        for HostPattern(written) in entries {
            let filled =
                manifest::fill(written, &lookup).map_err(|name| Error::Variable { entry: written.clone(), name })?;
            if matches!(filled.trim(), "" | "http://" | "https://") {
                continue;
            }
            let entry = entry(filled.trim()).map_err(|reason| Error::Entry { entry: written.clone(), reason })?;
            list.entries.push(entry);
        }
        Ok(list)
    }

    /// Whether some entry covers the destination. What its name resolves to is another question.
    pub fn allows(&self, scheme: &str, host: &str, port: u16) -> bool {
        let host = clean_host(host);
        let address: Option<IpAddr> = host.parse().ok();
        self.covering(scheme, port).any(|entry| match (&entry.host, address) {
            (Host::Any, _) => true,
            (Host::Network(network), Some(address)) => network.contains(address),
            (Host::Below(suffix), None) => host.len() > suffix.len() && host.ends_with(suffix.as_str()),
            (Host::Name(name), None) => *name == host,
            (Host::Own, None) => host == OWN_HOST,
            _ => false,
        })
    }

    /// Whether the connection to an allowed host may go to this address.
    ///
    /// A public address always; any other only where an entry names it by number (alone or as a network), or names
    /// `localhost` and means this machine by it.
    pub(crate) fn allows_address(&self, scheme: &str, host: &str, address: SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        is_public(ip)
            || self.covering(scheme, address.port()).any(|entry| match &entry.host {
                Host::Network(network) => network.contains(ip),
                Host::Name(name) => name == "localhost" && host == "localhost" && ip.is_loopback(),
                _ => false,
            })
    }

    fn covering(&self, scheme: &str, port: u16) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| {
            let scheme_fits = entry.scheme.as_deref().is_none_or(|known| known.eq_ignore_ascii_case(scheme));
            scheme_fits && entry.ports.contains(&u32::from(port))
        })
    }
}

fn entry(text: &str) -> Result<Entry, &'static str> {
    if text == "insecure:allow-all" {
        return Err("write `*://*:*` to allow everything");
    }
    let (scheme, rest) = text.split_once("://").ok_or("the scheme is missing")?;
    let scheme = match scheme {
        "*" => None,
        "" => return Err("the scheme is missing"),
        _ if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => Some(scheme.to_ascii_lowercase()),
        _ => return Err("the scheme is neither letters nor `*`"),
    };
    let (host, port) = split_port(rest.strip_suffix('/').unwrap_or(rest))?;
    let parsed = parse_host(host)?;
    let ports = match port {
        Some(port) => parse_ports(port)?,
        // Calls between components know no ports.
        None if host.ends_with(INTERNAL_SUFFIX) => ALL_PORTS,
        None => {
            let port = scheme.as_deref().and_then(default_port).ok_or("this scheme implies no port; name one")?;
            port..port + 1
        }
    };
    Ok(Entry { scheme, host: parsed, ports })
}

/// Splits at the colon before the port, which is not one of those inside an IPv6 address.
fn split_port(rest: &str) -> Result<(&str, Option<&str>), &'static str> {
    if Network::parse(rest).is_some() {
        return Ok((rest, None));
    }
    let after_address = rest.rfind(']').map_or(0, |bracket| bracket + 1);
    match rest.get(after_address..).and_then(|tail| tail.rfind(':')) {
        None => Ok((rest, None)),
        Some(at) => {
            let (host, port) = rest.split_at_checked(after_address + at).ok_or("the port is broken")?;
            Ok((host, port.strip_prefix(':')))
        }
    }
}

fn parse_host(host: &str) -> Result<Host, &'static str> {
    if let Some(network) = Network::parse(host) {
        return Ok(Host::Network(network));
    }
    if host == "*" {
        return Ok(Host::Any);
    }
    if host == "self" || host == OWN_HOST {
        return Ok(Host::Own);
    }
    if host.contains(['/', '?', '#']) {
        return Err("a path cannot be part of it");
    }
    let name = host.strip_prefix("*.").unwrap_or(host);
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if !name.split('.').all(label) {
        return Err("the host is neither a name, `*`, `*.<domain>`, an address nor a network");
    }
    let name = name.to_ascii_lowercase();
    Ok(if host.starts_with("*.") { Host::Below(format!(".{name}")) } else { Host::Name(name) })
}

fn parse_ports(text: &str) -> Result<Range<u32>, &'static str> {
    const BROKEN: &str = "the port is neither a number, `<from>..<to>` nor `*`";
    if text == "*" {
        return Ok(ALL_PORTS);
    }
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    let range = if let Some((from, to)) = text.split_once("..") {
        // The end is not part of the range.
        digits(from).ok_or(BROKEN)?..digits(to).ok_or(BROKEN)?
    } else {
        let port = digits(text).ok_or(BROKEN)?;
        port..port.saturating_add(1)
    };
    if range.is_empty() || range.end > ALL_PORTS.end {
        return Err("the range of ports is empty or ends beyond 65536");
    }
    Ok(range)
}

fn default_port(scheme: &str) -> Option<u32> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
