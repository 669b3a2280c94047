//! `cron` under `tool.wharf`: requests at set times.

use std::collections::BTreeMap;

use crate::fault::Fault;
use crate::fields::Entry;
use crate::findings::{Findings, Span};
use crate::parse::walk::Walk;
use crate::{Cron, MissedRuns, cron, name};

const DEFAULT_ZONE: &str = "UTC";
const MISSED: [(&str, MissedRuns); 3] =
    [("skip", MissedRuns::Skip), ("once", MissedRuns::Once), ("all", MissedRuns::All)];

pub(super) fn read_all<'a>(id: &'a str, entry: &Entry<'a>, walk: &mut Walk<'a>) -> Vec<Cron> {
    walk.notes.called.push((id, entry.name, entry.key.clone()));
    let mut names = BTreeMap::new();
    let elements = entry.list(&mut walk.found);
    elements.iter().filter_map(|element| read(element, &mut names, walk)).collect()
}

fn read<'a>(entry: &Entry<'a>, names: &mut BTreeMap<&'a str, Span>, walk: &mut Walk<'a>) -> Option<Cron> {
    let mut fields = entry.fields(&mut walk.found)?;
    let name = fields.require("name", "write `name = \"...\"`");
    let name = name.and_then(|entry| Some((entry.checked(name::kebab, &mut walk.found)?, entry.span())));
    if let Some((name, at)) = &name
        && let Some(earlier) = names.insert(name, at.clone())
    {
        let line = walk.found.line(&earlier);
        walk.found.error(at, format!("cron `{name}` is there already, on line {line}"), "choose another name");
    }
    let schedule = fields.require("schedule", "write `schedule = \"*/5 * * * *\"`");
    let schedule = schedule.and_then(|entry| entry.checked(cron::check, &mut walk.found));
    let zone = fields.take("time_zone").map(|entry| entry.checked(check_zone, &mut walk.found));
    let path = fields.require("path", "write `path = \"/internal/...\"`");
    let path = path.and_then(|entry| walk.path(&entry));
    let missed = fields.take("missed").map(|entry| read_missed(&entry, &mut walk.found));
    fields.finish(&mut walk.found);
    Some(Cron {
        name: name?.0.to_owned(),
        schedule: schedule?.to_owned(),
        time_zone: zone.unwrap_or(Some(DEFAULT_ZONE))?.to_owned(),
        path: path?,
        missed: missed.unwrap_or_else(|| Some(MissedRuns::default()))?,
    })
}

/// The form of an IANA name; whether there is such a zone is known to whoever has the database.
fn check_zone(zone: &str) -> Result<(), Fault> {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || "/_+-".contains(letter);
    if zone.starts_with(|first: char| first.is_ascii_alphabetic()) && zone.chars().all(letter) {
        return Ok(());
    }
    Err(Fault::new(format!("`{zone}` is not a time zone"), "write an IANA name, for example `Europe/Zurich` or `UTC`"))
}

fn read_missed(entry: &Entry<'_>, found: &mut Findings<'_>) -> Option<MissedRuns> {
    let text = entry.text(found)?;
    let known = MISSED.iter().find(|(name, _)| *name == text);
    if known.is_none() {
        let hint = found.suggest(text, MISSED.iter().map(|(name, _)| *name), "values");
        found.error(&entry.span(), format!("`{text}` says nothing about missed runs"), hint);
    }
    known.map(|(_, missed)| *missed)
}
