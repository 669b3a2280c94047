//! The workflows: their graphs, target times and instructions. Five are published; the sixth is a draft that no check
//! lets through.

use std::sync::LazyLock;

use uuid::Uuid;

use crate::key::{Kind, key};
use crate::person::{ASSETS, BUDGETS, IT};
use crate::ticket::Priority;

mod instruction;

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;

/// Seconds from the approval of a ticket to the target of its task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Targets {
    /// For critical tickets.
    pub critical_s: i64,
    /// For high ones.
    pub high_s: i64,
    /// For medium ones.
    pub medium_s: i64,
    /// For low ones.
    pub low_s: i64,
}

/// The same in every workflow.
pub const TARGETS: Targets =
    Targets { critical_s: 4 * HOUR_S, high_s: 8 * HOUR_S, medium_s: 2 * DAY_S, low_s: 5 * DAY_S };

impl Targets {
    /// Seconds for tickets of this priority.
    pub const fn seconds(self, priority: Priority) -> i64 {
        match priority {
            Priority::Critical => self.critical_s,
            Priority::High => self.high_s,
            Priority::Medium => self.medium_s,
            Priority::Low => self.low_s,
        }
    }
}

/// One step of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The key in the database.
    pub key: Uuid,
    /// The key within the graph.
    pub word: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub description: &'static str,
    /// What the assignee is to do.
    pub instruction: &'static str,
    /// Role in system `tts` that works on it.
    pub role: &'static str,
    /// Its share of the time, in thousandths.
    pub weight_milli: u32,
    /// Whether work begins here.
    pub is_start: bool,
    /// Whether work may end here.
    pub is_end: bool,
    /// Where the editor draws it.
    pub at: (i32, i32),
}

/// The role that takes over from any step.
pub const ESCALATE_ROLE: &str = "Admin";

/// A way from one step to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The key in the database.
    pub key: Uuid,
    /// The word of the step it leaves.
    pub from: &'static str,
    /// The word of the step it reaches.
    pub to: &'static str,
    /// What the button says.
    pub name: &'static str,
    /// Whether it leads back.
    pub is_return: bool,
}

/// A workflow with its only version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    /// The key in the database.
    pub key: Uuid,
    /// The key of its version.
    pub version: Uuid,
    /// Its name for people.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub description: &'static str,
    /// The department it works for.
    pub department: &'static str,
    /// The category of tickets it takes.
    pub category: &'static str,
    /// The sub-category; any if absent.
    pub sub_category: Option<&'static str>,
    /// Whether it takes tickets; else it is a draft.
    pub is_published: bool,
    /// Its steps, the first one first.
    pub steps: Vec<Step>,
    /// Its transitions.
    pub transitions: Vec<Transition>,
}

impl Workflow {
    /// The step with this word.
    pub fn step(&self, word: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.word == word)
    }

    /// Seconds that an assignment on this step has for a ticket of this priority: its share by weight.
    pub fn seconds(&self, step: &Step, priority: Priority) -> i64 {
        let total: i64 = self.steps.iter().map(|step| i64::from(step.weight_milli)).sum();
        TARGETS.seconds(priority) * i64::from(step.weight_milli) / total.max(1)
    }
}

/// All six, the broken draft last.
pub fn workflows() -> &'static [Workflow] {
    static ALL: LazyLock<Vec<Workflow>> = LazyLock::new(all);
    &ALL
}

fn all() -> Vec<Workflow> {
    vec![
        three_steps(1, "Asset Check In", (ASSETS, "Asset Check In", Some("Check In")), "Asset Manager"),
        three_steps(2, "Asset Check Out", (ASSETS, "Asset Check Out", Some("Check Out")), "Asset Manager"),
        three_steps(
            3,
            "New Budget Proposal",
            (BUDGETS, "New Budget Proposal", Some("Budget Approval")),
            "Budget Manager",
        ),
        one_step(),
        three_steps(5, "IT Software Installation", (IT, "Others", None), "Agent"),
        broken_draft(),
    ]
}

/// Department, category and sub-category.
type Matches = (&'static str, &'static str, Option<&'static str>);

fn workflow(number: u16, name: &'static str, (department, category, sub_category): Matches) -> Workflow {
    Workflow {
        key: key(Kind::Workflow, number, 0),
        version: key(Kind::Version, number, 1),
        name,
        description: instruction::purpose(number),
        department,
        category,
        sub_category,
        is_published: true,
        steps: Vec::new(),
        transitions: Vec::new(),
    }
}

/// Word, name, description, role and weight of a step.
type Sketch = (&'static str, &'static str, &'static str, &'static str, u32);

fn step(number: u16, place: u16, (word, name, description, role, weight_milli): Sketch) -> Step {
    Step {
        key: key(Kind::Step, number, place),
        word,
        name,
        description,
        instruction: instruction::of(word, role),
        role,
        weight_milli,
        is_start: false,
        is_end: false,
        at: (80 + 280 * (i32::from(place) - 1), 120),
    }
}

fn transition(number: u16, place: u16, (from, to): (&'static str, &'static str), name: &'static str) -> Transition {
    Transition { key: key(Kind::Transition, number, place), from, to, name, is_return: false }
}

/// Triage, the work itself, and the end; the work may be sent back to triage.
fn three_steps(number: u16, name: &'static str, matches: Matches, role: &'static str) -> Workflow {
    let triage = ("triage", "Triage", "Is everything there that the work needs?", "Admin", 200);
    let resolve = ("resolve", "Resolve", "The work itself.", role, 600);
    let finalize = ("finalize", "Finalize", "The result is confirmed and the requester told.", "Admin", 200);
    Workflow {
        steps: vec![
            Step { is_start: true, ..step(number, 1, triage) },
            step(number, 2, resolve),
            Step { is_end: true, ..step(number, 3, finalize) },
        ],
        transitions: vec![
            transition(number, 1, ("triage", "resolve"), "Submit"),
            transition(number, 2, ("resolve", "finalize"), "Approve"),
            Transition { is_return: true, ..transition(number, 3, ("resolve", "triage"), "Reject") },
        ],
        ..workflow(number, name, matches)
    }
}

/// The first step is also the last.
fn one_step() -> Workflow {
    let provision = ("provision", "Provision", "Access is granted, or refused with a reason.", "Agent", 1_000);
    Workflow {
        steps: vec![Step { is_start: true, is_end: true, ..step(4, 1, provision) }],
        ..workflow(4, "IT Access Request", (IT, "IT Support", Some("Access Request")))
    }
}

/// For the validator: one step that nothing leaves and that is no end, one that nothing reaches.
fn broken_draft() -> Workflow {
    let triage = ("triage", "Triage", "Is everything there that the work needs?", "Admin", 200);
    let inspect = ("inspect", "Inspect", "Nothing leads on from here.", "Agent", 600);
    let archive = ("archive", "Archive", "Nothing leads here.", "Admin", 200);
    Workflow {
        is_published: false,
        steps: vec![
            Step { is_start: true, ..step(6, 1, triage) },
            step(6, 2, inspect),
            Step { is_end: true, at: (360, 320), ..step(6, 3, archive) },
        ],
        transitions: vec![transition(6, 1, ("triage", "inspect"), "Submit")],
        ..workflow(6, "Hardware Repair (draft)", (IT, "IT Support", Some("Hardware Troubleshooting")))
    }
}
