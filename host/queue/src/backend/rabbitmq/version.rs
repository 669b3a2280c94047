//! The version that a broker says it has.

use std::fmt;

/// The key in the broker's properties: its length, itself, and the mark of a string.
const KEY: &[u8] = b"\x07versionS";

/// A version of RabbitMQ: its first two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number.
    pub major: u16,
    /// The second one.
    pub minor: u16,
}

impl Version {
    /// The oldest version that is supported: the one of the oldest distribution that is.
    pub(super) const MIN: Self = Self { major: 3, minor: 10 };

    /// Reads it from the first frame of a broker; `None`: it does not say.
    pub(super) fn of_greeting(greeting: &[u8]) -> Option<Self> {
        let at = greeting.windows(KEY.len()).position(|window| window == KEY)?;
        let (length, rest) = greeting.get(at.checked_add(KEY.len())?..)?.split_first_chunk::<4>()?;
        let text = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let mut numbers = std::str::from_utf8(text).ok()?.split(['.', '-', '+']);
        Some(Self { major: numbers.next()?.parse().ok()?, minor: numbers.next()?.parse().ok()? })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_a_greeting_and_compared_by_numbers() {
        let read = |text: &str| {
            let mut greeting = b"\x01\x00\x00\x07productS\x00\x00\x00\x08RabbitMQ\x07versionS".to_vec();
            greeting.extend(u32::try_from(text.len()).expect("short").to_be_bytes());
            greeting.extend(text.as_bytes());
            Version::of_greeting(&greeting)
        };
        assert_eq!(read("3.10.8"), Some(Version { major: 3, minor: 10 }));
        assert_eq!(read("4.1.0-rc.1"), Some(Version { major: 4, minor: 1 }));
        assert!(read("3.9.29").expect("a version") < Version::MIN);
        assert!(read("4.0.0").expect("a version") > Version::MIN);
        assert_eq!(read("latest"), None);
        assert_eq!(Version::of_greeting(b"\x07versionS\x00\x00\xff\xff3.10"), None);
    }
}
