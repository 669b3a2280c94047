//! One attempt to hand a message to a component, and the request it is.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use jiff::Timestamp;

use crate::{Message, Outcome};

/// Makes the attempt: sends [`Delivery::request`] into the component and reads its answer.
///
/// The future is dropped when [`Delivery::deadline`] has passed, or at the end of a drain; a panic in it counts as a
/// fault of that message alone.
pub type Deliver = Arc<dyn Fn(Delivery) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// One attempt to deliver one message.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The queue it comes from.
    pub queue: String,
    /// Id of the component that handles it.
    pub component: String,
    /// The message.
    pub message: Message,
    /// 1 for the first.
    pub attempt: u32,
    /// Time this attempt may take.
    pub deadline: Duration,
    pub(crate) path: Uri,
    pub(crate) cron: Option<String>,
}

impl Delivery {
    /// A POST to the consumer's path: CloudEvents 1.0 in HTTP binary mode, with `x-wharf-queue`, `x-wharf-attempt`
    /// and, for a schedule, `x-wharf-cron`. The URI has a path only; authority and `spin-*` headers are the caller's.
    ///
    /// # Source
    /// CloudEvents HTTP protocol binding 1.0.2, sections 3.1 and 3.1.3.2 (percent-encoding of header values).
    pub fn request(&self) -> Request<Bytes> {
        let Message { id, topic, subject, content_type, body, .. } = &self.message;
        let mut request = Request::new(body.clone());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.path.clone();
        let headers = request.headers_mut();
        headers.insert("ce-specversion", HeaderValue::from_static("1.0"));
        put(headers, "ce-id", id);
        put(headers, "ce-type", topic);
        put(headers, "ce-source", &self.source());
        if let Ok(time) = Timestamp::from_microsecond(self.message.sent_at_us) {
            put(headers, "ce-time", &time.to_string());
        }
        if let Some(subject) = subject {
            put(headers, "ce-subject", subject);
        }
        if let Ok(value) = HeaderValue::from_str(content_type) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        put(headers, "x-wharf-queue", &self.queue);
        headers.insert("x-wharf-attempt", HeaderValue::from(self.attempt));
        if let Some(cron) = &self.cron {
            put(headers, "x-wharf-cron", cron);
        }
        request
    }

    /// The name of the schedule, for a firing of one.
    pub fn cron(&self) -> Option<&str> {
        self.cron.as_deref()
    }

    fn source(&self) -> String {
        match self.cron {
            Some(_) => "/wharf/cron".to_owned(),
            None => format!("/components/{}", self.message.source),
        }
    }
}

/// Sets a header, percent-encoding what CloudEvents wants encoded: everything but visible ASCII, and `"` and `%`.
fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_graphic() && byte != b'"' && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase();
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    if let Ok(value) = HeaderValue::from_str(&encoded) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_a_cloud_event_in_binary_mode() {
        let mut message = Message::new("tickets", "ticket.approved", "application/json", "{}");
        message.id = "m-1".into();
        message.subject = Some("Größe 100%".into());
        message.sent_at_us = 1_700_000_000_500_000;
        let delivery = Delivery {
            queue: "notification-worker".into(),
            component: "notification-worker".into(),
            message,
            attempt: 3,
            deadline: Duration::from_mins(1),
            path: Uri::from_static("/messages"),
            cron: None,
        };
        let request = delivery.request();
        assert_eq!((request.method(), request.uri().path()), (&Method::POST, "/messages"));
        let mut headers: Vec<_> =
            request.headers().iter().map(|(n, v)| format!("{n}: {}", v.to_str().expect("ascii"))).collect();
        headers.sort();
        assert_eq!(
            headers,
            [
                "ce-id: m-1",
                "ce-source: /components/tickets",
                "ce-specversion: 1.0",
                "ce-subject: Gr%C3%B6%C3%9Fe%20100%25",
                "ce-time: 2023-11-14T22:13:20.5Z",
                "ce-type: ticket.approved",
                "content-type: application/json",
                "x-wharf-attempt: 3",
                "x-wharf-queue: notification-worker",
            ]
        );
        assert_eq!(request.body().as_ref(), b"{}");
    }
}
