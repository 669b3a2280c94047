//! Messages between components, both ways: what is sent, and the CloudEvents request in which one arrives.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::http::read_body;
use crate::problem::{Problem, Slug};

/// Priority of a message that says nothing about it.
const PRIORITY_ORDINARY: u8 = 4;

/// The largest body a message may have (`wharf:queue`).
const BODY_BYTES_MAX: usize = 256 * 1024;

/// A message to be sent: at once by [`crate::queue::send`], or with the data by [`crate::sql::Transaction::send`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// CloudEvents id; the host makes a `UUIDv7` where there is none.
    pub id: Option<String>,
    /// Dotted lower-case words, at most 128 bytes; also the CloudEvents type.
    pub topic: String,
    /// What the message is about, at most 256 bytes.
    pub subject: Option<String>,
    /// Media type of the body.
    pub content_type: String,
    /// At most 256 KiB.
    pub body: Vec<u8>,
    /// Messages with the same key are handled one after the other.
    pub group_key: Option<String>,
    /// A second message with the same key within 24 hours is dropped.
    pub dedupe_key: Option<String>,
    /// 0 (last) to 9 (first).
    pub priority: u8,
    /// Not delivered before this many milliseconds have passed; at most 30 days.
    pub delay_ms: u64,
}

impl Outgoing {
    /// A JSON message of ordinary priority, due at once.
    ///
    /// # Errors
    /// If `data` cannot be written as JSON (a map with keys that are no strings).
    pub fn json(topic: &str, data: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self {
            id: None,
            topic: topic.to_owned(),
            subject: None,
            content_type: "application/json".to_owned(),
            body: serde_json::to_vec(data)?,
            group_key: None,
            dedupe_key: None,
            priority: PRIORITY_ORDINARY,
            delay_ms: 0,
        })
    }

    /// The same message about `subject`.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The same message, in order with the others of this group.
    #[must_use]
    pub fn in_group(mut self, key: impl Into<String>) -> Self {
        self.group_key = Some(key.into());
        self
    }

    /// The same message, dropped if one with this key was sent within 24 hours.
    #[must_use]
    pub fn once(mut self, key: impl Into<String>) -> Self {
        self.dedupe_key = Some(key.into());
        self
    }
}

/// A message that arrived: CloudEvents 1.0 in HTTP binary mode. As an axum extractor it is `Delivery<Bytes>`; choose
/// by `topic`, then [`Delivery::parse`] its data.
///
/// Answer 2xx to acknowledge, 408, 429 or 5xx to see it again, any other 4xx to send it to the dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery<T = Bytes> {
    /// Unique for ever, and the same at every attempt: the key of [`crate::inbox::once`].
    pub id: String,
    /// The topic (CloudEvents type).
    pub topic: String,
    /// `/components/<sender id>`.
    pub source: String,
    /// When it was sent, RFC 3339; empty if the sender's host did not say.
    pub time: String,
    /// What it is about.
    pub subject: Option<String>,
    /// The queue it came through; also a good consumer name for the inbox.
    pub queue: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// The body.
    pub data: T,
}

impl Delivery<Bytes> {
    /// The same delivery with its JSON body read as `T`.
    ///
    /// # Errors
    /// `invalid` (422: to the dead letters) if the body is not what the topic promises.
    pub fn parse<T: DeserializeOwned>(self) -> Result<Delivery<T>, Problem> {
        let data = crate::http::parse_json(&self.data).map_err(Problem::with_slug_invalid)?;
        let Self { id, topic, source, time, subject, queue, attempt, .. } = self;
        Ok(Delivery { id, topic, source, time, subject, queue, attempt, data })
    }

    /// Passes if the body's member `version` is the one that is known.
    ///
    /// # Errors
    /// `invalid` (422: to the dead letters) if it is another, or is not there.
    pub fn require_version(&self, known: u32) -> Result<(), Problem> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = self.clone().parse()?.data;
        let unknown = || refuse(format!("version {version} of {} is not known here", self.topic));
        if version == known { Ok(()) } else { Err(unknown()) }
    }

    /// What to answer to a message whose topic no handler knows: `invalid` (422: to the dead letters).
    pub fn unknown_topic(&self) -> Problem {
        refuse(format!("the topic {} is not known here", self.topic))
    }

    fn from_headers(headers: &HeaderMap, data: Bytes) -> Result<Self, Problem> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let required =
            |name: &str| text(name).ok_or_else(|| Problem::bad_request(format!("the header {name} is missing")));
        let version = required("ce-specversion")?;
        if version != "1.0" {
            return Err(Problem::bad_request(format!("CloudEvents {version} is not supported")));
        }
        Ok(Self {
            id: required("ce-id")?,
            topic: required("ce-type")?,
            source: required("ce-source")?,
            time: text("ce-time").unwrap_or_default(),
            subject: text("ce-subject"),
            queue: text("x-wharf-queue").unwrap_or_default(),
            attempt: text("x-wharf-attempt").and_then(|value| value.parse().ok()).unwrap_or(1),
            data,
        })
    }
}

/// What to answer to a message that can never be handled, and why: `invalid` (422: to the dead letters).
pub fn refuse(reason: impl Into<String>) -> Problem {
    Problem::new(Slug::Invalid).detail(reason)
}

impl<S: Send + Sync> FromRequest<S> for Delivery<Bytes> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let data = read_body(body, BODY_BYTES_MAX).await?;
        Self::from_headers(&parts.headers, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    const WHOLE: [(&str, &str); 6] = [
        ("ce-specversion", "1.0"),
        ("ce-id", "m-1"),
        ("ce-type", "thing.done"),
        ("ce-source", "/components/x"),
        ("x-wharf-queue", "worker"),
        ("x-wharf-attempt", "3"),
    ];

    #[test]
    fn a_cloud_event_is_read_from_its_headers() {
        let delivery = Delivery::from_headers(&headers(&WHOLE), Bytes::from_static(b"[1,2]")).unwrap();
        assert_eq!((delivery.id.as_str(), delivery.attempt, delivery.subject.as_ref()), ("m-1", 3, None));
        let parsed: Delivery<Vec<u8>> = delivery.parse().unwrap();
        assert_eq!((parsed.topic.as_str(), parsed.data), ("thing.done", vec![1, 2]));
    }

    #[test]
    fn each_required_header_is_required() {
        for missing in ["ce-specversion", "ce-id", "ce-type", "ce-source"] {
            let rest: Vec<_> = WHOLE.into_iter().filter(|(name, _)| *name != missing).collect();
            assert!(Delivery::from_headers(&headers(&rest), Bytes::new()).is_err(), "{missing}");
        }
    }

    #[test]
    fn a_body_of_another_shape_goes_to_the_dead_letters() {
        let delivery = Delivery::from_headers(&headers(&WHOLE), Bytes::from_static(b"{")).unwrap();
        assert_eq!(delivery.parse::<Vec<u8>>().unwrap_err().status(), 422);
    }

    #[test]
    fn what_nobody_knows_goes_to_the_dead_letters_with_the_reason() {
        let delivery = |body| Delivery::from_headers(&headers(&WHOLE), Bytes::from_static(body)).unwrap();
        assert!(delivery(b"{\"version\":1,\"more\":[]}").require_version(1).is_ok());
        let detail = |problem: Problem| (problem.status(), problem.document(None)["detail"].clone());
        let other = delivery(b"{\"version\":2}");
        let reason = "version 2 of thing.done is not known here";
        assert_eq!(detail(other.require_version(1).unwrap_err()), (422, reason.into()));
        assert_eq!(detail(other.unknown_topic()), (422, "the topic thing.done is not known here".into()));
        for body in [&b"{}"[..], b"{"] {
            assert_eq!(delivery(body).require_version(1).unwrap_err().status(), 422);
        }
    }
}
