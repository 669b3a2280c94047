//! `[application]`, and the version of the manifest's form.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::Generate;
use crate::fields::{Entry, Fields};
use crate::findings::Findings;
use crate::parse::walk::Walk;

/// Bytes of a generated secret: below 16 it can be guessed, above 64 no algorithm of ours uses more.
const SECRET: RangeInclusive<u32> = 16..=64;

/// What `[application]` says.
pub(super) struct Application {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) generate: BTreeMap<String, Generate>,
}

/// Whether the form is one that can be read at all.
pub(super) fn version(entry: Option<&Entry<'_>>, fields: &Fields<'_>, found: &mut Findings<'_>) -> bool {
    let hint = "write `spin_manifest_version = 2`";
    let Some(entry) = entry else {
        found.error(fields.at(), "`spin_manifest_version` is missing", hint);
        return true;
    };
    let two = entry.integer() == Some(2);
    if !two {
        found.error(&entry.span(), "only version 2 of the manifest's form is understood", hint);
    }
    two
}

pub(super) fn read<'a>(entry: &Entry<'a>, walk: &mut Walk<'a>) -> Option<Application> {
    let mut fields = entry.fields(&mut walk.found)?;
    let name = fields.require("name", "write `name = \"...\"`");
    let name = name.and_then(|entry| entry.word(&mut walk.found));
    let version = fields.take("version").and_then(|entry| entry.text(&mut walk.found));
    if let Some(entry) = fields.take("description") {
        entry.text(&mut walk.found);
    }
    fields.ignore(&["authors", "targets"]);
    if let Some(entry) = fields.take("trigger") {
        trigger(&entry, &mut walk.found);
    }
    let wharf = wharf(&mut fields, &mut walk.found);
    let generate = wharf.map(|fields| settings(fields, walk)).unwrap_or_default();
    fields.finish(&mut walk.found);
    Some(Application { name: name?.to_owned(), version: version.unwrap_or_default().to_owned(), generate })
}

/// `tool.wharf` of a table; other tools' settings are theirs.
pub(super) fn wharf<'a>(fields: &mut Fields<'a>, found: &mut Findings<'_>) -> Option<Fields<'a>> {
    let mut tools = fields.take("tool")?.fields(found)?;
    let entry = tools.take("wharf")?;
    Some(entry.fields(found)?.called("`tool.wharf`"))
}

/// Settings of whole trigger types. Of HTTP there is one, and it has lost its meaning.
fn trigger(entry: &Entry<'_>, found: &mut Findings<'_>) {
    let Some(mut types) = entry.fields(found) else { return };
    if let Some(mut http) = types.take("http").and_then(|entry| entry.fields(found)) {
        if let Some(base) = http.take("base")
            && base.text(found).is_some_and(|base| base != "/")
        {
            found.error(&base.span(), "`base` can only be `/`", "write the prefix into each route");
        }
        http.finish(found);
    }
    for other in types.rest() {
        other.unsupported("only HTTP triggers are served", found);
    }
}

fn settings<'a>(mut fields: Fields<'a>, walk: &mut Walk<'a>) -> BTreeMap<String, Generate> {
    let generated = fields.take("generate").and_then(|entry| entry.fields(&mut walk.found));
    fields.finish(&mut walk.found);
    let entries = generated.into_iter().flat_map(Fields::rest);
    entries.filter_map(|entry| Some((entry.name.to_owned(), generate(&entry, walk)?))).collect()
}

fn generate<'a>(entry: &Entry<'a>, walk: &mut Walk<'a>) -> Option<Generate> {
    if !walk.variables.contains(entry.name) {
        let hint = walk.found.suggest(entry.name, walk.variables.iter().copied(), "variables");
        walk.found.error(&entry.key, format!("unknown variable `{}`", entry.name), hint);
    }
    let mut fields = entry.fields(&mut walk.found)?;
    let bytes = fields.require("bytes", "write `{ bytes = 32 }`");
    let bytes = bytes.and_then(|entry| entry.number(&SECRET, &mut walk.found));
    fields.finish(&mut walk.found);
    Some(Generate::Random { bytes: usize::try_from(bytes?).ok()? })
}
