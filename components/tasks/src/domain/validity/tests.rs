use super::*;
use crate::domain::example::{FINALIZE, REJECT, RESOLVE, SUBMIT, TRIAGE, graph, id, sla, way};

fn findings(graph: &Graph) -> Findings {
    let sla = sla();
    let draft = Draft {
        name: "Asset Check In",
        department: "Asset Department",
        category: "Asset Check In",
        sub_category: None,
        sla: &sla,
        graph,
    };
    check(&draft, &["Admin", "Asset Manager"].map(str::to_owned).into())
}

fn errors(graph: &Graph) -> Vec<(&'static str, Option<String>)> {
    findings(graph).errors.into_iter().map(|finding| (finding.code, finding.step)).collect()
}

fn at(code: &'static str, step: &str) -> (&'static str, Option<String>) {
    (code, Some(step.to_owned()))
}

fn edited(step: u128, edit: impl Fn(&mut Step)) -> Graph {
    let mut graph = graph();
    graph.steps.iter_mut().filter(|candidate| candidate.id == id(step)).for_each(edit);
    graph
}

#[test]
fn the_walkthrough_s_workflow_is_right() {
    assert_eq!(findings(&graph()), Findings::default());
}

#[test]
fn a_single_step_that_is_start_and_end_is_right() {
    let mut graph = edited(TRIAGE, |step| step.is_end = true);
    graph.steps.truncate(1);
    graph.transitions.clear();
    assert_eq!(errors(&graph), []);
}

#[test]
fn the_head_says_what_it_is_for() {
    let (graph, sla) = (graph(), Sla { high_s: Some(2), low_s: Some(1), ..Sla::default() });
    let draft = Draft { name: " ", department: "", category: "", sub_category: Some(" "), sla: &sla, graph: &graph };
    let codes: Vec<_> = check(&draft, &BTreeSet::new()).errors.iter().map(|finding| finding.code).collect();
    let expected = ["name_missing", "department_missing", "category_missing", "sub_category_missing", "sla_order"];
    assert_eq!(codes, expected);
}

#[test]
fn there_is_a_step_and_each_has_a_role() {
    assert_eq!(errors(&Graph::default()), [("no_steps", None)]);
    assert_eq!(errors(&edited(RESOLVE, |step| step.role.clear())), [at("role_missing", "resolve")]);
    assert_eq!(errors(&edited(RESOLVE, |step| step.key = "triage".to_owned())), [at("key_repeated", "triage")]);
    assert_eq!(errors(&edited(RESOLVE, |step| step.name.clear())), [at("step_name_missing", "resolve")]);
}

#[test]
fn there_is_one_start_and_an_end() {
    assert_eq!(errors(&edited(TRIAGE, |step| step.is_start = false)), [("no_start", None)]);
    assert_eq!(errors(&edited(RESOLVE, |step| step.is_start = true)), [at("several_starts", "resolve")]);
    let endless = edited(FINALIZE, |step| step.is_end = false);
    assert_eq!(errors(&endless), [("no_end", None), at("dead_end", "finalize")]);
}

#[test]
fn every_way_has_two_different_ends() {
    let mut graph = graph();
    graph.transitions.push(way(0x99, "Nowhere", (RESOLVE, 0x98)));
    graph.transitions.push(way(0x9A, "Round", (RESOLVE, RESOLVE)));
    assert_eq!(errors(&graph), [("transition_end_missing", None), at("self_loop", "resolve")]);
}

#[test]
fn every_step_is_reached_and_so_is_an_end() {
    let mut graph = graph();
    graph.transitions.retain(|way| way.id != id(SUBMIT));
    let expected = [
        at("dead_end", "triage"),
        at("unreachable", "resolve"),
        at("unreachable", "finalize"),
        ("end_unreachable", None),
    ];
    assert_eq!(errors(&graph), expected);
}

#[test]
fn a_ring_without_a_way_out_is_a_warning() {
    let mut graph = edited(TRIAGE, |step| step.is_end = true);
    graph.steps.push(Step {
        id: id(0x70),
        key: "a".to_owned(),
        is_end: false,
        is_start: false,
        ..graph.steps[0].clone()
    });
    graph.steps.push(Step {
        id: id(0x71),
        key: "b".to_owned(),
        is_end: false,
        is_start: false,
        ..graph.steps[0].clone()
    });
    graph.transitions.extend([
        way(0x80, "In", (TRIAGE, 0x70)),
        way(0x81, "On", (0x70, 0x71)),
        way(0x82, "Back", (0x71, 0x70)),
    ]);
    let found = findings(&graph);
    let warnings: Vec<_> = found.warnings.iter().map(|finding| finding.code).collect();
    assert_eq!((found.errors.len(), warnings), (0, vec!["no_way_out", "no_way_out"]));
}

#[test]
fn what_works_badly_is_a_warning() {
    let mut graph = edited(RESOLVE, |step| {
        step.role = "Astronaut".to_owned();
        step.escalate_role = Some("Pilot".to_owned());
        step.weight_milli = 0;
    });
    graph.transitions.retain(|way| way.id != id(REJECT));
    let found = findings(&graph);
    let warnings: Vec<_> = found.warnings.iter().map(|finding| finding.code).collect();
    assert_eq!((found.errors.len(), warnings), (0, vec!["role_unstaffed", "escalate_role_unstaffed", "weight_zero"]));
}
