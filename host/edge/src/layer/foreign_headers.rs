//! Removal of headers that are not the sender's to set.

use body::OperatorClaim;
use http::header::{CONNECTION, HeaderMap, HeaderName};

use crate::Position;

/// Names that only the host gives to a component begin so.
const OURS: [&str; 3] = ["spin-", "x-wharf-", "wharf-"];
/// What ends at this connection (RFC 9110 section 7.6.1, and the older names still seen). The body's framing was
/// undone by the parser.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// What a proxy tells about the client; without a proxy, a lie.
const FORWARDED: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-real-ip"];

const TOKEN: HeaderName = HeaderName::from_static("x-wharf-token");
const RELEASE: HeaderName = HeaderName::from_static("x-wharf-release");

/// Takes out what the operator says to the host rather than to a component.
pub(crate) fn take_claim(headers: &mut HeaderMap) -> Option<OperatorClaim> {
    let mut token = headers.remove(TOKEN)?;
    token.set_sensitive(true);
    Some(OperatorClaim { token, release: headers.remove(RELEASE) })
}

/// Leaves what the client may tell a component.
pub(crate) fn strip_request(headers: &mut HeaderMap, position: Position) {
    strip_hop_by_hop(headers);
    let direct = position == Position::Direct;
    remove(headers, |name| OURS.iter().any(|prefix| name.starts_with(prefix)) || (direct && FORWARDED.contains(&name)));
}

/// Leaves what is meant for the other end, in either direction.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        // Names listed in `Connection` end here too, `Host` and the like apart: naming them is an attack.
        let listed: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .flat_map(|value| value.to_str().unwrap_or_default().split(','))
            .filter_map(|name| HeaderName::try_from(name.trim()).ok())
            .filter(|name| !END_TO_END.contains(&name.as_str()))
            .collect();
        for name in listed {
            headers.remove(name);
        }
    }
    remove(headers, |name| HOP_BY_HOP.contains(&name));
}

/// Headers that decide something before or behind the edge and so cannot be dropped at a client's wish.
const END_TO_END: [&str; 8] =
    ["authorization", "content-length", "content-type", "cookie", "host", "origin", "x-forwarded-for", "x-request-id"];

/// Looks first and collects only what it finds: most heads have nothing to remove.
fn remove(headers: &mut HeaderMap, unwanted: impl Fn(&str) -> bool) {
    if !headers.keys().any(|name| unwanted(name.as_str())) {
        return;
    }
    let names: Vec<HeaderName> = headers.keys().filter(|name| unwanted(name.as_str())).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use super::*;

    fn left(pairs: &[(&'static str, &'static str)], position: Position) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, http::HeaderValue::from_static(value));
        }
        strip_request(&mut headers, position);
        let mut names: Vec<String> = headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    }

    #[test]
    fn the_hosts_own_names_are_removed() {
        let pairs = [
            ("spin-full-url", "x"),
            ("x-wharf-caller", "auth"),
            ("wharf-event-channels", "a"),
            ("x-spin", "kept"),
            ("accept", "kept"),
        ];
        assert_eq!(left(&pairs, Position::Direct), ["accept", "x-spin"]);
    }

    #[test]
    fn the_operators_claim_is_kept_apart_and_shows_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert("x-wharf-release", http::HeaderValue::from_static("r7"));
        assert!(take_claim(&mut headers).is_none());
        headers.insert("x-wharf-token", http::HeaderValue::from_static("hunter2"));
        let claim = take_claim(&mut headers).unwrap();
        assert_eq!((claim.token.as_bytes(), claim.release.as_ref().unwrap().as_bytes()), (&b"hunter2"[..], &b"r7"[..]));
        assert!(!format!("{claim:?}").contains("hunter2") && headers.is_empty());
    }

    #[test]
    fn hop_by_hop_headers_end_here_with_those_that_connection_lists() {
        let pairs = [
            ("connection", "close, X-Private, Host"),
            ("x-private", "1"),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("host", "kept"),
        ];
        assert_eq!(left(&pairs, Position::Direct), ["host"]);
    }

    #[test]
    fn forwarded_headers_pass_only_behind_a_proxy() {
        let pairs = [("x-forwarded-proto", "https"), ("forwarded", "for=x"), ("x-real-ip", "1.2.3.4")];
        assert!(left(&pairs, Position::Direct).is_empty());
        let behind = Position::BehindProxy { trusted_hops: NonZeroU8::MIN };
        assert_eq!(left(&pairs, behind), ["forwarded", "x-forwarded-proto", "x-real-ip"]);
    }
}
