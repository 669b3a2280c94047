//! Names of files.

use std::fmt;

use crate::Error;

/// Longest key in bytes, the limit of the interface.
pub const KEY_MAX_BYTES: usize = 512;

/// A checked key: 1 to [`KEY_MAX_BYTES`] bytes of `a-z A-Z 0-9 . _ - /`, no empty, `.` or `..` segment.
///
/// A backend may use it as a path below a folder of its own: it never leaves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Checks a key.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the rule it breaks.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let invalid = |reason| Err(Error::Invalid { field: "key", reason });
        if text.is_empty() {
            return invalid("is empty");
        }
        if text.len() > KEY_MAX_BYTES {
            return invalid("is longer than 512 bytes");
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b)) {
            return invalid("has a character other than a-z A-Z 0-9 . _ - /");
        }
        if text.split('/').any(str::is_empty) {
            return invalid("has an empty segment");
        }
        if text.split('/').any(|segment| matches!(segment, "." | "..")) {
            return invalid("has a segment `.` or `..`");
        }
        Ok(Self(text.to_owned()))
    }

    /// The key as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn the_alphabet_of_the_interface_is_accepted() {
        let long = "k".repeat(512);
        for key in ["a", "A/b.c_d-9", "a..b", "...", ".hidden", "-", long.as_str()] {
            assert_eq!(Key::parse(key).unwrap().as_str(), key);
        }
    }

    #[test]
    fn nothing_that_could_leave_a_folder_is() {
        let long = "k".repeat(513);
        for key in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/..",
            "../a",
            "a/./b",
            "a/../b",
            "a\\b",
            "a b",
            "a\0",
            "ä",
            "%2e",
            "a\n",
            long.as_str(),
        ] {
            assert!(Key::parse(key).is_err(), "{key:?} was accepted");
        }
    }
}
