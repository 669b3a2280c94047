//! `[component.<id>]`: stock keys. Ours, under `tool.wharf`, are read by `settings`.

use std::collections::BTreeMap;

use crate::fields::{Entry, Fields};
use crate::findings::Findings;
use crate::parse::walk::Walk;
use crate::parse::{application, settings};
use crate::{Component, HostPattern, Source, host_pattern, name};

/// Keys of stock manifests that ask for something this host does not have, and what to do instead.
const UNSUPPORTED: [(&str, &str); 4] = [
    ("files", "embed the files in the component, or keep them with `blob = true` under `tool.wharf`"),
    ("key_value_stores", "keep the data in a database: `sql = true` under `tool.wharf`"),
    ("sqlite_databases", "write `sql = true` under `tool.wharf`"),
    ("ai_models", "call the model over HTTP, with its address in `allowed_outbound_hosts`"),
];

pub(super) fn read<'a>(entry: &Entry<'a>, walk: &mut Walk<'a>) -> Option<Component> {
    let id = entry.name;
    walk.found.keep(&entry.key, name::kebab(id));
    let mut fields = entry.fields(&mut walk.found)?.called(&format!("component `{id}`"));
    let source = fields.require("source", "write `source = \"<file>.wasm\"`");
    let source = source.and_then(|entry| read_source(&entry, &mut walk.found));
    let description = fields.take("description").and_then(|entry| entry.text(&mut walk.found));
    let build = fields.take("build").and_then(|entry| read_build(&entry, &mut walk.found));
    let (build, watch) = build.map_or_else(Default::default, |(command, watch)| (Some(command), watch));
    let environment = fields.take("environment").map(|entry| entry.strings(&mut walk.found));
    let variables = fields.take("variables").map(|entry| read_variables(&entry, walk));
    let outbound = read_outbound(&mut fields, walk);
    for (key, hint) in UNSUPPORTED {
        fields.unsupported(key, hint, &mut walk.found);
    }
    if let Some(entry) = fields.take("dependencies") {
        check_dependencies(&entry, &mut walk.found);
    }
    // `exclude_files` alone excludes nothing; the rest is for stock Spin's own commands.
    fields.ignore(&["exclude_files", "dependencies_inherit_configuration", "targets", "profile"]);
    let wharf = application::wharf(&mut fields, &mut walk.found);
    let mut settings = wharf.map(|fields| settings::read(id, fields, walk)).unwrap_or_default();
    settings.grants.outbound = outbound;
    fields.finish(&mut walk.found);
    Some(Component {
        id: id.to_owned(),
        description: description.unwrap_or_default().to_owned(),
        source: source?,
        build,
        variables: variables.unwrap_or_default(),
        environment: environment.unwrap_or_default(),
        grants: settings.grants,
        limits: settings.limits,
        instances: settings.instances,
        ready: settings.ready,
        demo: settings.demo,
        assets: settings.assets,
        watch,
    })
}

fn read_source(entry: &Entry<'_>, found: &mut Findings<'_>) -> Option<Source> {
    if entry.is_table() {
        entry.unsupported("fetch the component first and write the file's path", found);
        return None;
    }
    entry.word(found).map(|path| Source::File(path.to_owned()))
}

/// One line for a shell, from the commands and the folder they run in; and which files they read.
fn read_build(entry: &Entry<'_>, found: &mut Findings<'_>) -> Option<(String, Vec<String>)> {
    let mut fields = entry.fields(found)?;
    let command = fields.require("command", "write `command = \"cargo build ...\"`");
    let folder = fields.take("workdir").and_then(|entry| entry.word(found));
    let mut patterns = Vec::new();
    if let Some(watch) = fields.take("watch") {
        patterns.extend(watch.list(found).iter().filter_map(|pattern| pattern.text(found).map(str::to_owned)));
    }
    fields.finish(found);
    let command = command?;
    let commands = if command.is_list() {
        command.list(found).iter().filter_map(|command| command.word(found)).collect::<Vec<_>>().join(" && ")
    } else {
        command.word(found)?.to_owned()
    };
    let Some(folder) = folder else { return Some((commands, patterns)) };
    let watch = patterns.iter().map(|pattern| format!("{}/{pattern}", folder.trim_end_matches('/'))).collect();
    Some((format!("cd '{}' && {commands}", folder.replace('\'', r"'\''")), watch))
}

fn read_variables<'a>(entry: &Entry<'a>, walk: &mut Walk<'a>) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let fields = entry.fields(&mut walk.found);
    for entry in fields.into_iter().flat_map(Fields::rest) {
        walk.found.keep(&entry.key, name::snake(entry.name));
        if let Some(template) = walk.template(&entry) {
            variables.insert(entry.name.to_owned(), template.to_owned());
        }
    }
    variables
}

fn read_outbound<'a>(fields: &mut Fields<'a>, walk: &mut Walk<'a>) -> Vec<HostPattern> {
    if let Some(old) = fields.take("allowed_http_hosts") {
        let hint = "write `allowed_outbound_hosts`, each host with its scheme, as in `https://example.org`";
        walk.found.error(&old.key, "`allowed_http_hosts` is no longer understood", hint);
    }
    let list = fields.take("allowed_outbound_hosts").map(|entry| entry.list(&mut walk.found)).unwrap_or_default();
    let mut hosts = Vec::new();
    for entry in list {
        let Some(text) = walk.template(&entry) else { continue };
        // Stock Spin skips these, so that an optional address may be left empty.
        if matches!(text, "" | "http://" | "https://") {
            continue;
        }
        if walk.found.keep(&entry.span(), host_pattern::check(text)).is_some() {
            walk.notes.chained.extend(host_pattern::chained(text).map(|id| (id, entry.span())));
            hosts.push(HostPattern(text.to_owned()));
        }
    }
    hosts
}

/// `wharf:*` names our own interfaces, which the host links itself; other imports would have to be composed in.
fn check_dependencies(entry: &Entry<'_>, found: &mut Findings<'_>) {
    let Some(fields) = entry.fields(found) else { return };
    for dependency in fields.rest().filter(|dependency| !dependency.name.starts_with("wharf:")) {
        dependency.unsupported("compose it into the component when it is built", found);
    }
}
