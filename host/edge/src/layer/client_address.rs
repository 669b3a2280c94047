//! Who is on the other side, after our own proxies were taken into account.

use std::net::{IpAddr, SocketAddr};

use body::ClientAddress;
use http::header::{HeaderMap, HeaderName};

use crate::Position;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The peer; behind proxies, the entry of `X-Forwarded-For` that the outermost trusted one wrote.
///
/// Entries are counted from the right, since everything to the left of ours is the client's own claim. If there are
/// fewer entries than proxies, or the entry is no address, the peer stands in: all such requests then share one
/// bucket, and no client chooses its own. A port, where the proxy wrote none, is 0.
pub(crate) fn of(headers: &HeaderMap, peer: SocketAddr, position: Position) -> ClientAddress {
    let Position::BehindProxy { trusted_hops } = position else {
        return ClientAddress(canonical(peer));
    };
    let entry = headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .rev()
        .flat_map(|value| value.to_str().unwrap_or_default().rsplit(','))
        .nth(usize::from(trusted_hops.get() - 1));
    ClientAddress(canonical(entry.and_then(parse).unwrap_or(peer)))
}

fn parse(entry: &str) -> Option<SocketAddr> {
    let entry = entry.trim();
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    entry.parse().ok().or_else(|| Some(SocketAddr::new(bare.parse().ok()?, 0)))
}

/// An IPv4 client on a dual-stack listener is the same client as on an IPv4 one.
fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(_) => address,
        ip @ IpAddr::V6(_) => SocketAddr::new(ip.to_canonical(), address.port()),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use super::*;

    fn client(lines: &[&'static str], hops: u8) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_FORWARDED_FOR, http::HeaderValue::from_static(line));
        }
        let position = match NonZeroU8::new(hops) {
            None => Position::Direct,
            Some(trusted_hops) => Position::BehindProxy { trusted_hops },
        };
        of(&headers, "10.0.0.9:1234".parse().unwrap(), position).0.to_string()
    }

    #[test]
    fn without_proxies_the_header_means_nothing() {
        assert_eq!(client(&["192.0.2.1"], 0), "10.0.0.9:1234");
    }

    #[test]
    fn entries_are_counted_from_the_right_over_all_lines() {
        let lines = ["6.6.6.6, 192.0.2.1", "192.0.2.2,192.0.2.3"];
        assert_eq!(client(&lines, 1), "192.0.2.3:0");
        assert_eq!(client(&lines, 2), "192.0.2.2:0");
        assert_eq!(client(&lines, 3), "192.0.2.1:0");
    }

    #[test]
    fn what_cannot_be_used_falls_back_to_the_peer() {
        assert_eq!(client(&[], 1), "10.0.0.9:1234");
        assert_eq!(client(&["192.0.2.1"], 2), "10.0.0.9:1234");
        assert_eq!(client(&["192.0.2.1, unknown"], 1), "10.0.0.9:1234");
    }

    #[test]
    fn ports_and_brackets_are_understood() {
        assert_eq!(client(&["192.0.2.1:80"], 1), "192.0.2.1:80");
        assert_eq!(client(&["[2001:db8::1]:80"], 1), "[2001:db8::1]:80");
        assert_eq!(client(&["[2001:db8::1]"], 1), "[2001:db8::1]:0");
        assert_eq!(client(&["::ffff:192.0.2.1"], 1), "192.0.2.1:0");
    }
}
