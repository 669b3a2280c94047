//! The mail that goes with a note, as text and as HTML.

use super::Note;

/// A mail without its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl Letter {
    /// The mail for a note, with a link into the application at `public_url`.
    pub(crate) fn new(note: &Note, greeting: &str, public_url: &str) -> Self {
        let link = format!("{}/ticket/{}", public_url.trim_end_matches('/'), note.ticket_number);
        let greeting = if greeting.trim().is_empty() { "Hello," } else { &format!("Hello {},", greeting.trim()) };
        Self {
            subject: note.subject.clone(),
            text: format!("{greeting}\n\n{}\n\n{}\n\n{link}\n", note.subject, note.body),
            html: format!(
                "<!doctype html><html><body><p>{}</p><p><strong>{}</strong></p><p>{}</p>\
                 <p><a href=\"{}\">{}</a></p></body></html>",
                escape(greeting),
                escape(&note.subject),
                escape(&note.body),
                escape(&link),
                escape(&link),
            ),
        }
    }
}

/// Text as HTML text or attribute value: none of it can become markup.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn note(text: &str) -> Note {
        Note::new("system", "TX20261122000001", text, text, Value::Null)
    }

    #[test]
    fn what_people_wrote_is_escaped_in_html_and_left_alone_in_text() {
        let letter = Letter::new(&note("<script>\"'&"), "Ada <b>", "https://example.org/");
        assert!(letter.text.contains("<script>\"'&"));
        assert!(!letter.html.contains("<script>") && !letter.html.contains("<b>"), "{}", letter.html);
        assert_eq!(letter.html.matches("&lt;script&gt;&quot;&#39;&amp;").count(), 2, "subject and body");
    }

    #[test]
    fn the_link_leads_to_the_ticket() {
        for base in ["https://example.org", "https://example.org/"] {
            let letter = Letter::new(&note("s"), "", base);
            assert!(letter.text.ends_with("\nhttps://example.org/ticket/TX20261122000001\n"));
            assert!(letter.html.contains("href=\"https://example.org/ticket/TX20261122000001\""));
        }
    }
}
