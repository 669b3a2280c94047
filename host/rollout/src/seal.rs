//! A record that knows whether it is whole: one line of JSON and one line with its SHA-256.
//!
//! Cut, changed or empty: every byte is covered, so that what opens is what was sealed.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Digest, Error};

/// The bytes of a record.
pub(crate) fn seal<T: Serialize>(file: &str, record: &T) -> Result<Vec<u8>, Error> {
    let mut text = serde_json::to_string(record).map_err(|error| Error::disk(file, error.into()))?;
    let digest = Digest::of(text.as_bytes());
    text.push_str("\nsha256 ");
    text.push_str(&digest.to_string());
    text.push('\n');
    Ok(text.into_bytes())
}

/// The record in `bytes`; `None` where they are not what once was sealed, or not of this type.
pub(crate) fn open<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (json, tail) = text.strip_suffix('\n')?.split_once('\n')?;
    // Compared as text, so that there is one spelling alone.
    let sealed = tail.strip_prefix("sha256 ")? == Digest::of(json.as_bytes()).to_string();
    if sealed { serde_json::from_str(json).ok() } else { None }
}

/// The format that a whole record names; 0 where it names none.
pub(crate) fn version(bytes: &[u8]) -> Option<u32> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        #[serde(default)]
        version: u32,
    }
    open::<Versioned>(bytes).map(|record| record.version)
}
