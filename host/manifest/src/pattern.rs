//! The syntax of route patterns. Which pattern answers a path is the router's matter.

use std::collections::BTreeSet;

use crate::fault::Fault;

/// Longest pattern in bytes: longer than any path a person writes, and a bound for the router's table.
const MAX_PATTERN: usize = 1024;
const SYNTAX: &str = "write literal segments, `:name` captures and at most one trailing `/...`";

/// A route pattern in its one normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// Leading `/`, none at the end; a trailing wildcard is `/...`.
    pub(crate) text: String,
    /// The text with every capture's name left out: two patterns of one shape match the same paths.
    pub(crate) shape: String,
}

/// Checks a route and brings it into its normal form.
pub(crate) fn read(route: &str) -> Result<Pattern, Fault> {
    let refuse = |why: &str, hint: &str| Err(Fault::new(format!("route `{route}` {why}"), hint));
    if route.len() > MAX_PATTERN {
        return Err(Fault::new("the route is too long", format!("use at most {MAX_PATTERN} bytes")));
    }
    if !route.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refuse("has a character that no path can hold", "percent-encode it: paths are matched still encoded");
    }
    if route.contains(['?', '#']) {
        return refuse("has more than a path", "queries and fragments take no part in the choice of a route");
    }
    let text = normalise(route);
    let mut names = BTreeSet::new();
    let mut shape = String::new();
    let mut segments = text.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        shape.push('/');
        match segment {
            "" if text == "/" => {}
            "" => return refuse("has an empty segment", "write one `/` between segments"),
            "." | ".." => return refuse("has a segment that clients resolve away", SYNTAX),
            "..." if last => shape.push_str(segment),
            _ if segment.contains("...") || segment.contains('*') => {
                return refuse("has a wildcard before its end", SYNTAX);
            }
            _ => shape.push_str(
                &segment_shape(segment, &mut names)
                    .map_err(|why| Fault::new(format!("route `{route}` {why}"), SYNTAX))?,
            ),
        }
    }
    Ok(Pattern { text, shape })
}

fn normalise(route: &str) -> String {
    let route = route.strip_prefix('/').unwrap_or(route);
    let route = route.strip_suffix('/').unwrap_or(route);
    match route.strip_suffix('*') {
        Some(before) if before.is_empty() || before.ends_with('/') => format!("/{before}..."),
        _ => format!("/{route}"),
    }
}

/// A segment without the names of its captures; dots separate captures inside a segment.
fn segment_shape<'a>(segment: &'a str, names: &mut BTreeSet<&'a str>) -> Result<String, String> {
    let mut parts = Vec::new();
    for part in segment.split('.') {
        let Some(name) = part.strip_prefix(':') else {
            parts.push(part);
            continue;
        };
        let word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter));
        if !word || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Err(format!(
                "has the capture `:{name}`, which is not a letter followed by letters, digits, `_` or `-`"
            ));
        }
        if !names.insert(name) {
            return Err(format!("has two captures called `:{name}`"));
        }
        parts.push(":");
    }
    Ok(parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(route: &str) -> Option<String> {
        read(route).ok().map(|pattern| pattern.text)
    }

    #[test]
    fn every_spelling_has_one_form() {
        let same =
            [("", "/"), ("/", "/"), ("a", "/a"), ("/a/", "/a"), ("/a/*", "/a/..."), ("/...", "/..."), ("*", "/...")];
        for (written, normal) in same {
            assert_eq!(text(written).as_deref(), Some(normal), "{written}");
        }
        assert_eq!(text("/users/:id/files/:file.:ext").as_deref(), Some("/users/:id/files/:file.:ext"));
        assert_eq!(text("/.well-known/x:y").as_deref(), Some("/.well-known/x:y"));
    }

    #[test]
    fn shapes_forget_names() {
        let shape = |route| read(route).map(|pattern| pattern.shape);
        assert_eq!(shape("/a/:x/..."), Ok("/a/:/...".to_owned()));
        assert_eq!(shape("/a/:x"), shape("a/:y/"));
        assert_ne!(shape("/a/:x.:y"), shape("/a/:x"));
    }

    #[test]
    fn broken_patterns_are_refused() {
        let wrong = [
            "/a//b",
            "/a b",
            "/ä",
            "/a?b",
            "/a#b",
            "/.../b",
            "/a*",
            "/a.../",
            "/:",
            "/:1",
            "/:a/:a",
            "/:a b",
            "/a/../b",
            "/*/b",
            "/:a/:b.:a",
        ];
        for route in wrong {
            assert!(read(route).is_err(), "{route}");
        }
        assert!(read(&"/a".repeat(MAX_PATTERN)).is_err());
    }
}
