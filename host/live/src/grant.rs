//! Which channels a component may use, and what a channel may be called.

use crate::Error;

/// Longest channel name in bytes.
const CHANNEL_BYTES_MAX: usize = 128;

/// Whether one of the patterns, exact or with a trailing `*`, covers the channel.
pub(crate) fn covers(patterns: &[String], channel: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        None => pattern == channel,
        // The star stands for something: `user:*` is no grant for a channel called `user:`.
        Some(prefix) => channel.len() > prefix.len() && channel.starts_with(prefix),
    })
}

/// # Errors
/// [`Error::Invalid`] for a name that no channel has.
pub(crate) fn check_channel(name: &str) -> Result<(), Error> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'.' | b'_' | b'-');
    if name.is_empty() || name.len() > CHANNEL_BYTES_MAX || !name.bytes().all(good) {
        return Err(Error::Invalid { field: "channel", reason: "is not 1 to 128 bytes of a-z A-Z 0-9 : . _ -" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_exact_or_a_prefix() {
        let patterns = ["board".to_owned(), "user:*".to_owned()];
        for (channel, covered) in
            [("board", true), ("boards", false), ("user:1", true), ("user:", false), ("user", false), ("", false)]
        {
            assert_eq!(covers(&patterns, channel), covered, "{channel}");
        }
        assert!(covers(&["*".to_owned()], "anything"));
        assert!(!covers(&[], "anything"));
    }

    #[test]
    fn channel_names_follow_the_interface() {
        assert!(check_channel("user:0b-1_x.Y").is_ok());
        for bad in ["", "a b", "a,b", "a\n", "ä", &"a".repeat(129)] {
            assert!(check_channel(bad).is_err(), "{bad:?}");
        }
    }
}
