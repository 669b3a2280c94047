//! How components, queues, variables, databases and channels may be called.

use crate::fault::Fault;

/// Longest name: a component's id is also a DNS label (`<id>.spin.internal`) and a PostgreSQL identifier.
const MAX_NAME: usize = 63;
/// Longest channel name in bytes, as the `wharf:events` interface says.
const MAX_CHANNEL: usize = 128;

/// Lower-case words that begin with a letter, joined by `-`.
pub(crate) fn kebab(name: &str) -> Result<(), Fault> {
    let word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    if name.len() > MAX_NAME {
        return Err(too_long(name, MAX_NAME));
    }
    if name.split('-').all(word) {
        return Ok(());
    }
    let repaired = name.to_lowercase().replace(['_', ' ', '.'], "-");
    let hint = if repaired.split('-').all(word) {
        format!("write `{repaired}`")
    } else {
        "use lower-case words that begin with a letter, joined by `-`".to_owned()
    };
    Err(Fault::new(format!("`{name}` is not in kebab-case"), hint))
}

/// Lower-case words joined by `_`, the first one beginning with a letter.
pub(crate) fn snake(name: &str) -> Result<(), Fault> {
    let word = |word: &str| {
        !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    let valid = |name: &str| name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('_').all(word);
    if valid(name) {
        return Ok(());
    }
    let repaired = name.to_lowercase().replace(['-', ' ', '.'], "_");
    let hint = if valid(&repaired) {
        format!("write `{repaired}`")
    } else {
        "use lower-case words joined by `_`, the first one beginning with a letter".to_owned()
    };
    Err(Fault::new(format!("`{name}` is not a variable name"), hint))
}

/// Lower-case letters, digits, `_` and `-`, beginning with a letter.
pub(crate) fn database(name: &str) -> Result<(), Fault> {
    if name.len() > MAX_NAME {
        return Err(too_long(name, MAX_NAME));
    }
    let valid = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter));
    if valid {
        return Ok(());
    }
    Err(Fault::new(
        format!("`{name}` is not a database name"),
        "use lower-case letters, digits, `_` and `-`, beginning with a letter",
    ))
}

/// A channel, or the beginning of one followed by `*`.
pub(crate) fn channel(name: &str) -> Result<(), Fault> {
    let exact = name.strip_suffix('*').unwrap_or(name);
    if exact.len() > MAX_CHANNEL {
        return Err(too_long(name, MAX_CHANNEL));
    }
    if !name.is_empty() && exact.chars().all(|letter| letter.is_ascii_alphanumeric() || ":._-".contains(letter)) {
        return Ok(());
    }
    Err(Fault::new(
        format!("`{name}` is not a channel"),
        "use `a-z A-Z 0-9 : . _ -`, and `*` only at the end, for example `user:*`",
    ))
}

fn too_long(name: &str, limit: usize) -> Fault {
    let shown: String = name.chars().take(20).collect();
    Fault::new(format!("`{shown}...` is too long a name"), format!("use at most {limit} characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kebab_names_are_words_with_hyphens() {
        assert_eq!(kebab("notification-worker"), Ok(()));
        assert_eq!(kebab("a1-b2"), Ok(()));
        assert_eq!(kebab("My_App").map_err(|fault| fault.hint), Err("write `my-app`".to_owned()));
        for wrong in ["", "-", "a-", "a--b", "1a", "a-1", "ä", &"a".repeat(64)] {
            assert!(kebab(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn snake_names_are_words_with_underscores() {
        assert_eq!(snake("db_host_2"), Ok(()));
        assert_eq!(snake("DB-HOST").map_err(|fault| fault.hint), Err("write `db_host`".to_owned()));
        for wrong in ["", "_", "a__b", "_a", "a_", "1a"] {
            assert!(snake(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn channels_end_in_a_star_or_not_at_all() {
        for right in ["*", "user:*", "board", "User:1.a_b-c"] {
            assert_eq!(channel(right), Ok(()), "{right}");
        }
        for wrong in ["", "user:*:x", "a b", "a,b", "**"] {
            assert!(channel(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn databases_are_identifiers() {
        assert_eq!(database("ticket_2-b"), Ok(()));
        for wrong in ["", "2a", "Ticket", "a.b", "a/b"] {
            assert!(database(wrong).is_err(), "{wrong}");
        }
    }
}
