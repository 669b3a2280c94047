//! The moment at which a component's answer becomes an event stream.

use body::Response;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, HeaderValue,
    LAST_MODIFIED,
};
use http::{HeaderMap, StatusCode};
use manifest::Component;

use crate::{Error, Hub, grant};

/// The answer's header that opens a stream: channel names, separated by commas. Never reaches the caller.
pub const CHANNELS: HeaderName = HeaderName::from_static("wharf-event-channels");
/// The request's header that resumes one.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Most channels of one stream, as the interface says.
pub const STREAM_CHANNELS_MAX: usize = 16;

/// Tells proxies of a common kind not to collect the stream before they pass it on.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// What the component said about a body that is not sent.
const OF_THE_OLD_BODY: [HeaderName; 5] = [ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, LAST_MODIFIED];

/// See [`crate::LiveProvider::intercept`].
pub(crate) fn intercept(
    component: &Component,
    hub: &Hub,
    resume: Option<&HeaderValue>,
    response: Response,
) -> Result<Response, Error> {
    let mut response = response;
    let listed = take_channels(response.headers_mut())?;
    let (StatusCode::OK, Some(channels)) = (response.status(), listed) else { return Ok(response) };
    for channel in &channels {
        grant::check_channel(channel)?;
        if !grant::covers(&component.grants.events, channel) {
            tracing::warn!(component = component.id, capability = "events", channel, "denied");
            return Err(Error::Denied { component: component.id.clone(), channel: channel.clone() });
        }
    }
    // An id that is not even text is an id that nobody gave out: reset, like any unknown one.
    let resume = resume.map(|id| id.to_str().unwrap_or_default());
    let stream = hub.subscribe(channels, resume)?;
    let headers = response.headers_mut();
    for name in OF_THE_OLD_BODY {
        headers.remove(name);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    Ok(response.map(|_| stream))
}

/// Removes the header and reads it; `None` where it was absent.
fn take_channels(headers: &mut HeaderMap) -> Result<Option<Vec<String>>, Error> {
    let invalid = |reason| Error::Invalid { field: "wharf-event-channels", reason };
    let mut channels = Vec::new();
    let mut present = false;
    for value in headers.get_all(CHANNELS) {
        present = true;
        let value = value.to_str().map_err(|_| invalid("is not text"))?;
        channels.extend(value.split(',').map(|channel| channel.trim().to_owned()));
    }
    headers.remove(CHANNELS);
    if channels.len() > STREAM_CHANNELS_MAX {
        return Err(invalid("lists more than 16 channels"));
    }
    Ok(present.then_some(channels))
}
