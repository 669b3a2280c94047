//! By which way a person is told, and where a mail goes, if anywhere.

/// The longest address that mail servers take (RFC 5321, section 4.5.3.1.3).
const ADDRESS_MAX: usize = 254;
/// Longer names are left out of the address line.
const NAME_MAX: usize = 60;

/// What the mirror of people says of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recipient {
    pub(crate) email: String,
    pub(crate) full_name: String,
    pub(crate) is_active: bool,
}

/// The ways that a person is told of things of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Channels {
    /// In the inbox, and live on open pages.
    pub(crate) in_app: bool,
    pub(crate) email: bool,
}

/// Whether and where to mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MailRoute {
    /// To this address and name.
    To { email: String, full_name: String },
    /// Not at all; the address is kept for the record.
    Skip { email: String, reason: &'static str },
}

/// The mirror decides; somebody it does not know yet is reached by the snapshot in the message.
pub(crate) fn route(known: Option<Recipient>, snapshot: &events::Person) -> MailRoute {
    let known = known.unwrap_or_else(|| Recipient {
        email: snapshot.email.clone(),
        full_name: snapshot.name.clone(),
        is_active: true,
    });
    let Recipient { email, full_name, is_active } = known;
    let plausible = email.len() <= ADDRESS_MAX
        && email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty())
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';'));
    if !is_active {
        return MailRoute::Skip { email, reason: "the recipient is not active" };
    }
    if plausible { MailRoute::To { email, full_name } } else { MailRoute::Skip { email, reason: "no usable address" } }
}

/// The address line; a name that would need quoting is left out, since it helps nobody to deliver.
pub(crate) fn mailbox(full_name: &str, email: &str) -> String {
    let name = full_name.trim();
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '\''));
    if plain && !name.is_empty() && name.len() <= NAME_MAX { format!("{name} <{email}>") } else { email.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(email: &str) -> events::Person {
        events::Person { id: "u".to_owned(), name: "Ada Old".to_owned(), email: email.to_owned() }
    }

    fn known(email: &str, is_active: bool) -> Recipient {
        Recipient { email: email.to_owned(), full_name: "Ada New".to_owned(), is_active }
    }

    #[test]
    fn the_mirror_wins_over_the_snapshot_of_the_message() {
        let to =
            |email: &str, full_name: &str| MailRoute::To { email: email.to_owned(), full_name: full_name.to_owned() };
        assert_eq!(
            route(Some(known("new@example.org", true)), &snapshot("old@example.org")),
            to("new@example.org", "Ada New")
        );
        assert_eq!(route(None, &snapshot("old@example.org")), to("old@example.org", "Ada Old"));
    }

    #[test]
    fn inactive_people_and_unusable_addresses_are_skipped() {
        let skips = |route| matches!(route, MailRoute::Skip { .. });
        assert!(skips(route(Some(known("new@example.org", false)), &snapshot("old@example.org"))));
        for bad in ["", "ada", "@example.org", "ada@", "a b@example.org", "a@example.org,b@example.org"] {
            assert!(skips(route(None, &snapshot(bad))), "{bad}");
        }
    }

    #[test]
    fn a_name_that_needs_quoting_is_left_out() {
        assert_eq!(mailbox("Ada O'Neil-Smith", "a@example.org"), "Ada O'Neil-Smith <a@example.org>");
        assert_eq!(mailbox("Ada \"x\" <b@example.org>", "a@example.org"), "a@example.org");
        assert_eq!(mailbox(" ", "a@example.org"), "a@example.org");
    }
}
