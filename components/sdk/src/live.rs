//! Live updates (`wharf:events`): the host holds browsers' event streams, components publish to their channels.

use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::bindings::wharf::events::events;

pub use events::Error;

/// The header by which an answer asks the host to turn its connection into an event stream.
pub const CHANNELS_HEADER: &str = "wharf-event-channels";

/// Hands an event to every open stream of the channel; returns the event's id. Best effort: it informs, it never
/// carries state that exists nowhere else.
///
/// Channel: 1 to 128 bytes of `a-z A-Z 0-9 : . _ -`. Name: 1 to 64 bytes of `a-z 0-9 . _ -`. Data: at most 16 KiB
/// of JSON.
///
/// # Errors
/// [`Error::Invalid`] names what is wrong, also if `data` is no JSON; [`Error::Unavailable`] if the host cannot.
pub async fn publish(channel: &str, name: &str, data: &impl Serialize) -> Result<String, Error> {
    let data = serde_json::to_string(data).map_err(|error| Error::Invalid(format!("data: {error}")))?;
    events::publish(channel.to_owned(), events::Event { name: name.to_owned(), data }).await
}

/// The answer that opens an event stream on these channels (at most 16) for the caller.
pub fn stream(channels: &[String]) -> Response {
    ([(CHANNELS_HEADER, channels.join(","))], ()).into_response()
}
