//! What can only be known once the whole manifest was read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::TopicPattern;
use crate::findings::Findings;
use crate::parse::walk::{Notes, Walk};

pub(super) fn check(walk: &mut Walk<'_>) {
    let notes = std::mem::take(&mut walk.notes);
    check_queues(&notes, &mut walk.found);
    check_migrations(&notes, &mut walk.found);
    check_called(&notes, walk);
    // Below a mistake, what looks unused may only be misspelt.
    if !walk.found.failed() {
        check_sent(&notes, &mut walk.found);
        check_chained(&notes, walk);
        check_reached(walk);
    }
}

fn check_queues(notes: &Notes<'_>, found: &mut Findings<'_>) {
    let mut names = BTreeMap::new();
    for (queue, at) in &notes.queues {
        let Some(earlier) = names.insert(queue, at) else { continue };
        let line = found.line(earlier);
        let hint = "a queue has one consumer; choose another name, both receive every message of their topics";
        found.error(at, format!("queue `{queue}` is there already, on line {line}"), hint);
    }
}

fn check_migrations(notes: &Notes<'_>, found: &mut Findings<'_>) {
    let mut owners = BTreeMap::new();
    for (database, component, at) in &notes.migrations {
        let Some(owner) = owners.insert(database, component) else { continue };
        let hint = "leave `migrations` to one of the two";
        found.error(at, format!("the migrations of database `{database}` are those of component `{owner}`"), hint);
    }
}

/// Messages and schedules are requests too.
fn check_called(notes: &Notes<'_>, walk: &mut Walk<'_>) {
    for (component, key, at) in &notes.called {
        if !walk.triggered.contains(*component) {
            let message = format!("`{key}` needs a trigger, and component `{component}` has none");
            walk.found.error(at, message, trigger_hint(component));
        }
    }
}

fn check_sent(notes: &Notes<'_>, found: &mut Findings<'_>) {
    let consumed: BTreeSet<&str> = notes.consumed.iter().map(|topic| topic.0.as_str()).collect();
    for (topic, at) in &notes.sent {
        if !is_taken(topic, &consumed) {
            let hint = "add the topic to a `consume`, or remove it here";
            found.warning(at, format!("no queue takes messages of topic `{}`", topic.0), hint);
        }
    }
}

/// Whether some topic fits both the pattern and one of those consumed.
fn is_taken(sent: &TopicPattern, consumed: &BTreeSet<&str>) -> bool {
    let stem = sent.0.strip_suffix('*');
    let narrower = stem.is_some_and(|stem| {
        let from = (Bound::Included(stem), Bound::Unbounded);
        consumed.range::<str, _>(from).next().is_some_and(|first| first.starts_with(stem))
    });
    let text = stem.unwrap_or(&sent.0);
    let families = text.match_indices('.').filter_map(|(dot, _)| text.get(..=dot));
    let mut wider = families.map(|family| format!("{family}*"));
    narrower
        || consumed.contains("*")
        || consumed.contains(sent.0.as_str())
        || wider.any(|family| consumed.contains(family.as_str()))
}

fn check_chained(notes: &Notes<'_>, walk: &mut Walk<'_>) {
    for (component, at) in &notes.chained {
        if !walk.components.contains_key(component) {
            let hint = walk.found.suggest(component, walk.components.keys().copied(), "components");
            walk.found.warning(at, format!("there is no component `{component}` to call"), hint);
        } else if !walk.triggered.contains(*component) {
            let message = format!("component `{component}` cannot be called, it has no trigger");
            walk.found.warning(at, message, trigger_hint(component));
        }
    }
}

fn check_reached(walk: &mut Walk<'_>) {
    for (component, at) in &walk.components {
        if !walk.triggered.contains(*component) {
            let message = format!("nothing reaches component `{component}`, it has no trigger");
            walk.found.warning(at, message, trigger_hint(component));
        }
    }
}

fn trigger_hint(component: &str) -> String {
    format!("add `[[trigger.http]]` with `component = \"{component}\"` and `route = {{ private = true }}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_meet_where_one_fits_both_patterns() {
        let meet = |sent: &str, consumed: &str| is_taken(&TopicPattern(sent.to_owned()), &BTreeSet::from([consumed]));
        for (one, two) in [("*", "a.b"), ("a.*", "a.b"), ("a.*", "a.b.*"), ("a", "a"), ("*", "*"), ("a.*", "*")] {
            assert!(meet(one, two), "{one} {two}");
            assert!(meet(two, one), "{two} {one}");
        }
        for (one, two) in [("a.*", "a"), ("a.*", "b.*"), ("a", "b"), ("a.*", "ab.c"), ("a.b.*", "a.c")] {
            assert!(!meet(one, two), "{one} {two}");
            assert!(!meet(two, one), "{two} {one}");
        }
    }
}
