//! Choosing between the copies of a file (RFC 9110, section 12.5.3), and whether the caller has it already. Pure.

use crate::files::File;

/// How a copy is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
    /// Not at all.
    Identity,
}

impl Coding {
    /// The value of `Content-Encoding`; nothing for a plain copy.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// The copy for a caller that accepts these codings: the one they like best, among equals the smallest. A caller that
/// accepts nothing we have gets the plain one.
pub(crate) fn choose(file: &File, accepted: &str) -> (Coding, &'static [u8]) {
    let copies = [(Coding::Brotli, file.brotli), (Coding::Gzip, file.gzip), (Coding::Identity, Some(file.plain))];
    let mut best = (0, Coding::Identity, file.plain);
    for (coding, bytes) in copies {
        let quality = quality(coding, accepted);
        if let Some(bytes) = bytes.filter(|_| quality > best.0) {
            best = (quality, coding, bytes);
        }
    }
    (best.1, best.2)
}

/// How much a caller likes a coding, in thousandths.
fn quality(coding: Coding, accepted: &str) -> u16 {
    let name = coding.name().unwrap_or("identity");
    let mut of_others = None;
    for (token, quality) in accepted.split(',').filter_map(weighted) {
        if token.eq_ignore_ascii_case(name) {
            return quality;
        }
        if token == "*" {
            of_others = Some(quality);
        }
    }
    // A plain copy is acceptable unless it is excluded, but anything named is preferred to it.
    of_others.unwrap_or_else(|| u16::from(coding == Coding::Identity))
}

fn weighted(item: &str) -> Option<(&str, u16)> {
    let (token, parameters) = item.split_once(';').unwrap_or((item, ""));
    let weight = parameters.trim().strip_prefix("q=").or_else(|| parameters.trim().strip_prefix("Q="));
    let quality = match weight {
        None => 1000,
        Some(text) => thousandths(text.trim())?,
    };
    Some((token.trim(), quality))
}

/// `0.5` as 500; nothing for what is no weight.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|c| c.is_ascii_digit());
    let fraction: u16 = if digits { format!("{fraction:0<3}").parse().ok()? } else { return None };
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

/// The entity tag of a copy; copies differ in their bytes, so their tags do.
pub(crate) fn entity_tag(file: &File, coding: Coding) -> String {
    match coding.name() {
        Some(name) => format!("\"{}-{name}\"", file.tag),
        None => format!("\"{}\"", file.tag),
    }
}

/// Whether `If-None-Match` names this tag, by the weak comparison that the header asks for.
pub(crate) fn is_known(tag: &str, if_none_match: &str) -> bool {
    let known = |item: &str| item.trim().trim_start_matches("W/") == tag;
    if_none_match.trim() == "*" || if_none_match.split(',').any(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    static FILE: File = File {
        path: "/assets/a.js",
        media_type: "text/javascript",
        tag: "0a",
        plain: b"plain",
        brotli: Some(b"br"),
        gzip: Some(b"gz"),
    };

    #[test]
    fn the_best_liked_copy_is_chosen() {
        let cases = [
            ("", Coding::Identity),
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip", Coding::Gzip),
            ("br;q=0.5, gzip;q=0.8", Coding::Gzip),
            ("br;q=0, gzip;q=0", Coding::Identity),
            ("GZIP", Coding::Gzip),
            ("*", Coding::Brotli),
            ("*;q=0", Coding::Identity),
            ("identity, br;q=0.1", Coding::Identity),
            ("br;q=zero", Coding::Identity),
            ("deflate", Coding::Identity),
        ];
        for (accepted, coding) in cases {
            assert_eq!(choose(&FILE, accepted).0, coding, "{accepted:?}");
        }
    }

    #[test]
    fn a_file_without_copies_is_sent_as_it_is() {
        let file = File { path: "/a", media_type: "image/png", tag: "0b", plain: b"p", brotli: None, gzip: None };
        assert_eq!(choose(&file, "br, gzip"), (Coding::Identity, file.plain));
    }

    #[test]
    fn copies_have_tags_of_their_own() {
        assert_eq!(entity_tag(&FILE, Coding::Identity), "\"0a\"");
        assert_eq!(entity_tag(&FILE, Coding::Brotli), "\"0a-br\"");
    }

    #[test]
    fn a_known_tag_is_found_in_any_of_its_forms() {
        for known in ["\"0a\"", "W/\"0a\"", "\"x\", \"0a\"", "*"] {
            assert!(is_known("\"0a\"", known), "{known}");
        }
        for other in ["", "\"0a-br\"", "0a"] {
            assert!(!is_known("\"0a\"", other), "{other}");
        }
    }
}
