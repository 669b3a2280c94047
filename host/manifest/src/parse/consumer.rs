//! `consume` under `tool.wharf`: queues and how their messages are handled.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::fields::Entry;
use crate::parse::limits;
use crate::parse::walk::Walk;
use crate::{Consumer, name};

/// One attempt is no retry at all; after a hundred a message is not going to succeed.
const ATTEMPTS: RangeInclusive<u32> = 1..=100;
/// Shorter would be a busy loop; longer is a schedule, not a retry.
const BACKOFF: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_hours(24);
/// A handler that needs more than an hour holds its lease, and the shutdown of the host, too long.
const DEADLINE: RangeInclusive<Duration> = Duration::from_millis(10)..=Duration::from_hours(1);

/// What a consumer does where the manifest says nothing; the reasons stand at [`Consumer`]'s fields.
const PATH: &str = "/messages";
const DEFAULT_CONCURRENCY: u32 = 4;
const DEFAULT_ATTEMPTS: u32 = 8;
const DEFAULT_BACKOFF: Duration = Duration::from_secs(1);
const DEFAULT_BACKOFF_MAX: Duration = Duration::from_mins(5);
const DEFAULT_DEADLINE: Duration = Duration::from_mins(1);

pub(super) fn read_all<'a>(id: &'a str, entry: &Entry<'a>, walk: &mut Walk<'a>) -> Vec<Consumer> {
    walk.notes.called.push((id, entry.name, entry.key.clone()));
    let elements = entry.list(&mut walk.found);
    elements.iter().filter_map(|element| read(id, element, walk)).collect()
}

fn read<'a>(id: &'a str, entry: &Entry<'a>, walk: &mut Walk<'a>) -> Option<Consumer> {
    let mut fields = entry.fields(&mut walk.found)?;
    let queue = fields.take("queue");
    let place = queue.as_ref().map_or_else(|| entry.key.clone(), Entry::span);
    let queue = queue.map_or(Some(id), |entry| entry.checked(name::kebab, &mut walk.found));
    if let Some(queue) = queue {
        walk.notes.queues.push((queue.to_owned(), place));
    }
    let topics = fields.require("topics", "write `topics = [\"ticket.*\"]`");
    let topics = topics.map(|entry| (walk.topics(&entry), entry.is_empty(), entry.span()));
    if let Some((_, true, at)) = &topics {
        walk.found.error(at, "the queue takes no topic", "write at least one, for example `ticket.*`");
    }
    let topics: Vec<_> = topics.into_iter().flat_map(|(topics, _, _)| topics).map(|(topic, _)| topic).collect();
    walk.notes.consumed.extend(topics.iter().cloned());
    let path = fields.take("path").map(|entry| walk.path(&entry));

    let found = &mut walk.found;
    let mut count = |name, range| fields.take(name).and_then(|entry: Entry<'_>| entry.number(range, found));
    let concurrency = count("concurrency", &limits::CONCURRENCY);
    let max_attempts = count("max_attempts", &ATTEMPTS);
    let mut time = |name, range| fields.take(name).and_then(|entry: Entry<'_>| entry.duration(range, found));
    let backoff = time("backoff", &BACKOFF).unwrap_or(DEFAULT_BACKOFF);
    let deadline = time("deadline", &DEADLINE);
    let largest = fields.take("backoff_max");
    let backoff_max = largest.as_ref().and_then(|entry| entry.duration(&BACKOFF, found)).unwrap_or(DEFAULT_BACKOFF_MAX);
    if backoff_max < backoff {
        let at = largest.map_or_else(|| entry.key.clone(), |entry| entry.span());
        found.error(&at, "`backoff_max` is below `backoff`", "raise `backoff_max`, or lower `backoff`");
    }
    fields.finish(found);
    Some(Consumer {
        queue: queue?.to_owned(),
        topics,
        path: path.unwrap_or_else(|| Some(PATH.to_owned()))?,
        concurrency: concurrency.unwrap_or(DEFAULT_CONCURRENCY),
        max_attempts: max_attempts.unwrap_or(DEFAULT_ATTEMPTS),
        backoff,
        backoff_max,
        deadline: deadline.unwrap_or(DEFAULT_DEADLINE),
    })
}
