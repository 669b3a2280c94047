//! The walkthrough's workflow, ticket and people, for tests.

use uuid::Uuid;

use super::*;

/// One hour, in microseconds.
pub(crate) const HOUR: i64 = 3_600_000_000;
/// One minute, in microseconds.
pub(crate) const MINUTE: i64 = HOUR / 60;
/// When it all begins.
pub(crate) const T0: i64 = 1_000 * HOUR;

/// The keys of the steps: triage and finalize by an administrator, resolve by an asset manager.
pub(crate) const TRIAGE: u128 = 0x11;
pub(crate) const RESOLVE: u128 = 0x12;
pub(crate) const FINALIZE: u128 = 0x13;
/// The keys of the ways between them.
pub(crate) const SUBMIT: u128 = 0x21;
pub(crate) const APPROVE: u128 = 0x22;
pub(crate) const REJECT: u128 = 0x23;
/// The keys of people: an administrator, two asset managers, a coordinator, a requester.
pub(crate) const ADM: u128 = 0x31;
pub(crate) const AM1: u128 = 0x41;
pub(crate) const AM2: u128 = 0x42;
pub(crate) const COORD: u128 = 0x51;
pub(crate) const EMP: u128 = 0x61;

pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub(crate) fn person(n: u128) -> Person {
    Person { id: id(n), name: format!("Person {n:x}"), email: format!("p{n:x}@example.org") }
}

pub(crate) fn actor(n: u128) -> Actor {
    Actor { person: person(n), is_admin: n == ADM }
}

pub(crate) fn step(n: u128, name: &str, role: &str, weight_milli: u32) -> Step {
    Step {
        id: id(n),
        key: name.to_lowercase(),
        name: name.to_owned(),
        description: String::new(),
        instruction: format!("How to {name}."),
        role: role.to_owned(),
        escalate_role: Some("Admin".to_owned()),
        weight_milli,
        position: 0,
        is_start: n == TRIAGE,
        is_end: n == FINALIZE,
        x: 0,
        y: 0,
    }
}

pub(crate) fn way(n: u128, name: &str, (from, to): (u128, u128)) -> Transition {
    let kind = if n == REJECT { TransitionKind::Return } else { TransitionKind::Forward };
    Transition { id: id(n), from: id(from), to: id(to), name: name.to_owned(), kind }
}

pub(crate) fn graph() -> Graph {
    Graph {
        steps: vec![
            step(TRIAGE, "Triage", "Admin", 200),
            step(RESOLVE, "Resolve", "Asset Manager", 600),
            step(FINALIZE, "Finalize", "Admin", 200),
        ],
        transitions: vec![
            way(SUBMIT, "Submit", (TRIAGE, RESOLVE)),
            way(APPROVE, "Approve", (RESOLVE, FINALIZE)),
            way(REJECT, "Reject", (RESOLVE, TRIAGE)),
        ],
    }
}

pub(crate) fn sla() -> Sla {
    let hours = |n: i64| Some(n * 3_600);
    Sla { critical_s: hours(4), high_s: hours(8), medium_s: hours(48), low_s: hours(120) }
}

pub(crate) fn plan() -> Plan {
    let workflow = WorkflowRef { id: id(1), name: "Asset Check In".to_owned() };
    Plan { workflow, version_id: id(2), version: 1, sla: sla(), graph: graph() }
}

pub(crate) fn ticket() -> Ticket {
    Ticket {
        id: id(3),
        number: "TX20260309000001".to_owned(),
        subject: "A laptop comes back".to_owned(),
        description: "With its charger.".to_owned(),
        department: "Asset Department".to_owned(),
        category: "Asset Check In".to_owned(),
        sub_category: Some("Check In".to_owned()),
        priority: Priority::High,
        requester: person(EMP),
    }
}

/// A pool of these people, of whom the last had a turn.
pub(crate) fn pool(role: &str, last: Option<u128>, members: &[u128]) -> Pool {
    let members = members.iter().map(|n| person(*n)).collect();
    Pool { key: pool_key("tts", role, ASSIGN), last: last.map(id), members }
}

/// The moment so many minutes after the beginning, and a key for an item.
pub(crate) fn fresh(minutes: i64, item: u128) -> Fresh {
    Fresh { now: T0 + minutes * MINUTE, item: id(item) }
}

/// The task at its beginning: item 1 is the administrator's.
pub(crate) fn opened() -> Change {
    let (ticket, plan) = (ticket(), plan());
    let opening = Opening { task: id(4), ticket: &ticket, plan: &plan, origin: Origin::System };
    let owners = Pool { key: pool_key("hdts", OWNER_ROLE, OWN), last: None, members: vec![person(COORD)] };
    let pools = Pools { owners: vec![Pool::default(), owners], assignees: pool("Admin", None, &[ADM]) };
    open(&opening, &pools, By::System, fresh(0, 1)).unwrap()
}

/// What somebody does at their step.
pub(crate) fn act(transition: Option<u128>) -> Command {
    Command::Act { transition: transition.map(id), notes: "done".to_owned(), row_version: None }
}

/// The task at Resolve: item 2 is the first asset manager's since minute 10.
pub(crate) fn at_resolve() -> Case {
    let pool = pool("Asset Manager", None, &[AM1, AM2]);
    decide(&opened().case, &act(Some(SUBMIT)), By::Person(&actor(ADM)), &pool, fresh(10, 2)).unwrap().case
}
