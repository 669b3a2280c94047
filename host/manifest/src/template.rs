//! `{{ name }}` in values of the manifest.

/// Replaces each `{{ name }}` by what `lookup` has for it.
///
/// Only plain names are known: no nesting, no filters. Braces that open and never close are kept as they are (a parsed
/// manifest has none). What `lookup` returns is not expanded again.
///
/// # Errors
/// The first name for which `lookup` has nothing.
pub fn fill(template: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut filled = String::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) | Piece::Unclosed(text) => filled.push_str(text),
            Piece::Name(name) => filled.push_str(&lookup(name).ok_or_else(|| name.to_owned())?),
        }
    }
    Ok(filled)
}

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Stands for itself.
    Text(&'a str),
    /// What stands between the braces, trimmed; anything, even nothing.
    Name(&'a str),
    /// `{{` and the rest of the template, without a `}}`.
    Unclosed(&'a str),
}

/// The parts of a template from left to right.
pub(crate) fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(inner) = rest.strip_prefix("{{") else {
            let end = rest.find("{{").unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            rest = after;
            return Some(Piece::Text(text));
        };
        if let Some((name, after)) = inner.split_once("}}") {
            rest = after;
            Some(Piece::Name(name.trim()))
        } else {
            Some(Piece::Unclosed(std::mem::take(&mut rest)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "host" => Some("example.org".to_owned()),
            "brace" => Some("{{ host }}".to_owned()),
            "empty" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn names_are_replaced_once() {
        assert_eq!(fill("https://{{host}}:{{ empty }}1", lookup), Ok("https://example.org:1".to_owned()));
        assert_eq!(fill("{{ brace }}", lookup), Ok("{{ host }}".to_owned()));
        assert_eq!(fill("plain } { }}", lookup), Ok("plain } { }}".to_owned()));
        assert_eq!(fill("", lookup), Ok(String::new()));
    }

    #[test]
    fn a_missing_variable_is_named() {
        assert_eq!(fill("{{ host }} {{ port }} {{ x }}", lookup), Err("port".to_owned()));
        assert_eq!(fill("{{ }}", lookup), Err(String::new()));
    }

    #[test]
    fn open_braces_are_kept() {
        assert_eq!(fill("a {{ host", lookup), Ok("a {{ host".to_owned()));
    }
}
