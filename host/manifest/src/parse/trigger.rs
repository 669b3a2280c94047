//! `[[trigger.http]]`: which requests reach what.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::fields::{Entry, Fields};
use crate::findings::{Findings, Span};
use crate::parse::walk::Walk;
use crate::pattern::{self, Pattern};
use crate::{Route, StaticResponse, Target, Trigger};

/// Statuses of final answers.
const STATUS: RangeInclusive<u32> = 200..=599;
/// Paths that stock Spin keeps for itself.
const RESERVED: &str = "/.well-known/spin";

/// Public patterns so far: shape to the latest pattern of it and its place.
type Taken = BTreeMap<String, (String, Span)>;

pub(super) fn read_all<'a>(entry: &Entry<'a>, walk: &mut Walk<'a>) -> Vec<Trigger> {
    let Some(mut types) = entry.fields(&mut walk.found) else {
        return Vec::new();
    };
    let http = types.take("http").map(|entry| entry.list(&mut walk.found)).unwrap_or_default();
    for other in types.rest() {
        let hint = "write `[[trigger.http]]`; queues and schedules are `consume` and `cron` under \
                    `[component.<id>.tool.wharf]`";
        other.unsupported(hint, &mut walk.found);
    }
    let mut taken = Taken::new();
    http.iter().filter_map(|entry| read(entry, &mut taken, walk)).collect()
}

fn read<'a>(entry: &Entry<'a>, taken: &mut Taken, walk: &mut Walk<'a>) -> Option<Trigger> {
    let mut fields = entry.fields(&mut walk.found)?.called("the trigger");
    if let Some(id) = fields.take("id") {
        id.word(&mut walk.found);
    }
    fields.unsupported("components", "name one `component`", &mut walk.found);
    let hint = "compose middleware into the component when it is built";
    fields.unsupported("dependencies", hint, &mut walk.found);
    if let Some(executor) = fields.take("executor") {
        check_executor(&executor, &mut walk.found);
    }
    let target = target(&mut fields, walk);
    let hint = "write `route = \"/...\"`, or `route = { private = true }`";
    let route = fields.require("route", hint);
    fields.finish(&mut walk.found);
    let route = route.and_then(|entry| Some((read_route(&entry, taken, &mut walk.found)?, entry)));
    let (route, entry) = route?;
    let target = target?;
    if route == Route::Private && matches!(target, Target::Static(_)) {
        let hint = "give it a route, or remove it";
        walk.found.warning(&entry.span(), "nothing reaches a private static response", hint);
    }
    Some(Trigger { route, target })
}

fn target<'a>(fields: &mut Fields<'a>, walk: &mut Walk<'a>) -> Option<Target> {
    let component = fields.take("component");
    let answer = fields.take("static_response");
    match (component, answer) {
        (Some(component), None) => component_target(&component, walk),
        (None, Some(answer)) => read_static(&answer, &mut walk.found).map(Target::Static),
        (Some(_), Some(answer)) => {
            let hint = "write two triggers";
            walk.found.error(&answer.key, "a trigger has either `component` or `static_response`", hint);
            None
        }
        (None, None) => {
            let hint = "write `component = \"<id>\"`, or a `static_response`";
            walk.found.error(fields.at(), "the trigger has no `component`", hint);
            None
        }
    }
}

fn component_target<'a>(entry: &Entry<'a>, walk: &mut Walk<'a>) -> Option<Target> {
    if entry.is_table() {
        let hint = "write the component as `[component.<id>]` and its id here";
        walk.found.error(&entry.key, "a component inside a trigger is not supported by wharf yet", hint);
        return None;
    }
    let id = entry.text(&mut walk.found)?;
    walk.triggered.insert(id.to_owned());
    if !walk.components.contains_key(id) {
        let hint = walk.found.suggest(id, walk.components.keys().copied(), "components");
        walk.found.error(&entry.span(), format!("unknown component `{id}`"), hint);
        return None;
    }
    Some(Target::Component(id.to_owned()))
}

fn read_route(entry: &Entry<'_>, taken: &mut Taken, found: &mut Findings<'_>) -> Option<Route> {
    if entry.is_table() {
        let mut fields = entry.fields(found)?;
        let private = fields.require("private", "write `{ private = true }`");
        fields.finish(found);
        let private = private?;
        if !private.boolean(found)? {
            found.error(&private.span(), "`private` can only be true", "write the public route as a string");
        }
        return Some(Route::Private);
    }
    let text = entry.text(found)?;
    let pattern = found.keep(&entry.span(), pattern::read(text))?;
    let reserved = pattern.text.strip_prefix(RESERVED).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if reserved {
        let hint = format!("paths under `{RESERVED}` never reach a component; choose another one");
        found.warning(&entry.span(), format!("route `{}` never matches", pattern.text), hint);
    }
    check_taken(&pattern, entry, taken, found);
    Some(Route::Public(pattern.text))
}

fn check_taken(pattern: &Pattern, entry: &Entry<'_>, taken: &mut Taken, found: &mut Findings<'_>) {
    let now = (pattern.text.clone(), entry.span());
    let Some((earlier, at)) = taken.insert(pattern.shape.clone(), now) else { return };
    let line = found.line(&at);
    if earlier == pattern.text {
        let message = format!("route `{earlier}` is taken already, and this trigger, being the later one, wins");
        found.warning(&entry.span(), message, format!("remove the trigger on line {line}, which answers nothing"));
    } else {
        let message = format!("route `{}` matches the same paths as `{earlier}`", pattern.text);
        found.error(&entry.span(), message, format!("change this one or the one on line {line}"));
    }
}

fn check_executor(entry: &Entry<'_>, found: &mut Findings<'_>) {
    let Some(mut fields) = entry.fields(found) else { return };
    let Some(kind) = fields.require("type", "write `{ type = \"http\" }`, or leave it out") else {
        return fields.finish(found);
    };
    match kind.text(found) {
        None => {}
        Some("http") => fields.finish(found),
        Some(other) => {
            let hint = "leave `executor` out and export `wasi:http`";
            found.error(&kind.span(), format!("executor `{other}` is not supported by wharf yet"), hint);
        }
    }
}

fn read_static(entry: &Entry<'_>, found: &mut Findings<'_>) -> Option<StaticResponse> {
    let mut fields = entry.fields(found)?;
    let status = fields.take("status_code").map(|entry| entry.number(&STATUS, found));
    let body = fields.take("body").and_then(|entry| entry.text(found)).unwrap_or_default().to_owned();
    let headers = fields.take("headers").and_then(|entry| entry.fields(found));
    fields.finish(found);
    let mut named = BTreeMap::new();
    for header in headers.into_iter().flat_map(Fields::rest) {
        let Some(value) = header.text(found) else { continue };
        let name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if header.name.is_empty() || !header.name.bytes().all(name) {
            let hint = "use letters, digits and `-`";
            found.error(&header.key, format!("`{}` is not a header's name", header.name), hint);
        }
        if value.chars().any(char::is_control) {
            let hint = "write it in one line, without control characters";
            found.error(&header.span(), format!("header `{}` has a value that cannot be sent", header.name), hint);
        }
        named.insert(header.name.to_owned(), value.to_owned());
    }
    let status = status.map_or(Some(200), |status| status.and_then(|status| u16::try_from(status).ok()))?;
    Some(StaticResponse { status, headers: named, body })
}
