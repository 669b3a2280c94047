//! Text to [`App`]: syntax, then every table by hand so that one mistake does not hide the next, then what no table
//! can know alone.

mod application;
mod component;
mod consumer;
mod cron;
mod cross;
mod limits;
mod settings;
mod sql;
mod trigger;
mod variable;
mod walk;

#[cfg(test)]
mod tests;

use toml::de::DeTable;

use crate::fields::{Entry, Fields};
use crate::findings::Findings;
use crate::parse::walk::Walk;
use crate::{App, Component, Diagnostic};

/// Largest manifest in bytes: two orders of magnitude above one that a person maintains.
const MAX_TEXT: usize = 1 << 20;

/// Parses and validates a manifest; `file` is how diagnostics name it.
///
/// Warnings come beside the application, in the order of the file. Semantic checks that need files (is the wasm
/// there?) are the caller's. At most 1 MiB of text is read, and at most 1000 errors and 1000 warnings are returned.
///
/// # Errors
/// Every finding, in the order of the file, at least one of them an error. Where the text is no TOML, only its
/// syntax errors: what stands between them cannot be trusted.
pub fn parse(file: &str, text: &str) -> Result<(App, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut found = Findings::new(file, text);
    if text.len() > MAX_TEXT {
        found.error(&(0..0), "the manifest is too large", format!("use at most {MAX_TEXT} bytes"));
        return Err(found.finish());
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reported = None;
    for error in errors {
        let at = error.span().unwrap_or_default();
        // One slip may upset the rest of its line.
        let line = found.line(&at);
        if reported.replace(line) != Some(line) {
            found.error(&at, error.message(), "");
        }
    }
    if found.failed() {
        return Err(found.finish());
    }
    let fields = Fields::of(document.get_ref(), "the manifest", 0..0);
    let mut walk = Walk::new(found);
    let app = read(fields, &mut walk);
    cross::check(&mut walk);
    let failed = walk.found.failed();
    let findings = walk.found.finish();
    match app {
        Some(app) if !failed => Ok((app, findings)),
        _ => Err(findings),
    }
}

/// The whole document; `None` after an error that leaves nothing to look at.
fn read<'a>(mut fields: Fields<'a>, walk: &mut Walk<'a>) -> Option<App> {
    let version = fields.take("spin_manifest_version");
    if !application::version(version.as_ref(), &fields, &mut walk.found) {
        return None;
    }
    let hint = "write `[application]` with a `name`";
    let application = fields.require("application", hint);
    let variables = fields.take("variables").and_then(|entry| entry.fields(&mut walk.found));
    let variables = variable::read_all(variables, walk);
    let application = application.and_then(|entry| application::read(&entry, walk));
    let components: Vec<Entry<'a>> = fields
        .take("component")
        .and_then(|entry| entry.fields(&mut walk.found))
        .map(|all| all.rest().collect())
        .unwrap_or_default();
    for entry in &components {
        walk.components.insert(entry.name, entry.key.clone());
    }
    let triggers = fields.take("trigger").map(|entry| trigger::read_all(&entry, walk)).unwrap_or_default();
    let components: Vec<Component> = components.iter().filter_map(|entry| component::read(entry, walk)).collect();
    fields.finish(&mut walk.found);
    let application = application?;
    Some(App {
        name: application.name,
        version: application.version,
        variables,
        generate: application.generate,
        components: components.into_iter().map(|component| (component.id.clone(), component)).collect(),
        triggers,
    })
}
