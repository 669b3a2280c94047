//! Whether a draft may be published: the errors that forbid it, and warnings to think about.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::graph::{Graph, Step};
use super::sla::Sla;
use super::ticket::Priority;

/// A workflow as it would be published.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// What people call it.
    pub name: &'a str,
    /// The department whose tickets it takes.
    pub department: &'a str,
    /// The category whose tickets it takes.
    pub category: &'a str,
    /// The sub-category; absent: any.
    pub sub_category: Option<&'a str>,
    /// How long tasks may take.
    pub sla: &'a Sla,
    /// The way of the work.
    pub graph: &'a Graph,
}

/// Something that is not as it must, or should, be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// For programs.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// The key of the step that it is about.
    pub step: Option<String>,
}

/// All that was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// With any of these it is not published.
    pub errors: Vec<Finding>,
    /// These do not stand in the way.
    pub warnings: Vec<Finding>,
}

impl Findings {
    fn error(&mut self, code: &'static str, message: impl Into<String>) {
        self.errors.push(Finding { code, message: message.into(), step: None });
    }

    fn error_at(&mut self, code: &'static str, step: &Step, message: String) {
        self.errors.push(Finding { code, message, step: Some(step.key.clone()) });
    }

    fn warn_at(&mut self, code: &'static str, step: &Step, message: String) {
        self.warnings.push(Finding { code, message, step: Some(step.key.clone()) });
    }
}

/// Checks a draft. `staffed` are the roles of `tts` with an active holder.
pub fn check(draft: &Draft<'_>, staffed: &BTreeSet<String>) -> Findings {
    let mut findings = Findings::default();
    check_head(draft, &mut findings);
    check_steps(draft.graph, staffed, &mut findings);
    check_transitions(draft.graph, &mut findings);
    check_ends(draft.graph, &mut findings);
    check_ways(draft.graph, &mut findings);
    findings
}

fn check_head(draft: &Draft<'_>, findings: &mut Findings) {
    let required = [
        ("name_missing", draft.name, "The workflow has no name."),
        ("department_missing", draft.department, "The workflow has no department."),
        ("category_missing", draft.category, "The workflow has no category."),
    ];
    for (code, text, message) in required {
        if text.trim().is_empty() {
            findings.error(code, message);
        }
    }
    if draft.sub_category.is_some_and(|name| name.trim().is_empty()) {
        findings.error("sub_category_missing", "The sub-category is empty; leave it out to take any.");
    }
    if !draft.sla.is_ordered() {
        findings.error("sla_order", "A more urgent priority must have less time than a less urgent one.");
    }
    if Priority::ALL.into_iter().all(|priority| draft.sla.target_s(priority).is_none()) {
        let message = "No priority has a time: tasks will have no target.".to_owned();
        findings.warnings.push(Finding { code: "no_sla", message, step: None });
    }
}

fn check_steps(graph: &Graph, staffed: &BTreeSet<String>, findings: &mut Findings) {
    if graph.steps.is_empty() {
        findings.error("no_steps", "There is no step.");
    }
    let weighs = graph.steps.iter().any(|step| step.weight_milli > 0);
    let mut keys = BTreeSet::new();
    for step in &graph.steps {
        let name = &step.name;
        if !keys.insert(step.key.as_str()) {
            findings.error_at("key_repeated", step, format!("Two steps have the key `{}`.", step.key));
        }
        if name.trim().is_empty() {
            findings.error_at("step_name_missing", step, format!("The step `{}` has no name.", step.key));
        }
        if step.role.trim().is_empty() {
            findings.error_at("role_missing", step, format!("The step {name} has no role."));
        } else if !staffed.contains(&step.role) {
            let message = format!("Nobody active holds the role {} of the step {name}.", step.role);
            findings.warn_at("role_unstaffed", step, message);
        }
        if let Some(role) = step.escalate_role.as_ref().filter(|role| !staffed.contains(*role)) {
            let message = format!("Nobody active holds the role {role}, to which {name} is escalated.");
            findings.warn_at("escalate_role_unstaffed", step, message);
        }
        if weighs && step.weight_milli == 0 {
            findings.warn_at("weight_zero", step, format!("The step {name} has no share of the time, so no target."));
        }
    }
}

fn check_transitions(graph: &Graph, findings: &mut Findings) {
    for way in &graph.transitions {
        match (graph.step(way.from), graph.step(way.to)) {
            (Some(from), Some(_)) if way.from == way.to => {
                findings.error_at("self_loop", from, format!("The transition {} leads to its own step.", way.name));
            }
            (Some(_), Some(_)) => {}
            _ => findings.error("transition_end_missing", format!("The transition {} lacks an end.", way.name)),
        }
    }
}

fn check_ends(graph: &Graph, findings: &mut Findings) {
    let starts: Vec<_> = graph.steps.iter().filter(|step| step.is_start).collect();
    match starts.as_slice() {
        [] if !graph.steps.is_empty() => findings.error("no_start", "No step is the start."),
        [] | [_] => {}
        [_, more @ ..] => {
            for step in more {
                findings.error_at("several_starts", step, format!("{} is a second start.", step.name));
            }
        }
    }
    if !graph.steps.is_empty() && !graph.steps.iter().any(|step| step.is_end) {
        findings.error("no_end", "No step is an end.");
    }
    for step in graph.steps.iter().filter(|step| !step.is_end && graph.outgoing(step.id).next().is_none()) {
        findings.error_at("dead_end", step, format!("{} is no end, and no transition leaves it.", step.name));
    }
}

fn check_ways(graph: &Graph, findings: &mut Findings) {
    let Some(start) = graph.start() else { return };
    let on: Vec<_> = graph.transitions.iter().map(|way| (way.from, way.to)).collect();
    let back: Vec<_> = graph.transitions.iter().map(|way| (way.to, way.from)).collect();
    let reached = reach(&[start.id], &on);
    for step in graph.steps.iter().filter(|step| !reached.contains(&step.id)) {
        findings.error_at("unreachable", step, format!("No way leads from the start to {}.", step.name));
    }
    let ends: Vec<_> = graph.steps.iter().filter(|step| step.is_end).map(|step| step.id).collect();
    if !ends.is_empty() && !ends.iter().any(|end| reached.contains(end)) {
        findings.error("end_unreachable", "No way leads from the start to an end.");
        return;
    }
    let finishing = reach(&ends, &back);
    for step in graph.steps.iter().filter(|step| reached.contains(&step.id) && !finishing.contains(&step.id)) {
        findings.warn_at("no_way_out", step, format!("No way leads from {} to an end.", step.name));
    }
}

/// Every step that can be reached from these along the ways, these included.
fn reach(from: &[Uuid], ways: &[(Uuid, Uuid)]) -> BTreeSet<Uuid> {
    let mut next: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for (from, to) in ways {
        next.entry(*from).or_default().push(*to);
    }
    let mut reached = BTreeSet::new();
    let mut open = from.to_vec();
    while let Some(step) = open.pop() {
        if reached.insert(step) {
            open.extend(next.get(&step).into_iter().flatten());
        }
    }
    reached
}

#[cfg(test)]
mod tests;
