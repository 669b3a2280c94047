//! The two cookies of a session. Scripts cannot read them, and the refresh token goes to this room only.

use http::header::{InvalidHeaderValue, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use sdk::Problem;
use sdk::principal::ACCESS_COOKIE;

/// The cookie with the refresh token.
pub(super) const REFRESH_COOKIE: &str = "refresh_token";

const REFRESH_PATH: &str = "/api/v1/auth/";

/// Tokens to be set, with their lives in seconds.
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) access_s: i64,
    pub(super) refresh: String,
    pub(super) refresh_s: i64,
}

/// Whether browsers may send the cookies over TLS only: the variable `cookie_secure`.
pub(super) async fn secure() -> Result<bool, Problem> {
    Ok(sdk::variables::find("cookie_secure").await?.is_some_and(|value| value.trim() == "true"))
}

/// The headers that set both.
pub(super) fn set(tokens: &Tokens, secure: bool) -> Result<HeaderMap, InvalidHeaderValue> {
    pair((&tokens.access, tokens.access_s), (&tokens.refresh, tokens.refresh_s), secure)
}

/// The headers that remove both.
pub(super) fn clear(secure: bool) -> Result<HeaderMap, InvalidHeaderValue> {
    pair(("", 0), ("", 0), secure)
}

fn pair(access: (&str, i64), refresh: (&str, i64), secure: bool) -> Result<HeaderMap, InvalidHeaderValue> {
    let mut headers = HeaderMap::new();
    for (name, (value, max_age), path) in [(ACCESS_COOKIE, access, "/"), (REFRESH_COOKIE, refresh, REFRESH_PATH)] {
        let secure = if secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path={path}; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
        headers.append(SET_COOKIE, HeaderValue::from_str(&text)?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(headers: &HeaderMap) -> Vec<&str> {
        headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }

    #[test]
    fn both_cookies_are_closed_to_scripts_and_foreign_sites() {
        let tokens = Tokens { access: "a".to_owned(), access_s: 600, refresh: "r".to_owned(), refresh_s: 604_800 };
        let expected = [
            "access_token=a; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure",
            "refresh_token=r; Path=/api/v1/auth/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure",
        ];
        assert_eq!(lines(&set(&tokens, true).unwrap()), expected);
        assert!(lines(&set(&tokens, false).unwrap()).iter().all(|line| !line.contains("Secure")));
    }

    #[test]
    fn clearing_ends_both_at_once_on_their_own_paths() {
        let expected = [
            "access_token=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
            "refresh_token=; Path=/api/v1/auth/; Max-Age=0; HttpOnly; SameSite=Lax",
        ];
        assert_eq!(lines(&clear(false).unwrap()), expected);
    }
}
