//! The syntax of `allowed_outbound_hosts`. Whether an address is allowed is the outbound capability's matter.
//!
//! `<scheme>://<host>[:<port>]`, with `{{ variables }}` anywhere. A part that holds a variable is checked only once it
//! is filled in, by the one who fills it.

use std::net::IpAddr;

use crate::fault::Fault;
use crate::template::{Piece, pieces};

/// Stands where a variable will be: no character that a manifest's host can hold.
const HOLE: char = '\u{1}';
/// Schemes that imply a port.
const WITH_PORT: [&str; 6] = ["http", "https", "postgres", "mysql", "redis", "mqtt"];
const FORM: &str = "write `<scheme>://<host>[:<port>]`, for example `https://api.example.org`";

/// Checks one entry.
pub(crate) fn check(entry: &str) -> Result<(), Fault> {
    let text: String = pieces(entry)
        .map(|piece| match piece {
            Piece::Text(text) | Piece::Unclosed(text) => text.to_owned(),
            Piece::Name(_) => HOLE.to_string(),
        })
        .collect();
    let refuse = |why: &str, hint: &str| Err(Fault::new(format!("outbound host `{entry}` {why}"), hint));
    if text == "insecure:allow-all" {
        return refuse("is no longer understood", "write `*://*:*` if everything shall be allowed");
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        if text.contains(HOLE) {
            return Ok(());
        }
        return refuse("has no scheme", FORM);
    };
    if !known(scheme) && scheme != "*" && !scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return refuse("has a scheme that is neither letters nor `*`", "write one entry for each scheme");
    }
    if scheme.is_empty() {
        return refuse("has no scheme", FORM);
    }
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = split_port(rest);
    let wrong = if is_network(host) { None } else { host_fault(host) };
    if let Some((why, hint)) = wrong.or_else(|| port.and_then(port_fault)) {
        return refuse(why, hint);
    }
    needs_port(scheme, port).map_or(Ok(()), |hint| refuse("has no port", hint))
}

/// The component that `http://<id>.spin.internal` names.
pub(crate) fn chained(entry: &str) -> Option<&str> {
    let (_, rest) = entry.split_once("://")?;
    let (host, _) = split_port(rest.strip_suffix('/').unwrap_or(rest));
    let id = host.strip_suffix(".spin.internal")?;
    (!id.contains(['*', '{', '.'])).then_some(id)
}

/// Whether a part can be checked now.
fn known(part: &str) -> bool {
    part.contains(HOLE)
}

fn split_port(rest: &str) -> (&str, Option<&str>) {
    match rest.rsplit_once(':') {
        // A colon inside a bracketed IPv6 address is not a port's.
        Some((_, after)) if after.contains(']') => (rest, None),
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    }
}

fn needs_port(scheme: &str, port: Option<&str>) -> Option<&'static str> {
    if port.is_some() || known(scheme) || WITH_PORT.contains(&scheme) {
        return None;
    }
    Some("this scheme implies none; write `:<port>`, `:<from>..<to>` or `:*`")
}

/// `10.0.0.0/8` or `[fd00::]/8`.
fn is_network(host: &str) -> bool {
    let Some((address, bits)) = host.split_once('/') else {
        return false;
    };
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

fn host_fault(host: &str) -> Option<(&'static str, &'static str)> {
    if host.is_empty() {
        return Some(("has no host", FORM));
    }
    if known(host) || host == "*" {
        return None;
    }
    if host.contains(['/', '?', '#']) {
        return Some(("has a path", "hosts are allowed as a whole; leave the path out"));
    }
    if host.contains('@') {
        return Some(("has a user name", "leave out everything before `@`"));
    }
    if host.contains(['{', ',', '}']) {
        return Some(("is a list", "write one entry for each host"));
    }
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<IpAddr>().is_err().then_some(("has a broken IPv6 address", FORM));
    }
    let name = host.strip_prefix("*.").unwrap_or(host);
    if name.contains('*') {
        return Some(("has a `*` inside a name", "a `*` stands alone or leads, as in `*.example.org`"));
    }
    if name != host && name.parse::<IpAddr>().is_ok() {
        return Some(("has a `*` before an address", "write a network, for example `10.0.0.0/8`"));
    }
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    (!name.split('.').all(label)).then_some(("has a broken host name", FORM))
}

fn port_fault(port: &str) -> Option<(&'static str, &'static str)> {
    if known(port) || port == "*" || port.parse::<u16>().is_ok_and(|number| number > 0) {
        return None;
    }
    let Some((from, to)) = port.split_once("..") else {
        return Some(("has a broken port", "write a number up to 65535, `<from>..<to>` or `*`"));
    };
    // The end is not part of the range, so that 65536 is a sensible one.
    match (from.parse::<u32>(), to.parse::<u32>()) {
        (Ok(from), Ok(to)) if from < to && to <= 65_536 => None,
        _ => Some(("has an empty or broken range of ports", "write `<from>..<to>`; the end is not part of the range")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stock_manifests_hold_is_accepted() {
        let right = [
            "https://example.org",
            "https://example.org/",
            "http://127.0.0.1:8080",
            "*://*:*",
            "http://self",
            "http://auth.spin.internal",
            "http://*.spin.internal",
            "https://*.example.org:8000..9000",
            "postgres://db",
            "redis://{{ host }}:{{port}}",
            "{{ url }}",
            "{{scheme}}://x",
            "tcp://10.0.0.0/8:5672",
            "http://[::1]:80",
            "http://[::1]",
            "http://self.alt",
            "mqtt://a_b:1..65536",
            "*://10.0.0.0/8:*",
            "http://10.0.0.0/8",
            "http://[fd00::]/8:80",
        ];
        for entry in right {
            assert_eq!(check(entry), Ok(()), "{entry}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let wrong = [
            "example.org",
            "insecure:allow-all",
            "https://example.org/path",
            "{http,https}://a",
            "https://{a,b}",
            "https://a.*",
            "https://*.1.2.3.4",
            "amqp://host",
            "*://host",
            "https://host:0",
            "https://host:70000",
            "https://host:9..9",
            "https://host:a",
            "https://",
            "://a",
            "https://a b",
            "https://user@host",
            "h1://a:1",
            "http://[::g]",
            "tcp://10.0.0.0/40:1",
            "amqp://10.0.0.0/8",
            "https://a..b",
        ];
        for entry in wrong {
            assert!(check(entry).is_err(), "{entry}");
        }
    }

    #[test]
    fn chained_components_are_named() {
        assert_eq!(chained("http://auth.spin.internal"), Some("auth"));
        assert_eq!(chained("http://auth.spin.internal:80/"), Some("auth"));
        for other in ["http://*.spin.internal", "http://{{ a }}.spin.internal", "http://example.org", "x"] {
            assert_eq!(chained(other), None, "{other}");
        }
    }
}
