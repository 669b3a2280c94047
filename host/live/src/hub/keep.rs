//! What was published lately, by channel, within bounds of number, bytes and age.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use crate::Config;

/// Number of a stream within the hub.
pub(crate) type StreamId = u64;

/// Channels and their late events. A channel exists while it has an event or a stream.
#[derive(Debug, Default)]
pub(crate) struct Keep {
    /// Number of the newest event.
    seq: u64,
    /// Newest event dropped from any channel that exists no more.
    forgotten: u64,
    bytes: usize,
    channels: HashMap<Arc<str>, Channel>,
    /// All events in order; those that their channel has dropped already are still listed until their turn.
    order: VecDeque<Listed>,
}

#[derive(Debug)]
struct Listed {
    seq: u64,
    at: Instant,
    channel: Arc<str>,
}

#[derive(Debug, Default)]
struct Channel {
    events: VecDeque<(u64, Bytes)>,
    /// Newest event that is no longer here.
    dropped: u64,
    streams: BTreeSet<StreamId>,
}

impl Keep {
    /// Number of the newest event, 0 before the first.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// Adds an event and returns its bytes and the streams that are to get it.
    pub(crate) fn push(
        &mut self,
        config: &Config,
        name: &str,
        encode: impl FnOnce(u64) -> Bytes,
    ) -> (Bytes, Vec<StreamId>) {
        self.seq += 1;
        let (seq, frame) = (self.seq, encode(self.seq));
        self.bytes += frame.len();
        let name = self.channel(name);
        let mut streams = Vec::new();
        if let Some(channel) = self.channels.get_mut(&name) {
            channel.events.push_back((seq, frame.clone()));
            if channel.events.len() > config.kept_per_channel.max(1) {
                self.bytes = self.bytes.saturating_sub(channel.drop_oldest());
            }
            streams.extend(&channel.streams);
        }
        self.order.push_back(Listed { seq, at: Instant::now(), channel: name });
        self.expire(config);
        (frame, streams)
    }

    /// The events of the channels after number `last`, in order; `None` when some of them are gone.
    pub(crate) fn since(&mut self, config: &Config, names: &[Arc<str>], last: u64) -> Option<VecDeque<Bytes>> {
        self.expire(config);
        if last > self.seq {
            return None;
        }
        let mut events = Vec::new();
        for name in names {
            let channel = self.channels.get(name);
            if last < channel.map_or(self.forgotten, |channel| channel.dropped) {
                return None;
            }
            events.extend(channel.into_iter().flat_map(|channel| &channel.events).filter(|(seq, _)| *seq > last));
        }
        events.sort_unstable_by_key(|(seq, _)| *seq);
        Some(events.into_iter().map(|(_, frame)| frame.clone()).collect())
    }

    /// Lets the stream have what the channels publish from now on.
    pub(crate) fn join(&mut self, names: &[Arc<str>], stream: StreamId) {
        for name in names {
            let name = self.channel(name);
            if let Some(channel) = self.channels.get_mut(&name) {
                channel.streams.insert(stream);
            }
        }
    }

    pub(crate) fn leave(&mut self, names: &[Arc<str>], stream: StreamId) {
        for name in names {
            if let Some(channel) = self.channels.get_mut(name) {
                channel.streams.remove(&stream);
                self.forget_if_empty(name);
            }
        }
    }

    /// Makes the channel where it is new; its key is shared from then on.
    fn channel(&mut self, name: &str) -> Arc<str> {
        if let Some((name, _)) = self.channels.get_key_value(name) {
            return Arc::clone(name);
        }
        let name: Arc<str> = name.into();
        // It may have existed before: whatever it held is at most as new as what was forgotten.
        let channel = Channel { dropped: self.forgotten, ..Channel::default() };
        self.channels.insert(Arc::clone(&name), channel);
        name
    }

    fn expire(&mut self, config: &Config) {
        while let Some(oldest) = self.order.front() {
            let surplus = self.order.len() > config.kept || self.bytes > config.kept_bytes;
            if !surplus && oldest.at.elapsed() < config.kept_for {
                return;
            }
            let Some(Listed { seq, channel: name, .. }) = self.order.pop_front() else { return };
            if let Some(channel) = self.channels.get_mut(&name)
                && channel.events.front().is_some_and(|(front, _)| *front == seq)
            {
                self.bytes = self.bytes.saturating_sub(channel.drop_oldest());
                self.forget_if_empty(&name);
            }
        }
    }

    fn forget_if_empty(&mut self, name: &str) {
        if let Some(channel) = self.channels.get(name)
            && channel.events.is_empty()
            && channel.streams.is_empty()
        {
            self.forgotten = self.forgotten.max(channel.dropped);
            self.channels.remove(name);
        }
    }

    #[cfg(test)]
    pub(crate) fn size(&self) -> (usize, usize, usize) {
        (self.channels.len(), self.order.len(), self.bytes)
    }
}

impl Channel {
    /// Returns the bytes it took.
    fn drop_oldest(&mut self) -> usize {
        let Some((seq, frame)) = self.events.pop_front() else { return 0 };
        self.dropped = seq;
        frame.len()
    }
}
