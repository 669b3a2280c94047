//! Headers that make a browser careful with every answer, unless the component has chosen its own.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, Entry, HeaderMap, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderValue, StatusCode};

const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

/// For everything that is not a page: if a browser shows it after all, it may do nothing.
const POLICY_DATA: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// For pages: own scripts, styles, pictures and calls; no frames, no other origin.
const POLICY_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
);
const PERMISSIONS_NONE: HeaderValue =
    HeaderValue::from_static("camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()");
/// Most that [`apply`] adds, with the request id.
const ADDED: usize = 9;

/// Fills in what is absent. Answers of the API are not kept by caches unless they say so. An answer without its content
/// (304) keeps the policy that the caller has with the content (RFC 9111, section 3.2).
pub(crate) fn apply(headers: &mut HeaderMap, status: StatusCode, is_api: bool) {
    headers.reserve(ADDED);
    let is_page = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    fill(headers, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fill(headers, REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if status != StatusCode::NOT_MODIFIED {
        fill(headers, CONTENT_SECURITY_POLICY, if is_page { POLICY_PAGE } else { POLICY_DATA });
    }
    fill(headers, RESOURCE, HeaderValue::from_static("same-origin"));
    fill(headers, OPENER, HeaderValue::from_static("same-origin"));
    if is_page {
        fill(headers, X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        fill(headers, PERMISSIONS, PERMISSIONS_NONE);
    }
    if is_api {
        fill(headers, CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn fill(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if let Entry::Vacant(place) = headers.entry(name) {
        place.insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_may_do_nothing_and_is_not_cached_under_api() {
        let mut headers = HeaderMap::new();
        apply(&mut headers, StatusCode::OK, true);
        assert_eq!(headers[CONTENT_SECURITY_POLICY], POLICY_DATA);
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[REFERRER_POLICY], "no-referrer");
        assert_eq!(headers[RESOURCE], "same-origin");
        assert_eq!(headers[OPENER], "same-origin");
        assert!(!headers.contains_key(X_FRAME_OPTIONS));
    }

    #[test]
    fn pages_may_use_their_own_origin() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        apply(&mut headers, StatusCode::OK, false);
        assert_eq!(headers[CONTENT_SECURITY_POLICY], POLICY_PAGE);
        assert_eq!(headers[X_FRAME_OPTIONS], "DENY");
        assert!(!headers.contains_key(CACHE_CONTROL));
    }

    #[test]
    fn an_answer_without_content_leaves_the_policy_that_came_with_it() {
        let mut headers = HeaderMap::new();
        apply(&mut headers, StatusCode::NOT_MODIFIED, false);
        assert!(!headers.contains_key(CONTENT_SECURITY_POLICY));
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
    }

    #[test]
    fn what_a_component_chose_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
        apply(&mut headers, StatusCode::OK, true);
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "sandbox");
        assert_eq!(headers[CACHE_CONTROL], "max-age=60");
    }
}
