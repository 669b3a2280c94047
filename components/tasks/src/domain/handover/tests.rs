use super::*;
use crate::domain::example::{
    ADM, AM1, AM2, COORD, HOUR, RESOLVE, SUBMIT, T0, act, actor, at_resolve, fresh, id, opened, person, pool,
};
use crate::domain::{Command, Need, Turn, decide, needs};

fn escalates(case: &Case, who: u128, item: u128, pool: &Pool) -> Result<Change, Refusal> {
    let command = Command::Escalate { item: id(item), reason: "over my head".to_owned() };
    decide(case, &command, By::Person(&actor(who)), pool, fresh(60, 0xE0 + item))
}

fn transfers(case: &Case, who: u128, item: u128, to: &[u128]) -> Result<Change, Refusal> {
    let command = Command::Transfer { item: id(item), user: id(AM2), notes: "yours".to_owned() };
    let members = to.iter().map(|n| person(*n)).collect();
    let pool = Pool { members, ..Pool::default() };
    decide(case, &command, By::Person(&actor(who)), &pool, fresh(70, 0xF0 + item))
}

fn admins() -> Pool {
    pool("Admin", None, &[ADM])
}

#[test]
fn an_item_goes_up_at_the_same_step_with_the_same_target() {
    let case = at_resolve();
    let command = Command::Escalate { item: id(2), reason: "r".to_owned() };
    assert_eq!(needs(&case, &command), Need::Role("Admin".to_owned()));
    let change = escalates(&case, AM1, 2, &admins()).unwrap();
    let (old, new) = (change.case.item(id(2)).unwrap(), change.case.open_item().unwrap());
    assert_eq!((old.state, old.notes.as_deref()), (ItemState::Escalated, Some("over my head")));
    assert_eq!((new.assignee.id, new.origin, new.role.as_str()), (id(ADM), Origin::Escalation, "Admin"));
    assert_eq!((new.step, new.due_at, new.clock_start), (id(RESOLVE), old.due_at, old.assigned_at));
    assert_eq!((new.assigned_at, new.previous), (T0 + HOUR, Some(id(2))));
    assert_eq!(change.case.task.current_step, Some(id(RESOLVE)));
    let (by, reason) = (person(AM1), "over my head".to_owned());
    let up = Fact::Escalated { from: id(2), to: new.id, by, reason };
    assert_eq!(change.facts, [up, Fact::Assigned { item: new.id }]);
    assert_eq!(change.turns, [Turn { pool_key: "tts/Admin/assign".to_owned(), user: id(ADM) }]);
}

#[test]
fn the_holder_and_an_administrator_may_escalate() {
    let case = at_resolve();
    assert!(escalates(&case, ADM, 2, &pool("Admin", None, &[0x99])).is_ok());
    assert_eq!(escalates(&case, AM2, 2, &admins()), Err(Refusal::Forbidden));
    assert_eq!(escalates(&case, COORD, 2, &admins()), Err(Refusal::Forbidden));
    let item = case.open_item().unwrap();
    assert!(can_escalate(&case, item, &actor(AM1)) && !can_escalate(&case, item, &actor(AM2)));
}

#[test]
fn an_item_goes_up_once() {
    let case = escalates(&at_resolve(), AM1, 2, &admins()).unwrap().case;
    assert_eq!(escalates(&case, AM1, 2, &admins()), Err(Refusal::Ended { state: "escalated" }));
    let up = case.open_item().unwrap();
    let again = decide(
        &case,
        &Command::Escalate { item: up.id, reason: "r".to_owned() },
        By::Person(&actor(ADM)),
        &pool("Admin", None, &[0x99]),
        fresh(80, 9),
    );
    assert_eq!(again, Err(Refusal::Escalated));
    assert!(!can_escalate(&case, up, &actor(ADM)));
}

#[test]
fn a_role_goes_up_once_for_each_task_also_at_another_item() {
    let case = escalates(&at_resolve(), AM1, 2, &admins()).unwrap().case;
    let item = case.open_item().unwrap().id;
    let back = Command::Act { transition: Some(id(0x23)), notes: "n".to_owned(), row_version: None };
    let case = decide(&case, &back, By::Person(&actor(ADM)), &admins(), fresh(90, 5)).unwrap().case;
    assert_ne!(case.open_item().unwrap().id, item);
    let managers = pool("Asset Manager", None, &[AM1, AM2]);
    let case = decide(&case, &act(Some(SUBMIT)), By::Person(&actor(ADM)), &managers, fresh(95, 6)).unwrap().case;
    assert_eq!(escalates(&case, AM1, 6, &admins()), Err(Refusal::Escalated));
}

#[test]
fn nobody_above_a_blank_reason_and_no_role_to_go_up_to_are_refused() {
    let mut case = at_resolve();
    let role = "Admin".to_owned();
    assert_eq!(escalates(&case, AM1, 2, &pool("Admin", None, &[])), Err(Refusal::Nobody { role: role.clone() }));
    assert_eq!(escalates(&case, AM1, 2, &pool("Admin", None, &[AM1])), Err(Refusal::Nobody { role }));
    let silent = Command::Escalate { item: id(2), reason: " ".to_owned() };
    let refused = decide(&case, &silent, By::Person(&actor(AM1)), &admins(), fresh(60, 9)).unwrap_err();
    assert!(matches!(refused, Refusal::Invalid { field: "reason", .. }));
    case.plan.graph.steps.iter_mut().for_each(|step| step.escalate_role = None);
    assert_eq!(escalates(&case, AM1, 2, &admins()), Err(Refusal::NoEscalation));
}

#[test]
fn an_administrator_gives_an_item_to_somebody_else() {
    let case = at_resolve();
    assert_eq!(transfers(&case, AM1, 2, &[AM2]), Err(Refusal::Forbidden));
    let change = transfers(&case, ADM, 2, &[AM2]).unwrap();
    let (old, new) = (change.case.item(id(2)).unwrap(), change.case.open_item().unwrap());
    assert_eq!((old.state, old.acted_by), (ItemState::Reassigned, Some(id(ADM))));
    assert_eq!((new.assignee.id, new.origin, new.role.as_str()), (id(AM2), Origin::Transferred, "Asset Manager"));
    assert_eq!((new.due_at, new.clock_start, new.state), (old.due_at, old.clock_start, ItemState::New));
    assert!(change.turns.is_empty());
    let (by, notes) = (person(ADM), "yours".to_owned());
    let moved = Fact::Transferred { from: id(2), to: new.id, by, notes };
    assert_eq!(change.facts, [moved, Fact::Assigned { item: new.id }]);
    assert_eq!(transfers(&change.case, ADM, 2, &[AM2]), Err(Refusal::Ended { state: "reassigned" }));
}

#[test]
fn a_transfer_needs_somebody_other_who_is_there() {
    let case = at_resolve();
    for to in [&[][..], &[AM1]] {
        let refused = transfers(&case, ADM, 2, to).unwrap_err();
        assert!(matches!(refused, Refusal::Invalid { field: "user_id", .. }), "{to:?}");
    }
}

#[test]
fn a_missed_target_stays_missed_in_other_hands() {
    let case = at_resolve();
    let command = Command::Transfer { item: id(2), user: id(AM2), notes: "late".to_owned() };
    let pool = Pool { members: vec![person(AM2)], ..Pool::default() };
    let case = decide(&case, &command, By::Person(&actor(ADM)), &pool, fresh(600, 3)).unwrap().case;
    let new = case.open_item().unwrap();
    assert_eq!((new.breached_at, new.next_alert_at), (Some(new.assigned_at), None));
}

#[test]
fn what_has_not_begun_can_change_hands_too() {
    let case = opened().case;
    let item = case.open_item().unwrap();
    assert!(can_transfer(&case, item, &actor(ADM)) && !can_transfer(&case, item, &actor(AM1)));
    assert!(transfers(&case, ADM, 1, &[AM2]).is_ok());
}
