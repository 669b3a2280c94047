//! What an edit changed, field by field, for the audit log: `{field: {"old", "new"}}`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tasks::{Graph, Sla, Step, weight};

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

/// What is other in a graph: steps and transitions that came or went, and the fields of steps that stayed. Keys of
/// rows are no part of it.
pub(crate) fn graph_changes(old: &Graph, new: &Graph) -> Map<String, Value> {
    let mut changes = Map::new();
    let (before, after) = (fields(old), fields(new));
    let names = before.keys().chain(after.keys());
    for name in names {
        let value = |fields: &BTreeMap<String, Value>| fields.get(name).cloned().unwrap_or_default();
        let (old, new) = (value(&before), value(&after));
        if old != new {
            changes.insert(name.clone(), json!({ "old": old, "new": new }));
        }
    }
    changes
}

/// Every field of a graph, by a name that does not depend on keys of rows.
fn fields(graph: &Graph) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    for step in &graph.steps {
        for (name, value) in step_fields(step) {
            fields.insert(format!("steps.{}.{name}", step.key), value);
        }
    }
    for (position, way) in graph.transitions.iter().enumerate() {
        let key = |id| graph.step(id).map_or("", |step| step.key.as_str());
        let name = format!("transitions.{}.{}.{}", key(way.from), key(way.to), way.name);
        fields.insert(name, json!({ "kind": way.kind.code(), "position": position }));
    }
    fields
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
