//! The addresses that people may open: the application's pages, by the list it shares with us. Pure.

/// One pattern a line; `{...}` stands for one segment. The application's own tests hold its routes against this list.
const PAGES: &str = include_str!("../app/pages.txt");

/// Longest value of a segment that is filled in.
const VALUE_MAX: usize = 64;

/// Whether the application has a page here.
pub(crate) fn is_page(path: &str) -> bool {
    PAGES.lines().any(|pattern| matches(pattern, path))
}

/// Whether programs ask here, so that a refusal is a document, whatever the caller says it accepts.
pub(crate) fn is_for_programs(path: &str) -> bool {
    let within = |folder: &str| path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    within("/api") || within("/internal") || path == "/readyz" || path == "/messages"
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || (wanted.starts_with('{') && is_value(given)) => {}
            _ => return false,
        }
    }
}

fn is_value(segment: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
    (1..=VALUE_MAX).contains(&segment.len()) && segment.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_the_list_are_known_and_nothing_else() {
        for page in ["/", "/login", "/tickets", "/ticket/TX20261122000001", "/inbox"] {
            assert!(is_page(page), "{page}");
        }
        let others = [
            "",
            "//",
            "/login/",
            "/Login",
            "/ticket",
            "/ticket/",
            "/ticket/a/b",
            "/ticket/a%2fb",
            "/ticket/<b>",
            "/.env",
        ];
        for other in others {
            assert!(!is_page(other), "{other}");
        }
        assert!(!is_page(&format!("/ticket/{}", "x".repeat(VALUE_MAX + 1))));
    }

    #[test]
    fn every_line_of_the_list_is_an_address() {
        for line in PAGES.lines() {
            assert!(line.starts_with('/') && !line.contains(char::is_whitespace), "{line:?}");
            assert!(!is_for_programs(line), "{line}");
        }
    }

    #[test]
    fn programs_have_their_own_addresses() {
        for path in ["/api", "/api/v2/x", "/internal/demo", "/readyz", "/messages"] {
            assert!(is_for_programs(path), "{path}");
        }
        for path in ["/apiary", "/", "/messages-of-mine", "/assets/x.js"] {
            assert!(!is_for_programs(path), "{path}");
        }
    }
}
