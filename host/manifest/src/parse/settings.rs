//! `[component.<id>.tool.wharf]`: what a component may use and how it is run.

use crate::fields::{Entry, Fields};
use crate::parse::walk::Walk;
use crate::parse::{consumer, cron, limits, sql};
use crate::{BlobGrant, Grants, Instances, Limits, TopicPattern, name};

/// Largest single file of `blob = true`.
const BLOB_MAX_BYTES: u64 = 25 << 20;

/// Everything that `tool.wharf` says about one component.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) grants: Grants,
    pub(super) limits: Limits,
    pub(super) instances: Instances,
    pub(super) ready: Option<String>,
    pub(super) demo: Option<String>,
    pub(super) assets: Option<String>,
}

pub(super) fn read<'a>(id: &'a str, mut fields: Fields<'a>, walk: &mut Walk<'a>) -> Settings {
    let grants = read_grants(id, &mut fields, walk);
    let limits = fields.take("limits").map(|entry| limits::read(&entry, &mut walk.found));
    let instances = fields.take("instances").map(|entry| limits::read_instances(&entry, &mut walk.found));
    let ready = fields.take("ready").and_then(|entry| walk.path(&entry));
    let demo = fields.take("demo").and_then(|entry| walk.path(&entry));
    let assets = fields.take("assets").and_then(|entry| walk.path(&entry));
    fields.finish(&mut walk.found);
    let (limits, instances) = (limits.unwrap_or_default(), instances.unwrap_or_default());
    Settings { grants, limits, instances, ready, demo, assets }
}

fn read_grants<'a>(id: &'a str, fields: &mut Fields<'a>, walk: &mut Walk<'a>) -> Grants {
    let sql = fields.take("sql").and_then(|entry| sql::read(id, &entry, walk));
    let blob = fields.take("blob").and_then(|entry| read_blob(&entry, walk));
    let mail = fields.take("mail").and_then(|entry| entry.boolean(&mut walk.found)).unwrap_or(false);
    let password = fields.take("password").and_then(|entry| entry.boolean(&mut walk.found)).unwrap_or(false);
    let send = fields.take("send").map(|entry| read_send(&entry, walk)).unwrap_or_default();
    let events = fields.take("events").map(|entry| read_events(&entry, walk)).unwrap_or_default();
    let consume = fields.take("consume").map(|entry| consumer::read_all(id, &entry, walk)).unwrap_or_default();
    let cron = fields.take("cron").map(|entry| cron::read_all(id, &entry, walk)).unwrap_or_default();
    Grants { sql, send, consume, cron, blob, mail, password, events, outbound: Vec::new() }
}

fn read_blob<'a>(entry: &Entry<'a>, walk: &mut Walk<'a>) -> Option<BlobGrant> {
    if !entry.is_table() {
        let granted = entry.boolean(&mut walk.found)?;
        return granted.then_some(BlobGrant { max_bytes: BLOB_MAX_BYTES });
    }
    let mut fields = entry.fields(&mut walk.found)?;
    let max_bytes = fields.take("max_bytes").and_then(|entry| entry.size(&limits::BLOB, &mut walk.found));
    fields.finish(&mut walk.found);
    Some(BlobGrant { max_bytes: max_bytes.unwrap_or(BLOB_MAX_BYTES) })
}

fn read_send<'a>(entry: &Entry<'a>, walk: &mut Walk<'a>) -> Vec<TopicPattern> {
    let topics = walk.topics(entry);
    walk.notes.sent.extend(topics.iter().cloned());
    topics.into_iter().map(|(topic, _)| topic).collect()
}

fn read_events<'a>(entry: &Entry<'a>, walk: &mut Walk<'a>) -> Vec<String> {
    let elements = entry.list(&mut walk.found);
    let channels = elements.iter().filter_map(|element| element.checked(name::channel, &mut walk.found));
    channels.map(str::to_owned).collect()
}
