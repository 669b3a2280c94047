//! A checked message to the bytes of RFC 5322 and MIME. Pure.

use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address as Mailbox;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;

use crate::{Address, Message};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// Writes the message. `message_id` comes without angle brackets, `now` is microseconds since the epoch.
///
/// `Auto-Submitted` (RFC 3834) keeps auto-responders from answering a machine.
pub(crate) fn compose(message: &Message, from: &Address, to: &Address, message_id: &str, now: i64) -> Vec<u8> {
    let mut builder = MessageBuilder::new()
        .header("From", mailbox(from))
        .header("To", mailbox(to))
        .subject(message.subject.as_str())
        .date(Date { date: now.div_euclid(MICROS_PER_SECOND) })
        .header("Message-ID", MessageId::new(message_id))
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .text_body(message.text.as_str());
    if let Some(html) = &message.html {
        builder = builder.html_body(html.as_str());
    }
    let mut bytes = Vec::new();
    builder.serialize(&mut bytes);
    bytes
}

fn mailbox(address: &Address) -> Mailbox<'_> {
    Mailbox::new_address(address.name(), address.spec())
}

#[cfg(test)]
mod tests {
    use super::compose;
    use crate::{Address, Message};
    use mail_parser::MessageParser;

    fn written(message: &Message) -> Vec<u8> {
        let from = Address::parse("from", "Wharf <no-reply@example.org>").unwrap();
        let to = Address::parse("to", &message.to).unwrap();
        compose(message, &from, &to, "id@example.org", 1_000_000_000_000_000)
    }

    #[test]
    fn a_reader_gets_back_what_was_written() {
        let message = Message {
            to: "Zoë \"Z\" <zoe@example.org>".replace("\"Z\" ", ""),
            subject: "Anträge für Łódź ✓".into(),
            text: "Grüße\n.\nFrom here\n".to_owned() + &"long ".repeat(400),
            html: Some("<p>Grüße</p>".into()),
            idempotency_key: None,
        };
        let bytes = written(&message);
        assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 998), "a line is too long for SMTP");
        let header_end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        assert!(bytes[..header_end].is_ascii(), "headers must be ASCII");
        let read = MessageParser::new().parse(&bytes).unwrap();
        assert_eq!(read.subject(), Some(message.subject.as_str()));
        assert_eq!(read.from().unwrap().first().unwrap().address(), Some("no-reply@example.org"));
        let to = read.to().unwrap().first().unwrap();
        assert_eq!((to.name(), to.address()), (Some("Zoë"), Some("zoe@example.org")));
        assert_eq!(read.message_id(), Some("id@example.org"));
        assert_eq!(read.date().unwrap().to_rfc3339(), "2001-09-09T01:46:40Z");
        assert_eq!(read.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
        assert!(read.content_type_is("multipart", "alternative"));
        assert_eq!(read.body_text(0).unwrap().replace("\r\n", "\n"), message.text);
        assert_eq!(read.body_html(0).unwrap().trim_end(), "<p>Grüße</p>");
    }

    trait ContentTypeIs {
        fn content_type_is(&self, main: &str, sub: &str) -> bool;
    }

    impl ContentTypeIs for mail_parser::Message<'_> {
        fn content_type_is(&self, main: &str, sub: &str) -> bool {
            use mail_parser::MimeHeaders;
            self.content_type().is_some_and(|t| t.c_type == main && t.c_subtype.as_deref() == Some(sub))
        }
    }

    #[test]
    fn without_html_the_message_is_one_plain_part() {
        let message = Message { to: "a@b.org".into(), subject: String::new(), text: "Hi".into(), ..Message::default() };
        let bytes = written(&message);
        let read = MessageParser::new().parse(&bytes).unwrap();
        assert!(read.content_type_is("text", "plain"));
        assert_eq!(read.attachment_count(), 0);
    }
}
