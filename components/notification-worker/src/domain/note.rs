//! The wording: one function for each message that people are told of.

use events::{TicketApprovedV1, TicketSubmittedV1};
use serde_json::{Value, json};

/// Something to be told to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// The code of its notification type.
    pub(crate) kind: &'static str,
    /// At most 200 characters.
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) ticket_number: String,
    /// What a page may need beside the text.
    pub(crate) data: Value,
}

/// The mail that goes with a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// To the requester: the ticket is open for work.
pub(crate) fn approved(event: &TicketApprovedV1) -> Note {
    Note {
        kind: "task_status_update",
        subject: format!("Your ticket {} is approved", event.number),
        body: format!(
            "\"{}\" is now Open with priority {}. {} takes care of it.",
            event.subject, event.priority, event.department
        ),
        ticket_number: event.number.clone(),
        data: json!({ "status": "Open", "priority": event.priority, "department": event.department }),
    }
}

/// To the coordinators: a ticket waits for a decision.
pub(crate) fn submitted(event: &TicketSubmittedV1) -> Note {
    Note {
        kind: "system",
        subject: format!("Ticket {} waits for a decision", event.number),
        body: format!("{} asks: \"{}\" ({}).", event.requester.name, event.subject, event.category),
        ticket_number: event.number.clone(),
        data: json!({ "status": "New", "category": event.category }),
    }
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
    use super::*;

    fn event(subject: &str) -> TicketApprovedV1 {
        let person = |name: &str| json!({ "id": "u", "name": name, "email": "a@example.org" });
        serde_json::from_value(json!({
            "version": 1, "ticket_id": "t", "number": "TX20261122000001", "subject": subject, "description": "d",
            "category": "c", "priority": "High", "department": "IT Department", "requester": person("Ada"),
            "approver": person("Bo"), "submitted_at": 1, "approved_at": 2,
        }))
        .unwrap()
    }

    #[test]
    fn what_people_wrote_is_escaped_in_html_and_left_alone_in_text() {
        let letter = Letter::new(&approved(&event("<script>\"'&")), "Ada <b>", "https://example.org/");
        assert!(letter.text.contains("<script>\"'&"));
        assert!(!letter.html.contains("<script>") && !letter.html.contains("<b>"), "{}", letter.html);
        assert!(letter.html.contains("&lt;script&gt;&quot;&#39;&amp;"));
    }

    #[test]
    fn the_link_leads_to_the_ticket() {
        for base in ["https://example.org", "https://example.org/"] {
            let letter = Letter::new(&approved(&event("s")), "", base);
            assert!(letter.text.ends_with("\nhttps://example.org/ticket/TX20261122000001\n"));
            assert!(letter.html.contains("href=\"https://example.org/ticket/TX20261122000001\""));
        }
    }

    #[test]
    fn a_subject_fits_its_column_and_has_no_line_break_of_a_person() {
        let note = approved(&event(&"x\n".repeat(200)));
        assert!(note.subject.chars().count() <= 200 && !note.subject.contains('\n'));
    }
}
