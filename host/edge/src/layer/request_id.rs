//! The request's name in logs, problem documents and messages.

use body::RequestId;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// Header that carries it, inwards and outwards.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id taken over from a caller: two UUIDs with room for a prefix.
const LENGTH_MAX: usize = 80;

/// Takes over the caller's id if it is one short token, else makes a UUID of version 7; the request then carries exactly that one.
pub(crate) fn take(headers: &mut HeaderMap) -> RequestId {
    if let Some(id) = single(headers).and_then(token) {
        return RequestId(id.into());
    }
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    let id: &str = Uuid::now_v7().hyphenated().encode_lower(&mut text);
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    RequestId(id.into())
}

/// Tells the caller.
pub(crate) fn echo(headers: &mut HeaderMap, id: &RequestId) {
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, value);
    }
}

fn single(headers: &HeaderMap) -> Option<&HeaderValue> {
    let mut values = headers.get_all(REQUEST_ID).iter();
    let first = values.next()?;
    values.next().is_none().then_some(first)
}

/// Letters, digits and `. _ -` only: it goes into logs, headers and documents as it is.
fn token(value: &HeaderValue) -> Option<&str> {
    let text = value.to_str().ok()?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (!text.is_empty() && text.len() <= LENGTH_MAX && text.bytes().all(good)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(values: &[&'static str]) -> (RequestId, HeaderMap) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(REQUEST_ID, HeaderValue::from_static(value));
        }
        (take(&mut headers), headers)
    }

    #[test]
    fn a_short_token_is_taken_over() {
        assert_eq!(&*taken(&["trace-1.a_B"]).0.0, "trace-1.a_B");
    }

    #[test]
    fn anything_else_is_replaced() {
        const LONG: &str =
            concat!("0123456789012345678901234567890123456789", "01234567890123456789012345678901234567890");
        let cases: [&[&'static str]; 6] = [&[], &[""], &["a b"], &["a\"b"], &["a", "b"], &[LONG]];
        for bad in cases {
            let (id, headers) = taken(bad);
            assert_eq!(Uuid::parse_str(&id.0).unwrap().get_version_num(), 7, "{bad:?}");
            assert_eq!(headers.get_all(REQUEST_ID).iter().collect::<Vec<_>>(), [&*id.0], "{bad:?}");
        }
    }
}
