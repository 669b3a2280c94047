//! `limits` and `instances` under `tool.wharf`, and the ranges that every number there must lie in.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::fields::Entry;
use crate::findings::Findings;
use crate::{Instances, Limits};

/// A module of the smallest service needs one; a 32-bit memory ends at 4 GiB.
const MEMORY: RangeInclusive<u64> = (1 << 20)..=(4 << 30);
/// Below ten milliseconds a busy machine alone would end requests; above an hour nobody waits.
const DEADLINE: RangeInclusive<Duration> = Duration::from_millis(10)..=HOUR;
/// One kibibyte holds a small form; a body of more than a gibibyte belongs in `blob`.
const BODY: RangeInclusive<u64> = (1 << 10)..=(1 << 30);
/// The pool of instances of the whole host holds no more.
pub(super) const CONCURRENCY: RangeInclusive<u32> = 1..=1000;
/// Zero refuses at once; a caller that waited a minute has gone.
const WAIT: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_mins(1);
/// Zero allows none.
const OUTBOUND: RangeInclusive<u32> = 0..=1000;
/// One is a fresh instance for each request; a million requests are as good as for ever.
const REUSE: RangeInclusive<u32> = 1..=1_000_000;
/// Shorter would make the sweep of unused instances busy work.
const IDLE: RangeInclusive<Duration> = Duration::from_millis(100)..=HOUR;
/// A file must be able to hold something; S3 takes at most 5 GiB in one piece.
pub(super) const BLOB: RangeInclusive<u64> = 1..=(5 << 30);
const HOUR: Duration = Duration::from_hours(1);

pub(super) fn read(entry: &Entry<'_>, found: &mut Findings<'_>) -> Limits {
    let default = Limits::default();
    let Some(mut fields) = entry.fields(found) else {
        return default;
    };
    let mut size =
        |name, range, default| fields.take(name).and_then(|entry| entry.size(range, found)).unwrap_or(default);
    let memory = size("memory", &MEMORY, default.memory);
    let request_body = size("request_body", &BODY, default.request_body);
    let response_body = size("response_body", &BODY, default.response_body);
    let mut time =
        |name, range, default| fields.take(name).and_then(|entry| entry.duration(range, found)).unwrap_or(default);
    let deadline = time("deadline", &DEADLINE, default.deadline);
    let wait = time("wait", &WAIT, default.wait);
    let mut count =
        |name, range, default| fields.take(name).and_then(|entry| entry.number(range, found)).unwrap_or(default);
    let concurrency = count("concurrency", &CONCURRENCY, default.concurrency);
    let outbound = count("outbound", &OUTBOUND, default.outbound);
    fields.finish(found);
    Limits { memory, deadline, request_body, response_body, concurrency, wait, outbound }
}

pub(super) fn read_instances(entry: &Entry<'_>, found: &mut Findings<'_>) -> Instances {
    let default = Instances::default();
    let Some(mut fields) = entry.fields(found) else {
        return default;
    };
    let reuse = fields.take("reuse").and_then(|entry| entry.number(&REUSE, found));
    let idle = fields.take("idle").and_then(|entry| entry.duration(&IDLE, found));
    fields.finish(found);
    Instances { reuse: reuse.unwrap_or(default.reuse), idle: idle.unwrap_or(default.idle) }
}
