//! The wording of mails about an account. A code or a link stands in the text only, never in the subject, which ends
//! up in lists and notices on locked screens.

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Its kind, for the log.
    pub(crate) kind: &'static str,
    pub(crate) subject: &'static str,
    /// Without greeting.
    pub(crate) body: String,
}

const fn letter(kind: &'static str, subject: &'static str, body: String) -> Letter {
    Letter { kind, subject, body }
}

/// What to do if it was somebody else.
const NOT_YOU: &str = "If this was not you, change your password and tell an administrator.";

/// The code of a sign-in, or to switch codes off.
pub(crate) fn code(code: &str) -> Letter {
    let body = format!(
        "Your code is {code}\n\nIt is valid for 5 minutes and can be used once. Nobody from the help desk will ever ask \
         you for it. {NOT_YOU}"
    );
    letter("otp", "Your one-time code", body)
}

/// Somebody failed to sign in often.
pub(crate) fn failures(failed: u32, left: u32) -> Letter {
    let body = format!(
        "Somebody tried to sign in to your account with a wrong password {failed} times. After {left} more failures the \
         account is locked for a while.\n\nIf this was not you, nothing is lost; tell an administrator if it goes on."
    );
    letter("failed_login", "Failed attempts to sign in", body)
}

/// The account is locked for so many minutes.
pub(crate) fn locked(minutes: u64) -> Letter {
    let body = format!(
        "After too many attempts to sign in with a wrong password your account is locked. In {minutes} minutes you can \
         sign in again.\n\nIf this was not you, nothing is lost; tell an administrator if it happens again."
    );
    letter("account_locked", "Your account is locked", body)
}

/// The account is open again.
pub(crate) fn unlocked(by_admin: bool) -> Letter {
    let body = if by_admin {
        "An administrator has unlocked your account. You can sign in again.".to_owned()
    } else {
        format!("Your account was locked, and somebody has just signed in with the right password. {NOT_YOU}")
    };
    letter("account_unlocked", "Your account is unlocked", body)
}

/// How to choose a new password.
pub(crate) fn reset(public_url: &str, token: &str) -> Letter {
    // Behind the `#`, so that it stays in the browser and in no log on the way.
    let link = format!("{}/reset-password#{token}", public_url.trim_end_matches('/'));
    let body = format!(
        "Somebody asked to set a new password for your account. To do so, open this page within an hour:\n\n{link}\n\n\
         If this was not you, nothing is lost: without this link nobody can do it."
    );
    letter("password_reset", "Set a new password", body)
}

/// The password is another one.
pub(crate) fn password_changed() -> Letter {
    let body = format!("The password of your account was changed, and all other sessions were ended. {NOT_YOU}");
    letter("password_changed", "Your password was changed", body)
}

/// Sign-ins ask for a code from now on, or no longer do.
pub(crate) fn codes_switched(on: bool) -> Letter {
    let body = if on {
        format!("From now on you are asked for a one-time code whenever you sign in. {NOT_YOU}")
    } else {
        format!("You are no longer asked for a one-time code when you sign in. {NOT_YOU}")
    };
    let subject = if on { "One-time codes are switched on" } else { "One-time codes are switched off" };
    letter("otp_switched", subject, body)
}

/// An administrator let the person in.
pub(crate) fn approved(public_url: &str) -> Letter {
    let body = format!("Your account was approved. You can sign in now:\n\n{}/", public_url.trim_end_matches('/'));
    letter("account_approved", "Your account was approved", body)
}

/// An administrator did not let the person in.
pub(crate) fn rejected(reason: &str) -> Letter {
    letter(
        "account_rejected",
        "Your account was not approved",
        format!("Your account was not approved.\n\nReason: {reason}"),
    )
}

impl Letter {
    /// The whole text.
    pub(crate) fn text(&self, full_name: &str) -> String {
        format!("Hello {},\n\n{}\n", full_name.trim(), self.body)
    }
}

/// Longest name in an address line.
const NAME_MAX: usize = 60;

/// The address line. A name that would need quoting is left out, since it helps nobody to deliver.
pub(crate) fn mailbox(full_name: &str, email: &str) -> String {
    let name = full_name.trim();
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '\''));
    if plain && !name.is_empty() && name.len() <= NAME_MAX { format!("{name} <{email}>") } else { email.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stand_in_the_text_and_not_in_the_subject() {
        let code = code("123456");
        assert!(code.body.contains("123456") && !code.subject.contains("123456"));
        for base in ["https://example.org", "https://example.org/"] {
            let reset = reset(base, "tok-en");
            assert!(reset.body.contains("\n\nhttps://example.org/reset-password#tok-en\n\n"), "{}", reset.body);
            assert!(!reset.subject.contains("tok-en"));
        }
    }

    #[test]
    fn a_text_begins_with_a_greeting_and_tells_what_happened() {
        assert_eq!(
            rejected("Unknown here").text("Ada Stone"),
            "Hello Ada Stone,\n\nYour account was not approved.\n\nReason: Unknown here\n"
        );
        assert!(failures(5, 5).body.contains("After 5 more failures"));
        assert!(locked(15).body.contains("In 15 minutes"));
        assert_ne!(unlocked(true), unlocked(false));
        assert_ne!(codes_switched(true), codes_switched(false));
        assert!(approved("https://example.org/").body.ends_with("https://example.org/"));
        assert!(password_changed().body.contains("all other sessions were ended"));
    }

    #[test]
    fn a_name_that_needs_quoting_is_left_out() {
        assert_eq!(mailbox("Ada O'Neil-Smith", "a@example.org"), "Ada O'Neil-Smith <a@example.org>");
        assert_eq!(mailbox("Ada <b@example.org>", "a@example.org"), "a@example.org");
    }
}
