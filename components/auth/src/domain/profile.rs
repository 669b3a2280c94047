//! What people may be called, and what a change of it does.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::user::{User, is_email};

/// Longest of each part of a name, in characters.
const NAME_CHARS_MAX: usize = 100;

/// Longest username, in characters.
const USERNAME_CHARS_MAX: usize = 150;

/// What may follow a family name.
const SUFFIXES: [&str; 6] = ["Jr.", "Sr.", "II", "III", "IV", "V"];

/// A field that is wrong, and why.
pub(crate) type Wrong = (&'static str, &'static str);

/// A change of a field that may be empty. In JSON null empties it and absence leaves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Setting {
    #[default]
    Unchanged,
    To(Option<String>),
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        Option::deserialize(value).map(Self::To)
    }
}

impl Setting {
    /// The new text, if there is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::To(Some(text)) => Some(text),
            Self::To(None) | Self::Unchanged => None,
        }
    }

    fn trimmed(self) -> Self {
        match self {
            Self::To(text) => Self::To(given(text)),
            Self::Unchanged => self,
        }
    }

    fn or(self, present: Option<&String>) -> Option<String> {
        match self {
            Self::To(text) => text,
            Self::Unchanged => present.cloned(),
        }
    }
}

/// A change of somebody. Nothing: stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) username: Option<String>,
    pub(crate) phone: Setting,
    pub(crate) first_name: Option<String>,
    pub(crate) middle_name: Setting,
    pub(crate) last_name: Option<String>,
    pub(crate) suffix: Setting,
    /// The name of a department that exists.
    pub(crate) department: Setting,
    pub(crate) is_active: Option<bool>,
}

/// Text without blanks around it; nothing if nothing is left.
pub(crate) fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

impl Edit {
    /// The edit with its texts trimmed, or every field that is wrong.
    pub(crate) fn checked(mut self) -> Result<Self, Vec<Wrong>> {
        for name in [&mut self.username, &mut self.first_name, &mut self.last_name].into_iter().flatten() {
            *name = name.trim().to_owned();
        }
        for setting in [&mut self.phone, &mut self.middle_name, &mut self.suffix, &mut self.department] {
            *setting = std::mem::take(setting).trimmed();
        }
        let mut wrong = Vec::new();
        let mut check = |valid: bool, field, why| {
            if !valid {
                wrong.push((field, why));
            }
        };
        let names = "must be text of 1 to 100 characters";
        check(self.username.as_deref().is_none_or(is_username), "username", USERNAME_RULE);
        check(self.first_name.as_deref().is_none_or(is_name), "first_name", names);
        check(self.middle_name.text().is_none_or(is_name), "middle_name", names);
        check(self.last_name.as_deref().is_none_or(is_name), "last_name", names);
        let known = self.suffix.text().is_none_or(|suffix| SUFFIXES.contains(&suffix));
        check(known, "suffix", "must be Jr., Sr., II, III, IV or V");
        check(self.phone.text().is_none_or(is_phone), "phone", PHONE_RULE);
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }

    /// The person as they are afterwards.
    pub(crate) fn apply(&self, user: &User) -> User {
        let Self { username, phone, first_name, middle_name, last_name, suffix, department, is_active } = self.clone();
        User {
            username: username.unwrap_or_else(|| user.username.clone()),
            phone: phone.or(user.phone.as_ref()),
            first_name: first_name.unwrap_or_else(|| user.first_name.clone()),
            middle_name: middle_name.or(user.middle_name.as_ref()),
            last_name: last_name.unwrap_or_else(|| user.last_name.clone()),
            suffix: suffix.or(user.suffix.as_ref()),
            department: department.or(user.department.as_ref()),
            is_active: is_active.unwrap_or(user.is_active),
            ..user.clone()
        }
    }
}

/// What differs between two states of somebody, for the audit log: `{field: {from, to}}`.
pub(crate) fn difference(from: &User, to: &User) -> Value {
    let fields = |user: &User| {
        BTreeMap::from([
            ("username", json!(user.username)),
            ("phone", json!(user.phone)),
            ("first_name", json!(user.first_name)),
            ("middle_name", json!(user.middle_name)),
            ("last_name", json!(user.last_name)),
            ("suffix", json!(user.suffix)),
            ("department", json!(user.department)),
            ("is_active", json!(user.is_active)),
        ])
    };
    let changes = fields(from).into_iter().zip(fields(to).into_values());
    let changes = changes.filter(|((_, from), to)| from != to);
    changes.map(|((field, from), to)| (field.to_owned(), json!({ "from": from, "to": to }))).collect()
}

const USERNAME_RULE: &str = "must have 1 to 150 letters, digits, dots, hyphens or underscores";

fn is_username(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (1..=USERNAME_CHARS_MAX).contains(&text.len()) && text.chars().all(plain)
}

/// The username of somebody who chose none: what stands before the `@`, as far as usernames can be so.
pub(crate) fn username_of(email: &str) -> String {
    let local = email.split('@').next().unwrap_or_default();
    let plain = local.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    plain.take(USERNAME_CHARS_MAX).collect()
}

fn is_name(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

const PHONE_RULE: &str = "must be an international number: +, then 10 to 14 digits without blanks";

/// E.164: `+`, the country's code, which does not begin with 0, and the rest, 10 to 14 digits together.
fn is_phone(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (10..=14).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

/// Whether a mail can go there: an address of plain characters, as every relay takes it.
pub(crate) fn is_mailable(email: &str) -> bool {
    const SIGNS: &str = "!#$%&'*+-/=?^_`{|}~.";
    let Some((local, domain)) = email.split_once('@') else { return false };
    let local_is_plain = local.len() <= 64 && local.chars().all(|c| c.is_ascii_alphanumeric() || SIGNS.contains(c));
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    is_email(email) && local_is_plain && !local.split('.').any(str::is_empty) && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::super::user::example;
    use super::*;

    #[test]
    fn an_edit_names_every_field_that_is_wrong() {
        let edit = Edit {
            username: Some("a b".to_owned()),
            phone: Setting::To(Some("0049123456789".to_owned())),
            first_name: Some(" ".to_owned()),
            middle_name: Setting::To(Some("x".repeat(101))),
            last_name: Some("a\nb".to_owned()),
            suffix: Setting::To(Some("PhD".to_owned())),
            ..Edit::default()
        };
        let fields: Vec<_> = edit.checked().unwrap_err().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["username", "first_name", "middle_name", "last_name", "suffix", "phone"]);
        assert_eq!(Edit::default().checked(), Ok(Edit::default()));
    }

    #[test]
    fn phones_are_international_numbers() {
        for good in ["+4912345678", "+49123456789012"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in
            ["", "+", "4912345678", "+0912345678", "+491234567", "+491234567890123", "+49 123456789", "+49१234567890"]
        {
            assert!(!is_phone(bad), "{bad}");
        }
    }

    #[test]
    fn an_edit_changes_what_it_names_and_the_log_says_so() {
        let edit = Edit {
            phone: Setting::To(Some(" +4912345678 ".to_owned())),
            middle_name: Setting::To(Some(" ".to_owned())),
            is_active: Some(false),
            ..Edit::default()
        };
        let after = edit.checked().unwrap().apply(&example());
        assert_eq!(after, User { phone: Some("+4912345678".to_owned()), is_active: false, ..example() });
        let expected =
            json!({ "phone": { "from": null, "to": "+4912345678" }, "is_active": { "from": true, "to": false } });
        assert_eq!(difference(&example(), &after), expected);
        assert_eq!(difference(&example(), &example()), json!({}));
    }

    #[test]
    fn mails_go_to_plain_addresses_only() {
        for good in ["a@b.c", "first.o'last+tag@sub-1.example.org"] {
            assert!(is_mailable(good), "{good}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in
            ["ä@example.org", "a@exämple.org", "a..b@example.org", ".a@example.org", "a@-x.org", "a,b@c.d", &long]
        {
            assert!(!is_mailable(bad), "{bad}");
        }
        assert_eq!(username_of("o'ne+tag@example.org"), "onetag");
    }
}
