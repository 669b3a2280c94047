//! A message as the broker carries it: the body as it is, everything else in headers.

use bytes::Bytes;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};

use crate::Message;

/// The broker writes the message to its disk.
const PERSISTENT: u8 = 2;

/// The properties of a message. Its priority is a header: quorum queues since 4.0 would let one of 5 pass others of
/// its group.
pub(super) fn seal(message: &Message) -> BasicProperties {
    let mut headers = FieldTable::default();
    let mut text = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            headers.insert(name.into(), LongString::from(value.as_bytes()).into());
        }
    };
    text("source", Some(&message.source));
    text("subject", message.subject.as_ref());
    text("content-type", Some(&message.content_type));
    text("group-key", message.group_key.as_ref());
    text("dedupe-key", message.dedupe_key.as_ref());
    headers.insert("priority".into(), i64::from(message.priority).into());
    headers.insert("deliver-at-us".into(), message.deliver_at_us.into());
    headers.insert("sent-at-us".into(), message.sent_at_us.into());
    if let Some(release) = message.release.and_then(|number| i64::try_from(number).ok()) {
        headers.insert("release".into(), release.into());
    }
    BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_message_id(message.id.as_str().into())
        .with_type(message.topic.as_str().into())
        .with_headers(headers)
}

/// The message in a delivery; `None`: nobody here has sealed it.
pub(super) fn open(properties: &BasicProperties, body: &Bytes) -> Option<Message> {
    let headers = properties.headers().as_ref()?;
    let text = |name: &str| match headers.inner().get(name)? {
        AMQPValue::LongString(text) => String::from_utf8(text.as_bytes().to_vec()).ok(),
        _ => None,
    };
    let number = |name: &str| match headers.inner().get(name)? {
        AMQPValue::LongLongInt(number) => Some(*number),
        _ => None,
    };
    let message = Message {
        id: properties.message_id().as_ref().map(ShortString::to_string)?,
        source: text("source")?,
        topic: properties.kind().as_ref().map(ShortString::to_string)?,
        subject: text("subject"),
        content_type: text("content-type")?,
        body: body.clone(),
        group_key: text("group-key"),
        dedupe_key: text("dedupe-key"),
        priority: u8::try_from(number("priority")?).ok()?,
        deliver_at_us: number("deliver-at-us")?,
        sent_at_us: number("sent-at-us")?,
        release: number("release").and_then(|number| u64::try_from(number).ok()),
    };
    message.is_plausible().then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_out_as_it_went_in() {
        let mut message = Message::new("tickets", "ticket.approved", "application/json", vec![0, 159, 255]);
        for _ in 0..2 {
            let opened = open(&seal(&message), &message.body);
            assert_eq!(opened.as_ref(), Some(&message));
            message.subject = Some("s\u{e9}".repeat(80));
            message.content_type = format!("text/{}", "x".repeat(251));
            message.group_key = Some("g".into());
            message.dedupe_key = Some("d".into());
            message.priority = 9;
            message.deliver_at_us = i64::MAX;
            message.sent_at_us = 5;
            message.release = Some(7);
        }
    }

    #[test]
    fn what_nobody_here_sealed_is_told_apart() {
        assert_eq!(open(&BasicProperties::default(), &Bytes::new()), None);
        let message = Message::new("tickets", "ticket.approved", "text/plain", "");
        assert_eq!(open(&seal(&message).with_message_id("two words".into()), &Bytes::new()), None);
        assert_eq!(open(&seal(&message), &vec![0; 262_145].into()), None);
    }
}
