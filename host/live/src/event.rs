//! One event as the bytes of a stream, and the ids by which streams are resumed.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use bytes::Bytes;

use crate::Error;

/// Most bytes of an event's data: 16 KiB, as the interface says.
pub const EVENT_DATA_BYTES_MAX: usize = 16 * 1024;
const NAME_BYTES_MAX: usize = 64;

/// Names one run of the host, so that an id from an earlier run is recognised as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Boot(u64);

impl Boot {
    /// A new one, different from all before.
    pub(crate) fn random() -> Self {
        // A fresh hasher state is seeded by the system's randomness.
        Self(RandomState::new().hash_one("boot"))
    }

    /// The id of an event: `<boot>-<number>`.
    pub(crate) fn id(self, seq: u64) -> Id {
        Id { boot: self, seq }
    }

    /// The number in an id of this run.
    pub(crate) fn seq_of(self, id: &str) -> Option<u64> {
        let (boot, seq) = id.split_once('-')?;
        let boot = u64::from_str_radix(boot, 16).ok()?;
        (boot == self.0).then(|| seq.parse().ok()).flatten()
    }
}

/// An event's id, or the place in the sequence that a stream has reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Id {
    boot: Boot,
    seq: u64,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.boot.0, self.seq)
    }
}

/// # Errors
/// [`Error::Invalid`] for the name, [`Error::TooLarge`] for the data.
pub(crate) fn check(name: &str, data: &str) -> Result<(), Error> {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(good) {
        return Err(Error::Invalid { field: "name", reason: "is not 1 to 64 bytes of a-z 0-9 . _ -" });
    }
    if data.len() > EVENT_DATA_BYTES_MAX {
        return Err(Error::TooLarge { limit_bytes: u64::try_from(EVENT_DATA_BYTES_MAX).unwrap_or(u64::MAX) });
    }
    Ok(())
}

/// The event on the wire. Line ends in the data become lines of their own, so that no data can pretend to be a field.
pub(crate) fn encode(id: Id, name: &str, data: &str) -> Bytes {
    let mut text = format!("id: {id}\nevent: {name}\n");
    for line in data.replace("\r\n", "\n").split(['\n', '\r']) {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_several_lines_stays_data() {
        let boot = Boot(0xab);
        let text = encode(boot.id(7), "note", "a\nid: 9\r\nb\rc");
        assert_eq!(text, "id: 00000000000000ab-7\nevent: note\ndata: a\ndata: id: 9\ndata: b\ndata: c\n\n");
        assert_eq!(encode(boot.id(8), "note", ""), "id: 00000000000000ab-8\nevent: note\ndata: \n\n");
    }

    #[test]
    fn an_id_is_understood_by_its_own_run_only() {
        let boot = Boot(1);
        assert_eq!(boot.seq_of(&boot.id(42).to_string()), Some(42));
        for other in [Boot(2).id(42).to_string(), "42".to_owned(), String::new(), "x-1".to_owned(), "1-".to_owned()] {
            assert_eq!(boot.seq_of(&other), None, "{other}");
        }
    }

    #[test]
    fn names_and_sizes_are_checked() {
        assert!(check("ticket.moved-1_x", "{}").is_ok());
        for bad in ["", "A", "a b", "a\nid: 1", &"a".repeat(65)] {
            assert!(matches!(check(bad, ""), Err(Error::Invalid { field: "name", .. })), "{bad:?}");
        }
        assert!(check("a", &"x".repeat(EVENT_DATA_BYTES_MAX)).is_ok());
        assert_eq!(check("a", &"x".repeat(EVENT_DATA_BYTES_MAX + 1)), Err(Error::TooLarge { limit_bytes: 16_384 }));
    }
}
