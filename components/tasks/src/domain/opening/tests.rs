use super::*;
use crate::domain::example::{ADM, COORD, HOUR, MINUTE, T0, TRIAGE, fresh, id, opened, person, plan, pool, ticket};
use crate::domain::{ItemState, OWN, Pool, Turn, pool_key};

fn open_with(plan: &Plan, pools: &Pools) -> Result<Change, Refusal> {
    let ticket = ticket();
    let opening = Opening { task: id(4), ticket: &ticket, plan, origin: Origin::Admin };
    open(&opening, pools, By::System, fresh(0, 1))
}

#[test]
fn a_task_begins_at_the_start_with_an_owner_an_assignee_and_targets() {
    let change = opened();
    let task = &change.case.task;
    assert_eq!((task.state, task.row_version, task.current_step), (TaskState::Pending, 1, Some(id(TRIAGE))));
    assert_eq!((task.started_at, task.due_at), (T0, Some(T0 + 8 * HOUR)));
    assert_eq!(task.owner.as_ref(), Some(&person(COORD)));
    let item = change.case.open_item().unwrap();
    assert_eq!((item.assignee.id, item.role.as_str(), item.origin), (id(ADM), "Admin", Origin::System));
    assert_eq!((item.state, item.due_at), (ItemState::New, Some(T0 + 96 * MINUTE)));
    assert!(change.is_new && change.added == Some(id(1)) && change.touched.is_empty());
}

#[test]
fn it_tells_of_itself_and_then_of_its_assignee_and_notes_whose_turns_it_took() {
    let change = opened();
    assert_eq!(change.facts, [Fact::Created, Fact::Assigned { item: id(1) }]);
    let turns = [
        Turn { pool_key: "hdts/Ticket Coordinator/owner".to_owned(), user: id(COORD) },
        Turn { pool_key: "tts/Admin/assign".to_owned(), user: id(ADM) },
    ];
    assert_eq!(change.turns, turns);
    assert_eq!((change.audit.action, change.audit.actor), ("task.create", None));
}

#[test]
fn coordinators_of_tts_come_before_those_of_hdts() {
    let owners =
        |system: &str, n: u128| Pool { key: pool_key(system, OWNER_ROLE, OWN), last: None, members: vec![person(n)] };
    let pools =
        Pools { owners: vec![owners("tts", 0x77), owners("hdts", COORD)], assignees: pool("Admin", None, &[ADM]) };
    assert_eq!(open_with(&plan(), &pools).unwrap().case.task.owner, Some(person(0x77)));
}

#[test]
fn work_does_not_wait_for_a_coordinator_but_for_somebody_who_does_it() {
    let pools = Pools { owners: vec![], assignees: pool("Admin", None, &[ADM]) };
    let change = open_with(&plan(), &pools).unwrap();
    assert_eq!((change.case.task.owner, change.audit.action), (None, "task.assign"));
    let nobody = open_with(&plan(), &Pools::default());
    assert_eq!(nobody, Err(Refusal::Nobody { role: "Admin".to_owned() }));
}

#[test]
fn the_first_step_is_the_start_wherever_it_stands() {
    let mut plan = plan();
    plan.graph.steps.reverse();
    let pools = Pools { owners: vec![], assignees: pool("Admin", None, &[ADM]) };
    assert_eq!(open_with(&plan, &pools).unwrap().case.task.current_step, Some(id(TRIAGE)));
}

#[test]
fn without_the_priority_s_time_there_is_no_target() {
    let mut plan = plan();
    plan.sla.high_s = None;
    let pools = Pools { owners: vec![], assignees: pool("Admin", None, &[ADM]) };
    let case = open_with(&plan, &pools).unwrap().case;
    let item = case.open_item().unwrap();
    assert_eq!((case.task.due_at, item.due_at, item.next_alert_at), (None, None, None));
}
