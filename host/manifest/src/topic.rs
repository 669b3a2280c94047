//! What a topic may be called. What a pattern covers is [`crate::TopicPattern`]'s matter.

/// Longest topic in bytes, as the `wharf:queue` interface says.
const MAX_TOPIC: usize = 128;

/// Whether a message may carry this topic.
///
/// Topics are lower-case words joined by dots, for example `ticket.approved`, at most 128 bytes. A word begins with a letter or a digit and goes on with letters, digits, `_` and `-`.
pub fn topic_is_valid(topic: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let word =
        |word: &str| word.starts_with(plain) && word.chars().all(|letter| plain(letter) || "_-".contains(letter));
    topic.len() <= MAX_TOPIC && topic.split('.').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TopicPattern;

    fn pattern(text: &str) -> TopicPattern {
        TopicPattern(text.to_owned())
    }

    #[test]
    fn topics_are_dotted_words() {
        for right in ["ticket", "ticket.approved", "ticket.task-2.done_now"] {
            assert!(topic_is_valid(right), "{right}");
        }
        for wrong in ["", ".", "ticket.", ".ticket", "Ticket", "a b", "ticket.*", "*", "-a", &"a".repeat(129)] {
            assert!(!topic_is_valid(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_pattern_has_its_star_at_the_end() {
        for right in ["*", "ticket.*", "ticket.approved"] {
            assert!(pattern(right).is_valid(), "{right}");
        }
        for wrong in ["", "*.done", "ticket*", "ticket.*.done", ".*", "**"] {
            assert!(!pattern(wrong).is_valid(), "{wrong}");
        }
    }
}
