//! Mentions: which names a text calls, and who of those so called may be told.

use uuid::Uuid;

use super::actor::Standing;
use super::comment::Visibility;
use super::part::{Part, PartKind};

/// Names looked up for one comment; calling more people than that is shouting.
const NAMES_MAX: usize = 20;

/// Somebody who may have been called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) user: Uuid,
    /// Whether their roles let them see every ticket's comments.
    pub(crate) oversees: bool,
}

/// The username that goes with an address: its local part, in lower case.
pub(crate) fn username(email: &str) -> String {
    let (local, _host) = email.rsplit_once('@').unwrap_or((email, ""));
    local.to_lowercase()
}

/// The names called by `@name`, in lower case, each once, at most twenty. An `@` inside a word, as in an address,
/// calls nobody; a point or dash at the end belongs to the sentence.
pub(crate) fn usernames(text: &str) -> Vec<String> {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let mut names: Vec<String> = Vec::new();
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        let starts = character == '@' && !in_name(before) && before != '@';
        before = character;
        let Some(rest) = text.get(at + 1..).filter(|_| starts) else { continue };
        let name: String = rest.chars().take_while(|c| in_name(*c)).collect();
        let name = name.trim_end_matches(['.', '-', '_', '+']).to_lowercase();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
        if names.len() == NAMES_MAX {
            break;
        }
    }
    names
}

/// Those called who may see the comment, without its author.
pub(crate) fn mentioned(called: &[Known], parts: &[Part], visibility: Visibility, author: Uuid) -> Vec<Uuid> {
    let sees = |known: &&Known| {
        let mut own = parts.iter().filter(|part| part.user == known.user).peekable();
        let takes_part = own.peek().is_some();
        let is_requester = own.any(|part| part.kind == PartKind::Requester);
        let standing = if is_requester { Standing::Requester } else { Standing::Staff };
        known.user != author && (takes_part || known.oversees) && standing.sees(visibility)
    };
    called.iter().filter(sees).map(|known| known.user).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_at_the_start_of_words_without_the_points_of_the_sentence() {
        let text = "@Noor.Haddan, ask @emre_y-2+x. (@clara.fontane) or @noor.haddan...";
        assert_eq!(usernames(text), ["noor.haddan", "emre_y-2+x", "clara.fontane"]);
    }

    #[test]
    fn addresses_bare_signs_and_doubled_signs_call_nobody() {
        for text in ["write to ada@example.org", "@ home", "@", "a@@b", "@.", "@@noor"] {
            assert_eq!(usernames(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_text_calls_at_most_twenty() {
        let names: Vec<_> = (0..50).map(|n| format!("@name{n}")).collect();
        assert_eq!(usernames(&names.join(" ")).len(), NAMES_MAX);
    }

    #[test]
    fn a_username_is_the_local_part_of_the_address() {
        assert_eq!(username("Noor.Haddan@example.org"), "noor.haddan");
        assert_eq!(username("nobody"), "nobody");
    }

    #[test]
    fn only_those_who_may_see_the_comment_are_mentioned() {
        let [requester, past, overseer, stranger, author] = [1, 2, 3, 4, 5].map(Uuid::from_u128);
        let called: Vec<_> = [requester, past, overseer, stranger, author]
            .into_iter()
            .map(|user| Known { user, oversees: user == overseer || user == author })
            .collect();
        let parts = [
            Part { user: requester, kind: PartKind::Requester, since: 1, until: None },
            Part { user: past, kind: PartKind::Assignee, since: 1, until: Some(2) },
        ];
        assert_eq!(mentioned(&called, &parts, Visibility::Public, author), [requester, past, overseer]);
        assert_eq!(mentioned(&called, &parts, Visibility::Internal, author), [past, overseer]);
    }
}
