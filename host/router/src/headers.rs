//! The request headers that tell a component how it was reached, with the names and meanings of stock Spin.

use body::{ClientAddress, Request, RouteMatch};
use http::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue};
use http::uri::{Authority, Scheme, Uri};

use crate::Error;
use crate::table::Route;

const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");

/// Headers that are the same for every request on a route.
#[derive(Debug)]
pub(crate) struct RouteHeaders {
    raw: HeaderValue,
    trimmed: HeaderValue,
}

impl RouteHeaders {
    /// `None` where the pattern is no header value.
    pub(crate) fn new(pattern: &str) -> Option<Self> {
        let trimmed = pattern.strip_suffix("/...").or_else(|| pattern.strip_suffix("/*")).unwrap_or(pattern);
        Some(Self { raw: HeaderValue::from_str(pattern).ok()?, trimmed: HeaderValue::from_str(trimmed).ok()? })
    }
}

/// Which names a caller may not set itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Comes from the edge: neither `spin-*` nor `x-wharf-*` is believed.
    Outside,
    /// Comes from the host, which has set `x-wharf-*` itself.
    Host,
}

/// Removes what only the host may say.
pub(crate) fn strip(headers: &mut HeaderMap, origin: Origin) {
    let reserved =
        |name: &str| name.starts_with("spin-") || (origin == Origin::Outside && name.starts_with("x-wharf-"));
    headers.remove(CONNECTION);
    // Collected first, since a map cannot lose entries while it is walked; empty, so without allocation, as a rule.
    let found: Vec<_> = headers.keys().filter(|name| reserved(name.as_str())).cloned().collect();
    for name in found {
        headers.remove(name);
    }
}

/// The authority that the request names, in its URI or its `Host` header.
///
/// # Errors
/// [`Error::Host`] when there is none, when it is malformed, or when two of them differ.
pub(crate) fn authority(request: &Request) -> Result<Authority, Error> {
    let refuse = |reason| Error::Host { reason };
    let mut hosts = request.headers().get_all(HOST).iter();
    let header = match hosts.next() {
        None => None,
        Some(_) if hosts.next().is_some() => return Err(refuse("contradictory")),
        Some(value) => Some(Authority::try_from(value.as_bytes()).map_err(|_| refuse("malformed"))?),
    };
    let authority = match (request.uri().authority(), header) {
        (None, None) => return Err(refuse("missing")),
        (None, Some(authority)) => authority,
        (Some(authority), None) => authority.clone(),
        // Authorities compare without regard to case.
        (Some(authority), Some(header)) if *authority == header => header,
        (Some(_), Some(_)) => return Err(refuse("contradictory")),
    };
    // RFC 9110 section 4.2.4: user information in an http URI comes from no honest client.
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return Err(refuse("malformed"));
    }
    Ok(authority)
}

/// Makes the URI absolute, and sets every header that describes the match.
///
/// # Errors
/// [`Error::Host`] when authority and path make no URI.
pub(crate) fn describe(
    request: &mut Request,
    authority: Authority,
    route: &Route,
    found: &RouteMatch,
) -> Result<(), Error> {
    let malformed = |_| Error::Host { reason: "malformed" };
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.authority = Some(authority);
    parts.scheme.get_or_insert(Scheme::HTTP);
    parts.path_and_query.get_or_insert_with(|| http::uri::PathAndQuery::from_static("/"));
    let uri = Uri::from_parts(parts).map_err(|_| Error::Host { reason: "malformed" })?;
    let full_url = HeaderValue::try_from(uri.to_string()).map_err(malformed)?;
    *request.uri_mut() = uri;

    let client = request.extensions().get::<ClientAddress>().map_or_else(
        || HeaderValue::from_static("0.0.0.0:0"),
        // An address and a port are always visible ASCII.
        |client| HeaderValue::try_from(client.0.to_string()).unwrap_or(HeaderValue::from_static("0.0.0.0:0")),
    );
    let headers = request.headers_mut();
    headers.reserve(7 + route.captures.len());
    headers.insert(FULL_URL, full_url);
    headers.insert(CLIENT_ADDR, client);
    headers.insert(PATH_INFO, HeaderValue::from_bytes(found.path_info.as_bytes()).map_err(malformed)?);
    headers.insert(MATCHED_ROUTE, route.headers.raw.clone());
    headers.insert(RAW_COMPONENT_ROUTE, route.headers.raw.clone());
    headers.insert(COMPONENT_ROUTE, route.headers.trimmed.clone());
    headers.insert(BASE_PATH, HeaderValue::from_static("/"));
    for (capture, (_, value)) in route.captures.iter().zip(&found.captures) {
        headers.insert(capture.header.clone(), HeaderValue::from_bytes(value.as_bytes()).map_err(malformed)?);
    }
    Ok(())
}
