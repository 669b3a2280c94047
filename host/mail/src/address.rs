//! One mailbox: `ada@example.org` or `Ada Lovelace <ada@example.org>`.
//!
//! Stricter than RFC 5322 on purpose: no comments, no groups, no lists, no quoted local parts, no address literals, no
//! folding. What is left is what people type and what every relay accepts.

use crate::Error;

/// Longest address as written, display name included, in bytes. RFC 5321 caps the bare address at 254; the rest is room
/// for a name.
pub const ADDRESS_MAX_BYTES: usize = 512;

const SPEC_MAX_BYTES: usize = 254;
const LOCAL_MAX_BYTES: usize = 64;
const LABEL_MAX_BYTES: usize = 63;

/// A checked mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    name: Option<String>,
    spec: String,
    domain_at: usize,
}

impl Address {
    /// Reads one mailbox; `field` names it in the error.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field and the reason.
    pub fn parse(field: &'static str, text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|reason| Error::Invalid { field, reason })
    }

    /// Display name, unquoted, where there is one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The bare address, `local@domain`.
    pub fn spec(&self) -> &str {
        &self.spec
    }

    /// What stands right of the `@`.
    pub fn domain(&self) -> &str {
        self.spec.get(self.domain_at..).unwrap_or_default()
    }

    fn read(text: &str) -> Result<Self, &'static str> {
        if text.len() > ADDRESS_MAX_BYTES {
            return Err("is longer than 512 bytes");
        }
        if text.chars().any(char::is_control) {
            return Err("has a line break or another control character");
        }
        let text = text.trim();
        let Some(inner) = text.strip_suffix('>') else {
            return Self::bare(None, text);
        };
        let Some((name, spec)) = inner.rsplit_once('<') else {
            return Err("has `>` without `<`");
        };
        Self::bare(display_name(name.trim())?, spec)
    }

    fn bare(name: Option<String>, spec: &str) -> Result<Self, &'static str> {
        let Some((local, domain)) = spec.split_once('@') else {
            return Err("is no address: it has no `@`");
        };
        if spec.len() > SPEC_MAX_BYTES {
            return Err("is longer than 254 bytes without the name");
        }
        if !is_dot_atom(local) || local.len() > LOCAL_MAX_BYTES {
            return Err("is no single address: what stands left of `@` is not valid");
        }
        if !is_domain(domain) {
            return Err("is no single address: what stands right of `@` is not a domain name in ASCII");
        }
        Ok(Self { name, spec: spec.to_owned(), domain_at: local.len() + 1 })
    }
}

/// The name before `<`, quoted or not. An unquoted one may not hold what would make the field a list of addresses:
/// taking the last of several would lose the others silently.
fn display_name(text: &str) -> Result<Option<String>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let Some(quoted) = quoted.strip_suffix('"') else {
            return Err("has a name with an unclosed quote");
        };
        return unescape(quoted).map(Some);
    }
    if text.contains([',', ';', ':', '@', '<', '>', '"', '\\']) {
        return Err("has a name that needs quotes, or is more than one address");
    }
    Ok(Some(text.to_owned()))
}

fn unescape(quoted: &str) -> Result<String, &'static str> {
    let mut name = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => name.push(chars.next().ok_or("has a name that ends in a backslash")?),
            '"' => return Err("has a name with a quote inside"),
            c => name.push(c),
        }
    }
    Ok(name)
}

fn is_dot_atom(text: &str) -> bool {
    text.split('.').all(|atom| {
        !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    })
}

fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| {
        (1..=LABEL_MAX_BYTES).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

#[cfg(test)]
mod tests;
