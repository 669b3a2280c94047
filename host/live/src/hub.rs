//! Where published events meet open streams.

mod keep;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::event::{self, Boot};
use crate::stream::{EventStream, Opening};
use crate::{Config, Error, grant};
use keep::{Keep, StreamId};

/// The channels of one host. Clones share them.
///
/// One lock, held for as long as it takes to hand a pointer to each stream of a channel, never across a wait.
#[derive(Clone, Debug)]
pub struct Hub {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    boot: Boot,
    stop: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    keep: Keep,
    streams: HashMap<StreamId, Open>,
    sets: HashMap<Arc<[Arc<str>]>, usize>,
    last_stream: StreamId,
}

#[derive(Debug)]
struct Open {
    queue: mpsc::Sender<Bytes>,
    channels: Arc<[Arc<str>]>,
}

impl Hub {
    /// A hub without channels.
    pub fn new(config: Config) -> Self {
        let shared = Shared { config, boot: Boot::random(), stop: CancellationToken::new(), state: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Hands an event to every open stream of the channel and keeps it for those that resume; returns its id.
    ///
    /// Never waits. A stream that lags [`Config::queue`] events behind ends after those; its browser resumes.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a bad channel or name, [`Error::TooLarge`] for more than [`crate::EVENT_DATA_BYTES_MAX`].
    pub fn publish(&self, channel: &str, name: &str, data: &str) -> Result<String, Error> {
        grant::check_channel(channel)?;
        event::check(name, data)?;
        let boot = self.shared.boot;
        let mut state = self.state();
        let encode = |seq| event::encode(boot.id(seq), name, data);
        let (frame, streams) = state.keep.push(&self.shared.config, channel, encode);
        for stream in streams {
            let handed = state.streams.get(&stream).map(|open| open.queue.try_send(frame.clone()));
            if let Some(Err(error)) = handed {
                tracing::debug!(stream, %error, "an event stream is cut");
                state.close(stream);
            }
        }
        Ok(boot.id(state.keep.seq()).to_string())
    }

    /// Opens a stream: the bytes of a `text/event-stream`.
    ///
    /// It begins with the time to wait before reconnecting, then what was published after `last_event_id`, in order,
    /// each once; where some of that is gone, or the id is of an earlier run of the host, a single event `reset`
    /// instead. Then it goes on live. A quiet stream sends its place in the sequence every [`Config::heartbeat`], so
    /// that the id that a browser comes back with is never old. Without an id it begins now.
    ///
    /// # Errors
    /// [`Error::Invalid`] without channels or with a bad one, [`Error::TooManyStreams`], [`Error::ShuttingDown`].
    ///
    /// # Cancellation
    /// Dropping the body closes the stream.
    ///
    /// # Source
    /// HTML, section 9.2 (server-sent events).
    pub fn subscribe(&self, channels: Vec<String>, last_event_id: Option<&str>) -> Result<Body, Error> {
        let mut channels = channels;
        channels.sort_unstable();
        channels.dedup();
        if channels.is_empty() {
            return Err(Error::Invalid { field: "channels", reason: "are none" });
        }
        channels.iter().try_for_each(|channel| grant::check_channel(channel))?;
        if self.shared.stop.is_cancelled() {
            return Err(Error::ShuttingDown);
        }
        let channels: Arc<[Arc<str>]> = channels.into_iter().map(Arc::from).collect();
        let (queue, events) = mpsc::channel(self.shared.config.queue.max(1));
        let mut state = self.state();
        let stream = state.open(&self.shared.config, queue, &channels)?;
        // Under the same lock: nothing can be published between what is replayed and what comes live.
        let replay = last_event_id.map(|id| {
            let last = self.shared.boot.seq_of(id)?;
            state.keep.since(&self.shared.config, &channels, last)
        });
        let place = self.shared.boot.id(state.keep.seq());
        drop(state);
        let opening = match replay {
            None => Opening::Now,
            Some(None) => Opening::Reset,
            Some(Some(events)) => Opening::Resume(events),
        };
        let seat = Seat { hub: self.clone(), stream };
        let stop = self.shared.stop.clone();
        Ok(EventStream::new(seat, opening, place, events, stop).boxed_unsync())
    }

    /// Ends every stream and opens none any more. Publishing still works.
    pub fn shut_down(&self) {
        self.shared.stop.cancel();
    }

    /// Streams open at present.
    pub fn streams(&self) -> usize {
        self.state().streams.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn open(
        &mut self,
        config: &Config,
        queue: mpsc::Sender<Bytes>,
        channels: &Arc<[Arc<str>]>,
    ) -> Result<StreamId, Error> {
        if self.streams.len() >= config.streams {
            return Err(Error::TooManyStreams { limit: config.streams });
        }
        let same = self.sets.get(channels).copied().unwrap_or_default();
        if same >= config.streams_per_set {
            return Err(Error::TooManyStreams { limit: config.streams_per_set });
        }
        self.sets.insert(Arc::clone(channels), same + 1);
        self.last_stream += 1;
        self.keep.join(channels, self.last_stream);
        self.streams.insert(self.last_stream, Open { queue, channels: Arc::clone(channels) });
        Ok(self.last_stream)
    }

    fn close(&mut self, stream: StreamId) {
        let Some(open) = self.streams.remove(&stream) else { return };
        self.keep.leave(&open.channels, stream);
        if let Entry::Occupied(mut same) = self.sets.entry(open.channels) {
            *same.get_mut() -= 1;
            if *same.get() == 0 {
                same.remove();
            }
        }
    }
}

/// A stream's place in the hub, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    hub: Hub,
    stream: StreamId,
}

impl Seat {
    pub(crate) fn number(&self) -> u64 {
        self.stream
    }

    pub(crate) fn config(&self) -> &Config {
        &self.hub.shared.config
    }

    /// The place in the sequence up to which the stream has everything; `None` while something waits for it.
    ///
    /// Asked under the lock under which events are handed out, so that no event is behind the place and still waiting.
    pub(crate) fn place(&self, events: &mpsc::Receiver<Bytes>) -> Option<event::Id> {
        let state = self.hub.state();
        let open = state.streams.contains_key(&self.stream);
        (open && events.is_empty()).then(|| self.hub.shared.boot.id(state.keep.seq()))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.state().close(self.stream);
    }
}
