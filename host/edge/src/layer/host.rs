//! Whom the request is for: one name, said once, in the `Host` header.

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderValue, Method, Uri, Version, request};

use crate::{Problem, Slug};

/// Afterwards the request has one `Host` (HTTP/1.0 may have none) and a target in origin form.
///
/// Two names for one request are how it comes to mean one thing to a proxy and another to us: refused.
///
/// # Errors
/// `bad-request` for no, several, malformed or contradictory names; `method-not-allowed` for `CONNECT`.
///
/// # Source
/// RFC 9112 section 3.2, RFC 9113 section 8.3.1.
pub(crate) fn settle(head: &mut request::Parts) -> Result<(), Problem> {
    if head.method == Method::CONNECT {
        return Err(Problem::new(Slug::MethodNotAllowed).detail("this is not a proxy"));
    }
    let mut values = head.headers.get_all(HOST).iter();
    let (first, second) = (values.next(), values.next());
    if second.is_some() {
        return Err(refusal("there is more than one Host header"));
    }
    match (first, head.uri.authority()) {
        (Some(host), None) if is_name(host.as_bytes()) => {}
        (Some(host), Some(authority)) if host.as_bytes().eq_ignore_ascii_case(authority.as_str().as_bytes()) => {}
        (Some(_), None) => return Err(refusal("the Host header is not a host")),
        (Some(_), Some(_)) => return Err(refusal("the Host header contradicts the request target")),
        (None, Some(authority)) if head.version >= Version::HTTP_2 => {
            let value = value_of(authority)?;
            head.headers.insert(HOST, value);
        }
        (None, _) if head.version <= Version::HTTP_10 => {}
        (None, _) => return Err(refusal("there is no Host header")),
    }
    into_origin_form(&mut head.uri)
}

fn refusal(detail: &'static str) -> Problem {
    Problem::new(Slug::BadRequest).detail(detail)
}

fn value_of(authority: &Authority) -> Result<HeaderValue, Problem> {
    if !is_name(authority.as_str().as_bytes()) {
        return Err(refusal("the authority is not a host"));
    }
    HeaderValue::from_str(authority.as_str()).map_err(|_| refusal("the authority is not a host"))
}

/// Only the characters of a host and a port: no user, path or list.
fn is_name(bytes: &[u8]) -> bool {
    let good = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    !bytes.is_empty() && bytes.iter().all(good)
}

fn into_origin_form(uri: &mut Uri) -> Result<(), Problem> {
    if uri.authority().is_none() && uri.scheme().is_none() {
        return Ok(());
    }
    let path = std::mem::take(uri).into_parts().path_and_query;
    *uri = match path {
        None => Uri::from_static("/"),
        Some(path) => Uri::try_from(path.as_str()).map_err(|_| refusal("the request target has no path"))?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(version: Version, target: &str, hosts: &[&str]) -> Result<(String, Option<String>), Slug> {
        let mut builder = http::Request::builder().version(version).uri(target);
        for host in hosts {
            builder = builder.header(HOST, *host);
        }
        let (mut head, ()) = builder.body(()).unwrap().into_parts();
        settle(&mut head).map_err(|problem| problem.slug())?;
        let host = head.headers.get(HOST).map(|host| host.to_str().unwrap().to_owned());
        Ok((head.uri.to_string(), host))
    }

    #[test]
    fn one_host_passes_in_each_form_of_target() {
        let good = Ok(("/a?b".to_owned(), Some("x.test:80".to_owned())));
        assert_eq!(settled(Version::HTTP_11, "/a?b", &["x.test:80"]), good);
        assert_eq!(settled(Version::HTTP_11, "http://x.test:80/a?b", &["x.test:80"]), good);
        assert_eq!(settled(Version::HTTP_2, "http://x.test:80/a?b", &[]), good);
        assert_eq!(settled(Version::HTTP_10, "/", &[]), Ok(("/".to_owned(), None)));
    }

    #[test]
    fn none_two_contradictory_or_malformed_hosts_are_refused() {
        let cases: [(&str, &[&str]); 6] =
            [("/", &[]), ("/", &["a", "a"]), ("http://a/", &["b"]), ("/", &[""]), ("/", &["user@a"]), ("/", &["a, b"])];
        for (target, hosts) in cases {
            assert_eq!(settled(Version::HTTP_11, target, hosts), Err(Slug::BadRequest), "{target} {hosts:?}");
        }
        assert_eq!(settled(Version::HTTP_2, "http://u@a/", &[]), Err(Slug::BadRequest));
    }
}
