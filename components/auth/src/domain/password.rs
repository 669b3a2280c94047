//! What a password has to be: long enough, not among those that everybody tries, and not made of the person's names.

use super::user::User;

/// Shortest in characters.
const CHARS_MIN: usize = 8;

/// The longest password that is hashed (`wharf:password`), in bytes.
pub(crate) const BYTES_MAX: usize = 128;

/// How long a link for a new password leads somewhere, in seconds.
pub(crate) const RESET_S: i64 = 3_600;

/// A name of fewer characters is in too many words to say anything.
const NAME_CHARS_MIN: usize = 3;

/// What guessers try first, in lower case; with digits and signs around it a word is no better.
const TRIED_FIRST: [&str; 40] = [
    "password",
    "passwort",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "letmein",
    "welcome",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "trustno1",
    "whatever",
    "starwars",
    "computer",
    "internet",
    "samsung",
    "michael",
    "jennifer",
    "changeme",
    "administrator",
    "admin",
    "default",
    "secret",
    "master",
    "monkey",
    "dragon",
    "shadow",
    "hunter",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "qwertzuiop",
    "asdfghjkl",
    "asdfgh",
    "zxcvbnm",
    "1q2w3e4r",
    "1qaz2wsx",
];

/// What a person is called where passwords are concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) username: &'a str,
    pub(crate) email: &'a str,
}

impl<'a> From<&'a User> for Names<'a> {
    fn from(user: &'a User) -> Self {
        Self { username: &user.username, email: &user.email }
    }
}

/// Why a password is not good enough; nothing if it is.
pub(crate) fn weakness(password: &str, names: Names<'_>) -> Option<&'static str> {
    let lower = password.to_lowercase();
    let local = names.email.split('@').next().unwrap_or_default();
    let has = |name: &str| name.chars().count() >= NAME_CHARS_MIN && lower.contains(&name.to_lowercase());
    if password.chars().count() < CHARS_MIN {
        Some("must have at least 8 characters")
    } else if password.len() > BYTES_MAX {
        Some("is longer than 128 bytes")
    } else if password.contains('\0') {
        Some("must not contain the character U+0000")
    } else if has(names.username) || has(local) {
        Some("must not contain your username or e-mail address")
    } else if is_tried_first(&lower) {
        Some("is one of those that everybody tries first")
    } else {
        None
    }
}

/// Whether what is left without digits and signs at both ends is a word of the list or nothing, or the whole is a run
/// of few characters.
fn is_tried_first(lower: &str) -> bool {
    let word = lower.trim_matches(|c: char| !c.is_alphabetic());
    let mut different: Vec<char> = lower.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() <= 3 || is_sequence(lower) || TRIED_FIRST.iter().any(|tried| *tried == word || *tried == lower)
}

/// Whether each character follows the one before, up or down, as in `12345678`.
fn is_sequence(text: &str) -> bool {
    let steps = |up: bool| {
        text.chars().zip(text.chars().skip(1)).all(|(one, next)| {
            let (low, high) = if up { (one, next) } else { (next, one) };
            u32::from(high).checked_sub(u32::from(low)) == Some(1) || (low, high) == ('9', '0')
        })
    };
    steps(true) || steps(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names<'_> = Names { username: "Ada", email: "a.stone@example.org" };

    #[test]
    fn a_long_enough_password_of_ones_own_is_taken_whatever_it_is_made_of() {
        let (longest, wide) = ("xy7-".repeat(32), "ä-ö-ü-ß-");
        for good in ["correct horse", "bcdfghjk", "2026-11-25-kettle", wide, &longest] {
            assert_eq!(weakness(good, NAMES), None, "{good}");
        }
    }

    #[test]
    fn passwords_too_short_too_long_or_with_names_are_refused() {
        let long = "xy7-".repeat(32) + "z";
        for bad in ["", "short7!", "äöüßäöü", long.as_str(), "my-aDa-password", "x.A.STONE.x", "with\0zero"] {
            assert!(weakness(bad, NAMES).is_some(), "{bad}");
        }
        assert_eq!(weakness("jo-is-brief", Names { username: "jo", email: "jo@example.org" }), None);
    }

    #[test]
    fn what_everybody_tries_first_is_refused_with_any_decoration() {
        for bad in [
            "password",
            "Password1!",
            "12345678",
            "1234567890",
            "87654321",
            "aaaaaaaa",
            "abababab",
            "qwertyuiop",
            "2026welcome#",
        ] {
            assert!(weakness(bad, NAMES).is_some(), "{bad}");
        }
    }
}
