//! Lines of a host's log as they come.

use std::time::Duration;

use bytes::{Buf, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::place::{Connection, Place};
use crate::Error;

/// A host that is followed sends at least an empty line in half this time.
const SILENCE_LIMIT: Duration = Duration::from_secs(35);
/// Longest line; the host keeps none longer than half of it.
const LINE_MAX: usize = 128 << 10;

/// Which lines of the log are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Of this component alone.
    pub component: Option<String>,
    /// At least this severe: `error`, `warn`, `info`, `debug`, `trace`.
    pub level: Option<String>,
    /// The last so many; the host's default is 100.
    pub lines: Option<usize>,
    /// And those to come.
    pub follow: bool,
    /// The access log too.
    pub access: bool,
}

impl LogQuery {
    pub(super) fn path(&self) -> String {
        let Self { component, level, lines, follow, access } = self;
        let plain = |text: &String| text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>();
        let component = component.as_ref().map(|component| format!("&component={}", plain(component)));
        let level = level.as_ref().map(|level| format!("&level={}", plain(level)));
        let lines = lines.map(|lines| format!("&lines={lines}"));
        let [component, level, lines] = [component, level, lines].map(Option::unwrap_or_default);
        format!("/v1/logs?follow={follow}&access={access}{component}{level}{lines}")
    }
}

/// Lines of a log, one JSON object each.
#[derive(Debug)]
pub struct Following {
    place: Place,
    body: Incoming,
    rest: BytesMut,
    _connection: Connection,
}

impl Following {
    pub(super) fn new(place: Place, connection: Connection, body: Incoming) -> Self {
        Self { place, body, rest: BytesMut::new(), _connection: connection }
    }

    /// The next line; `None` at the end of what was asked for, or when the host stops.
    ///
    /// # Errors
    /// [`Error::Late`] after half a minute without a sign of life, [`Error::Broken`], [`Error::Answer`] for a line
    /// without an end.
    ///
    /// # Cancellation
    /// May be dropped; no line is lost.
    pub async fn next(&mut self) -> Result<Option<String>, Error> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line = self.rest.split_to(end);
                self.rest.advance(1);
                if !line.is_empty() {
                    return Ok(Some(String::from_utf8_lossy(&line).into_owned()));
                }
                continue;
            }
            if self.rest.len() > LINE_MAX {
                return Err(self.place.strange("a line without an end".to_owned()));
            }
            let late = |_| Error::Late { place: self.place.to_string(), limit_s: SILENCE_LIMIT.as_secs() };
            let frame = tokio::time::timeout(SILENCE_LIMIT, self.body.frame()).await.map_err(late)?;
            let Some(frame) = frame else { return Ok(None) };
            if let Ok(data) = frame.map_err(self.place.broken())?.into_data() {
                self.rest.extend_from_slice(&data);
            }
        }
    }
}
