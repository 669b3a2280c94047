//! People, a graph and a task to try the rules on. Tests only.

use tasks::{
    Case, Graph, Item, ItemState, Origin, Person, Plan, Priority, Sla, Step, Task, TaskState, Ticket, Transition,
    TransitionKind, WorkflowRef,
};
use uuid::Uuid;

use super::{Caller, Right};

/// Somebody with these rights.
pub(crate) fn caller(n: u128, rights: &[Right]) -> Caller {
    Caller { person: person(n), rights: rights.to_vec() }
}

pub(crate) fn id(word: &str) -> Uuid {
    Uuid::from_u128(word.bytes().fold(7, |sum, byte| sum * 257 + u128::from(byte)))
}

pub(crate) fn person(n: u128) -> Person {
    Person { id: Uuid::from_u128(n), name: format!("P{n}"), email: format!("p{n}@example.org") }
}

fn step(key: &str, position: u32) -> Step {
    Step {
        id: id(key),
        key: key.to_owned(),
        name: key.to_uppercase(),
        description: String::new(),
        instruction: format!("Do {key}."),
        role: "Agent".to_owned(),
        escalate_role: Some("Admin".to_owned()),
        weight_milli: 200,
        position,
        is_start: position == 0,
        is_end: key == "finalize",
        x: 0,
        y: 0,
    }
}

fn way(key: &str, from: &str, to: &str, kind: TransitionKind) -> Transition {
    let name = format!("{}{}", key[..1].to_uppercase(), &key[1..]);
    Transition { id: id(key), from: id(from), to: id(to), name, kind }
}

/// Triage -Submit-> Resolve -Approve-> Finalize; Triage -Skip-> Finalize; Resolve -Reject-> Triage.
pub(crate) fn graph() -> Graph {
    Graph {
        steps: vec![step("triage", 0), step("resolve", 1), step("finalize", 2)],
        transitions: vec![
            way("submit", "triage", "resolve", TransitionKind::Forward),
            way("approve", "resolve", "finalize", TransitionKind::Forward),
            way("skip", "triage", "finalize", TransitionKind::Forward),
            way("reject", "resolve", "triage", TransitionKind::Return),
        ],
    }
}

/// A task of requester 1 and owner 2. Each turn is a step, who has it, and the way they chose: none is the open one,
/// `finish` ends the task.
pub(crate) fn case(turns: &[(&str, u128, Option<&str>)]) -> Case {
    let items = turns.iter().zip(0..).map(|((step, who, way), n)| Item {
        id: Uuid::from_u128(1_000 + n),
        step: id(step),
        assignee: person(*who),
        role: "Agent".to_owned(),
        origin: Origin::System,
        state: if way.is_some() { ItemState::Resolved } else { ItemState::New },
        assigned_at: 0,
        clock_start: 0,
        started_at: way.map(|_| 5),
        acted_at: way.map(|_| 10),
        acted_by: way.map(|_| Uuid::from_u128(*who)),
        due_at: Some(100),
        breached_at: None,
        next_alert_at: None,
        transition: way.filter(|way| *way != "finish").map(id),
        notes: way.map(|_| "done".to_owned()),
        previous: None,
    });
    let items: Vec<Item> = items.collect();
    let is_over = turns.last().is_some_and(|(_, _, way)| way.is_some());
    let ticket = Ticket {
        id: id("ticket"),
        number: "TX20260101000001".to_owned(),
        subject: "Laptop".to_owned(),
        description: "It is slow.".to_owned(),
        department: "Asset Department".to_owned(),
        category: "Asset Check In".to_owned(),
        sub_category: None,
        priority: Priority::High,
        requester: person(1),
    };
    let workflow = WorkflowRef { id: id("workflow"), name: "Asset Check In".to_owned() };
    let plan = Plan { workflow, version_id: id("version"), version: 1, sla: Sla::default(), graph: graph() };
    let task = Task {
        id: id("task"),
        current_step: items.last().map(|item| item.step),
        owner: Some(person(2)),
        state: if is_over { TaskState::Completed } else { TaskState::Pending },
        started_at: 0,
        due_at: Some(200),
        completed_at: is_over.then_some(10),
        cancelled_at: None,
        breached_at: None,
        updated_at: 10,
        row_version: 3,
    };
    Case { ticket, plan, task, items }
}
