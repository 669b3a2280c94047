//! `GET /api/v1/auth/.well-known/jwks.json`: the public keys (RFC 7517) that tokens are checked with.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use sdk::http::Json;

use crate::keys::Keys;

/// Five minutes, after which a withdrawn key is gone everywhere.
const CACHE: &str = "public, max-age=300";

/// The key set, or 304 for those who have it.
pub(super) async fn key_set(keys: Keys, headers: HeaderMap) -> Response {
    let tag = format!("\"{}\"", keys.kid());
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|tags| has(tags, &tag));
    let cache = [(CACHE_CONTROL, CACHE.to_owned()), (ETAG, tag)];
    if known {
        (StatusCode::NOT_MODIFIED, cache).into_response()
    } else {
        (cache, Json(keys.published())).into_response()
    }
}

/// Whether a list of entity tags has this one, by weak comparison (RFC 9110, section 13.1.2).
fn has(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_any_list_that_has_it() {
        for tags in [r#""k""#, r#"W/"k""#, r#""a", "k""#, "*"] {
            assert!(has(tags, r#""k""#), "{tags}");
        }
        for tags in ["", "k", r#""kk""#] {
            assert!(!has(tags, r#""k""#), "{tags}");
        }
    }
}
