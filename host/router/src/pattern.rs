//! Route patterns: their grammar. How they are matched is the table's business.

use std::collections::HashSet;

use crate::Error;

/// A parsed route pattern.
///
/// Leading and trailing slashes carry no meaning. Segments are compared with the path as it came, still
/// percent-encoded. `/*` at the end is another spelling of `/...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// From left to right, without the trailing wildcard.
    pub segments: Vec<Segment>,
    /// Whether it ends in `/...`, which matches any rest, also none.
    pub wildcard: bool,
}

/// One part of a pattern between slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Matches itself.
    Literal(String),
    /// `:name` matches one segment that is not empty.
    Param(String),
}

impl Pattern {
    /// Parses a pattern such as `/api/:version/...`.
    ///
    /// # Errors
    /// [`Error::Pattern`] for an empty segment, a wildcard that is not last, a capture whose name is empty, repeated
    /// or holds anything but ASCII letters, digits, `_` and `-`, and for characters that no path can hold.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |reason| Error::Pattern { pattern: text.to_owned(), reason };
        let trimmed = text.trim_matches('/');
        let (body, wildcard) = match trimmed.rsplit_once('/') {
            _ if is_wildcard(trimmed) => ("", true),
            Some((body, last)) if is_wildcard(last) => (body, true),
            _ => (trimmed, false),
        };
        let mut pattern = Self { segments: Vec::new(), wildcard };
        if body.is_empty() {
            return Ok(pattern);
        }
        let mut headers = HashSet::new();
        for part in body.split('/') {
            let segment = segment(part).map_err(refuse)?;
            if let Segment::Param(name) = &segment
                && !headers.insert(header_suffix(name))
            {
                return Err(refuse("two captures share a name (case, \"_\" and \"-\" do not tell them apart)"));
            }
            pattern.segments.push(segment);
        }
        Ok(pattern)
    }
}

/// How a capture's name ends its header: `spin-path-match-<this>`.
pub(crate) fn header_suffix(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

fn is_wildcard(segment: &str) -> bool {
    segment == "..." || segment == "*"
}

fn segment(part: &str) -> Result<Segment, &'static str> {
    if part.is_empty() {
        return Err("a segment is empty");
    }
    if is_wildcard(part) {
        return Err("a wildcard stands only at the end");
    }
    let Some(name) = part.strip_prefix(':') else {
        // `a:b` is a fair literal; `a.:ext` would be a capture after a dot in stock Spin.
        return match part {
            _ if part.contains(".:") => Err("captures inside a segment are not supported"),
            _ if part.bytes().any(|byte| !byte.is_ascii_graphic() || matches!(byte, b'?' | b'#')) => {
                Err("a literal holds characters that no path can hold; percent-encode them")
            }
            _ => Ok(Segment::Literal(part.to_owned())),
        };
    };
    if name.contains('.') {
        return Err("captures inside a segment are not supported");
    }
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || !name.bytes().all(valid) {
        return Err("a capture's name needs ASCII letters, digits, \"_\" or \"-\"");
    }
    Ok(Segment::Param(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Segment {
        Segment::Literal(text.to_owned())
    }

    #[test]
    fn literals_captures_and_both_spellings_of_the_wildcard() {
        let pattern = Pattern::parse("/api/:version/...").unwrap();
        assert_eq!(pattern.segments, [literal("api"), Segment::Param("version".to_owned())]);
        assert!(pattern.wildcard);
        assert_eq!(Pattern::parse("/api/:version/*").unwrap(), pattern);
        assert_eq!(Pattern::parse("api/:version/.../").unwrap(), pattern);
    }

    #[test]
    fn the_root_has_no_segments() {
        for text in ["/", "", "//"] {
            assert_eq!(Pattern::parse(text).unwrap(), Pattern { segments: vec![], wildcard: false });
        }
        assert_eq!(Pattern::parse("/...").unwrap(), Pattern { segments: vec![], wildcard: true });
    }

    #[test]
    fn dots_in_a_literal_are_ordinary() {
        let pattern = Pattern::parse("/.well-known/jwks.json").unwrap();
        assert_eq!(pattern.segments, [literal(".well-known"), literal("jwks.json")]);
    }

    #[test]
    fn broken_patterns_are_refused() {
        for text in [
            "/a//b",
            "/.../a",
            "/*/a",
            "/:",
            "/:a.:b",
            "/:a.json",
            "/x.:ext",
            "/:a/:a",
            "/:a_b/:a-B",
            "/:é",
            "/a b",
            "/a?b",
            "/é",
        ] {
            assert!(matches!(Pattern::parse(text), Err(Error::Pattern { .. })), "{text}");
        }
    }
}
