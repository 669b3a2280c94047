//! What an edit changed, field by field, for the audit log: `{field: {"old", "new"}}`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use tasks::{Graph, Sla, Step, Transition, weight};

use super::Head;

fn pairs<const N: usize>(fields: [(&str, Value, Value); N]) -> Map<String, Value> {
    let changed = fields.into_iter().filter(|(_, old, new)| old != new);
    changed.map(|(name, old, new)| (name.to_owned(), json!({ "old": old, "new": new }))).collect()
}

/// What is other in a head.
pub(crate) fn head_changes(old: &Head, new: &Head) -> Map<String, Value> {
    pairs([
        ("name", json!(old.name), json!(new.name)),
        ("description", json!(old.description), json!(new.description)),
        ("department", json!(old.department), json!(new.department)),
        ("category", json!(old.category), json!(new.category)),
        ("sub_category", json!(old.sub_category), json!(new.sub_category)),
    ])
}

/// What is other in the times.
pub(crate) fn sla_changes(old: &Sla, new: &Sla) -> Map<String, Value> {
    pairs([
        ("sla.critical_s", json!(old.critical_s), json!(new.critical_s)),
        ("sla.high_s", json!(old.high_s), json!(new.high_s)),
        ("sla.medium_s", json!(old.medium_s), json!(new.medium_s)),
        ("sla.low_s", json!(old.low_s), json!(new.low_s)),
    ])
}

/// What is other in a graph: steps and transitions that came or went, with what they were or are, and the fields of
/// steps that stayed. Keys of rows are no part of it.
pub(crate) fn graph_changes(old: &Graph, new: &Graph) -> Map<String, Value> {
    let mut changes = compared("transitions", &ways(old), &ways(new));
    let (old, new) = (steps(old), steps(new));
    for (key, before) in &old {
        if let Some(after) = new.get(key) {
            changes.extend(compared(&format!("steps.{key}"), before, after));
        }
    }
    let whole = |steps: &BTreeMap<String, Fields>, other: &BTreeMap<String, Fields>| -> Fields {
        let alone = steps.iter().filter(|(key, _)| !other.contains_key(*key));
        alone.map(|(key, fields)| (key.clone(), json!(fields))).collect()
    };
    changes.extend(compared("steps", &whole(&old, &new), &whole(&new, &old)));
    changes
}

type Fields = BTreeMap<String, Value>;

/// The values that are other, or on one side only, by names that begin with `prefix`.
fn compared(prefix: &str, old: &Fields, new: &Fields) -> Map<String, Value> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let pair = |name: &String| (old.get(name).cloned().unwrap_or_default(), new.get(name).cloned().unwrap_or_default());
    let pairs = names.into_iter().map(|name| (format!("{prefix}.{name}"), pair(name)));
    pairs
        .filter(|(_, (old, new))| old != new)
        .map(|(name, (old, new))| (name, json!({ "old": old, "new": new })))
        .collect()
}

fn ways(graph: &Graph) -> Fields {
    let key = |id| graph.step(id).map_or("", |step| step.key.as_str());
    let name = |way: &Transition| format!("{}.{}.{}", key(way.from), key(way.to), way.name);
    let ways = graph.transitions.iter().enumerate();
    ways.map(|(position, way)| (name(way), json!({ "kind": way.kind.code(), "position": position }))).collect()
}

fn steps(graph: &Graph) -> BTreeMap<String, Fields> {
    let named = |step: &Step| step_fields(step).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    graph.steps.iter().map(|step| (step.key.clone(), named(step))).collect()
}

fn step_fields(step: &Step) -> [(&'static str, Value); 10] {
    [
        ("name", json!(step.name)),
        ("description", json!(step.description)),
        ("instruction", json!(step.instruction)),
        ("role", json!(step.role)),
        ("escalate_role", json!(step.escalate_role)),
        ("weight", json!(weight(step.weight_milli))),
        ("position", json!(step.position)),
        ("is_start", json!(step.is_start)),
        ("is_end", json!(step.is_end)),
        ("at", json!([step.x, step.y])),
    ]
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::example::graph;
    use super::super::rekeyed;
    use super::*;

    #[test]
    fn only_what_is_other_is_told_with_both_values() {
        let old = graph();
        let same = rekeyed(&old, Uuid::now_v7);
        assert_eq!(graph_changes(&old, &same), Map::new(), "keys of rows do not count");
        let mut new = same;
        new.steps[0].weight_milli = 500;
        new.transitions.pop();
        let changes = graph_changes(&old, &new);
        assert_eq!(changes.len(), 2, "{changes:?}");
        assert_eq!(changes["steps.triage.weight"], json!({ "old": 0.2, "new": 0.5 }));
        assert_eq!(changes["transitions.resolve.triage.Reject"]["new"], Value::Null);
        new.steps[2].key = "end".to_owned();
        let changes = graph_changes(&old, &new);
        assert_eq!(changes["steps.finalize"]["new"], Value::Null);
        assert_eq!(changes["steps.end"]["new"]["name"], json!("FINALIZE"));
    }

    #[test]
    fn heads_and_times_are_compared_by_field() {
        let head = Head {
            name: "a".to_owned(),
            description: String::new(),
            department: "d".to_owned(),
            category: "c".to_owned(),
            sub_category: None,
        };
        let other = Head { sub_category: Some("s".to_owned()), ..head.clone() };
        assert_eq!(json!(head_changes(&head, &other)), json!({ "sub_category": { "old": null, "new": "s" } }));
        let sla = Sla { low_s: Some(5), ..Sla::default() };
        assert_eq!(json!(sla_changes(&Sla::default(), &sla)), json!({ "sla.low_s": { "old": null, "new": 5 } }));
    }
}
