//! A graph as designers send it: steps by a key of theirs, and ways between those keys.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tasks::{Graph, Step, Transition, TransitionKind, weight_milli};
use uuid::Uuid;

use super::{FieldError, Wrong};

/// Bounds of a graph: what a person can still draw and read.
const STEPS_MAX: usize = 50;
const TRANSITIONS_MAX: usize = 200;

const NAME: (usize, usize) = (1, 64);
const DESCRIPTION: (usize, usize) = (0, 256);
const INSTRUCTION: (usize, usize) = (0, 4_000);
const ROLE: (usize, usize) = (0, 150);

/// The weight of a step that does not say.
const WEIGHT: f64 = 1.0;

/// A graph as it is sent. It may be wrong as a workflow, which publishing would find, but not as a graph.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Sketch {
    steps: Vec<StepSketch>,
    #[serde(default)]
    transitions: Vec<WaySketch>,
    /// The version of the workflow that the sender read; absent: any.
    pub(crate) row_version: Option<i64>,
}

#[derive(Debug, Clone, Deserialize)]
struct StepSketch {
    key: String,
    name: String,
    description: Option<String>,
    instruction: Option<String>,
    role: Option<String>,
    escalate_role: Option<String>,
    weight: Option<f64>,
    #[serde(default)]
    is_start: bool,
    #[serde(default)]
    is_end: bool,
    #[serde(default)]
    x: i32,
    #[serde(default)]
    y: i32,
}

#[derive(Debug, Clone, Deserialize)]
struct WaySketch {
    from: String,
    to: String,
    name: String,
    kind: Option<String>,
}

impl Sketch {
    /// The graph, with keys from `new_id`. Names of fields begin with `prefix`.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub(crate) fn read(self, prefix: &str, mut new_id: impl FnMut() -> Uuid) -> Result<Graph, Vec<FieldError>> {
        let mut wrong = Wrong::default();
        let field = |name: &str| format!("{prefix}{name}");
        wrong.check(self.steps.len() <= STEPS_MAX, &field("steps"), &format!("must be at most {STEPS_MAX}"));
        let few = self.transitions.len() <= TRANSITIONS_MAX;
        wrong.check(few, &field("transitions"), &format!("must be at most {TRANSITIONS_MAX}"));
        if !wrong.0.is_empty() {
            return Err(wrong.0);
        }
        let mut steps = Vec::new();
        let mut ids = BTreeMap::new();
        for (position, sketch) in (0..).zip(self.steps) {
            let at = field(&format!("steps[{position}]"));
            let step = sketch.read((new_id(), position), &at, &mut wrong);
            let is_new = ids.insert(step.key.clone(), step.id).is_none();
            wrong.check(is_new, &format!("{at}.key"), "must not be that of another step");
            steps.push(step);
        }
        let mut transitions = Vec::new();
        let mut names = BTreeSet::new();
        for (position, sketch) in self.transitions.into_iter().enumerate() {
            let at = field(&format!("transitions[{position}]"));
            let way = sketch.read(new_id(), &ids, &at, &mut wrong);
            let is_new = names.insert((way.from, way.to, way.name.to_lowercase()));
            wrong.check(is_new, &format!("{at}.name"), "must not be that of another transition between the two");
            transitions.push(way);
        }
        wrong.finish(Graph { steps, transitions })
    }
}

impl StepSketch {
    fn read(self, (id, position): (Uuid, u32), at: &str, wrong: &mut Wrong) -> Step {
        let field = |name: &str| format!("{at}.{name}");
        let or_blank = Option::unwrap_or_default;
        let weight = weight_milli(self.weight.unwrap_or(WEIGHT));
        wrong.check(weight.is_some(), &field("weight"), "must be a number from 0 to 1000");
        let escalate_role = self.escalate_role.filter(|role| !role.trim().is_empty());
        Step {
            id,
            key: wrong.text(&self.key, &field("key"), NAME),
            name: wrong.text(&self.name, &field("name"), NAME),
            description: wrong.text(&or_blank(self.description), &field("description"), DESCRIPTION),
            instruction: wrong.text(&or_blank(self.instruction), &field("instruction"), INSTRUCTION),
            role: wrong.text(&or_blank(self.role), &field("role"), ROLE),
            escalate_role: escalate_role.map(|role| wrong.text(&role, &field("escalate_role"), ROLE)),
            weight_milli: weight.unwrap_or_default(),
            position,
            is_start: self.is_start,
            is_end: self.is_end,
            x: self.x,
            y: self.y,
        }
    }
}

impl WaySketch {
    fn read(self, id: Uuid, steps: &BTreeMap<String, Uuid>, at: &str, wrong: &mut Wrong) -> Transition {
        let mut end = |key: &str, name: &str| {
            let step = steps.get(key.trim()).copied();
            wrong.check(step.is_some(), &format!("{at}.{name}"), "must be the key of a step");
            step
        };
        let (from, to) = (end(&self.from, "from"), end(&self.to, "to"));
        wrong.check(from.is_none() || from != to, &format!("{at}.to"), "must be another step than `from`");
        let kind = self.kind.as_deref().map_or(Some(TransitionKind::Forward), TransitionKind::read);
        wrong.check(kind.is_some(), &format!("{at}.kind"), "must be forward or return");
        Transition {
            id,
            from: from.unwrap_or_default(),
            to: to.unwrap_or_default(),
            name: wrong.text(&self.name, &format!("{at}.name"), NAME),
            kind: kind.unwrap_or(TransitionKind::Forward),
        }
    }
}

/// The same graph with keys of its own, for another version.
pub(crate) fn rekeyed(graph: &Graph, mut new_id: impl FnMut() -> Uuid) -> Graph {
    let ids: BTreeMap<Uuid, Uuid> = graph.steps.iter().map(|step| (step.id, new_id())).collect();
    let new = |old: Uuid| ids.get(&old).copied().unwrap_or_default();
    let steps = graph.steps.iter().map(|step| Step { id: new(step.id), ..step.clone() }).collect();
    let ways = graph.transitions.iter();
    let transitions = ways.map(|way| Transition { id: new_id(), from: new(way.from), to: new(way.to), ..way.clone() });
    Graph { steps, transitions: transitions.collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json};

    use super::*;

    fn ids() -> impl FnMut() -> Uuid {
        let mut last = 0;
        move || {
            last += 1;
            Uuid::from_u128(last)
        }
    }

    fn read(sketch: Value) -> Result<Graph, Vec<String>> {
        let graph = from_value::<Sketch>(sketch).unwrap().read("graph.", ids());
        graph.map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn a_sketch_becomes_a_graph_whose_ways_know_their_steps() {
        let graph = read(json!({
            "steps": [
                { "key": "a", "name": " Triage ", "role": "Admin", "weight": 0.2, "is_start": true, "x": -3 },
                { "key": "b", "name": "End", "escalate_role": " ", "is_end": true },
            ],
            "transitions": [{ "from": "a", "to": "b", "name": "Go" }, { "from": "b", "to": "a", "name": "Back", "kind": "return" }],
        }));
        let graph = graph.unwrap();
        let [a, b] = graph.steps.as_slice() else { panic!("two steps") };
        assert_eq!((a.name.as_str(), a.weight_milli, a.position, a.x), ("Triage", 200, 0, -3));
        assert_eq!((b.weight_milli, b.position, b.role.as_str(), b.escalate_role.as_ref()), (1_000, 1, "", None));
        assert_eq!((graph.transitions[0].from, graph.transitions[0].to), (a.id, b.id));
        assert_eq!(graph.transitions[1].kind, TransitionKind::Return);
        let copy = rekeyed(&graph, Uuid::now_v7);
        assert_ne!(copy.steps[0].id, a.id);
        assert_eq!((copy.transitions[0].from, copy.transitions[0].to), (copy.steps[0].id, copy.steps[1].id));
    }

    #[test]
    fn every_wrong_field_is_named_with_its_place() {
        let step = |key: &str| json!({ "key": key, "name": "n" });
        let bad = json!({ "key": "", "name": "n", "weight": -1, "instruction": "x".repeat(4_001) });
        let fields = read(json!({
            "steps": [step("a"), step("a"), bad],
            "transitions": [
                { "from": "a", "to": "z", "name": "n" },
                { "from": "a", "to": "a", "name": "n", "kind": "sideways" },
            ],
        }));
        let wanted = [
            "graph.steps[1].key",
            "graph.steps[2].weight",
            "graph.steps[2].key",
            "graph.steps[2].instruction",
            "graph.transitions[0].to",
            "graph.transitions[1].to",
            "graph.transitions[1].kind",
        ];
        assert_eq!(fields.unwrap_err(), wanted);
    }

    #[test]
    fn two_ways_between_the_same_steps_need_two_names_and_size_is_bounded() {
        let way = |name: &str| json!({ "from": "a", "to": "b", "name": name });
        let steps = json!([{ "key": "a", "name": "A" }, { "key": "b", "name": "B" }]);
        assert!(read(json!({ "steps": steps, "transitions": [way("Go"), way("Stay")] })).is_ok());
        let fields = read(json!({ "steps": steps, "transitions": [way("Go"), way("gO ")] })).unwrap_err();
        assert_eq!(fields, ["graph.transitions[1].name"]);
        let many: Vec<_> = (0..=STEPS_MAX).map(|n| json!({ "key": n.to_string(), "name": "n" })).collect();
        assert_eq!(read(json!({ "steps": many })).unwrap_err(), ["graph.steps"]);
    }
}
