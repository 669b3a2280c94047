use super::*;
use crate::domain::example::{
    ADM, AM1, AM2, APPROVE, COORD, FINALIZE, HOUR, MINUTE, REJECT, RESOLVE, SUBMIT, T0, TRIAGE, act, actor, at_resolve,
    fresh, id, opened, pool,
};
use crate::domain::{Command, Turn, decide};

fn does(case: &Case, who: u128, command: &Command, pool: &Pool, minutes: i64) -> Result<Change, Refusal> {
    let item = u128::try_from(case.items.len()).unwrap() + 1;
    decide(case, command, By::Person(&actor(who)), pool, fresh(minutes, item))
}

fn managers(last: Option<u128>) -> Pool {
    pool("Asset Manager", last, &[AM1, AM2])
}

fn admins() -> Pool {
    pool("Admin", Some(ADM), &[ADM])
}

#[test]
fn the_assignee_begins_once_and_the_task_with_them() {
    let case = opened().case;
    let start = Command::Start { item: id(1) };
    assert_eq!(does(&case, AM1, &start, &Pool::default(), 5), Err(Refusal::Forbidden));
    let change = does(&case, ADM, &start, &Pool::default(), 5).unwrap();
    let item = change.case.open_item().unwrap();
    assert_eq!((item.state, item.started_at), (ItemState::InProgress, Some(T0 + 5 * MINUTE)));
    assert_eq!((change.case.task.state, change.case.task.row_version), (TaskState::InProgress, 2));
    assert_eq!(change.facts, [Fact::Started { item: id(1) }]);
    let again = does(&change.case, ADM, &start, &Pool::default(), 6);
    assert_eq!(again, Err(Refusal::Ended { state: "in_progress" }));
}

#[test]
fn a_transition_ends_one_turn_and_begins_the_next() {
    let change = does(&opened().case, ADM, &act(Some(SUBMIT)), &managers(None), 10).unwrap();
    let (first, second) = (change.case.item(id(1)).unwrap(), change.case.item(id(2)).unwrap());
    assert_eq!((first.state, first.acted_at), (ItemState::Resolved, Some(T0 + 10 * MINUTE)));
    assert_eq!((first.transition, first.notes.as_deref()), (Some(id(SUBMIT)), Some("done")));
    assert_eq!((second.assignee.id, second.step, second.previous), (id(AM1), id(RESOLVE), Some(id(1))));
    assert_eq!(second.due_at, Some(T0 + 10 * MINUTE + 4 * HOUR + 48 * MINUTE));
    assert_eq!(change.case.task.current_step, Some(id(RESOLVE)));
    assert_eq!(change.turns, [Turn { pool_key: "tts/Asset Manager/assign".to_owned(), user: id(AM1) }]);
}

#[test]
fn acting_on_a_new_item_counts_as_beginning_it() {
    let change = does(&opened().case, ADM, &act(Some(SUBMIT)), &managers(None), 10).unwrap();
    let by = actor(ADM).person;
    let facts = [
        Fact::Started { item: id(1) },
        Fact::StepChanged { transition: id(SUBMIT), by },
        Fact::Assigned { item: id(2) },
    ];
    assert_eq!(change.facts, facts);
    let states: Vec<_> = change.events.iter().map(|event| (event.item, event.from, event.to)).collect();
    let history = [
        (id(1), Some(ItemState::New), ItemState::InProgress),
        (id(1), Some(ItemState::InProgress), ItemState::Resolved),
        (id(2), None, ItemState::New),
    ];
    assert_eq!(states, history);
    assert_eq!(change.touched, [id(1)]);
}

#[test]
fn notes_are_required_of_the_holder_and_others_are_refused_first() {
    let case = opened().case;
    let silent = Command::Act { transition: Some(id(SUBMIT)), notes: "  ".to_owned(), row_version: None };
    let refused = does(&case, ADM, &silent, &managers(None), 1).unwrap_err();
    assert!(matches!(refused, Refusal::Invalid { field: "notes", .. }));
    assert_eq!(does(&case, AM1, &silent, &managers(None), 1), Err(Refusal::Forbidden));
}

#[test]
fn a_transition_of_elsewhere_is_refused_with_what_is_allowed() {
    let case = at_resolve();
    let allowed = vec![(Some(id(APPROVE)), "Approve".to_owned()), (Some(id(REJECT)), "Reject".to_owned())];
    let elsewhere = Err(Refusal::Elsewhere { allowed });
    assert_eq!(does(&case, AM1, &act(Some(SUBMIT)), &admins(), 20), elsewhere);
    assert_eq!(does(&case, AM1, &act(None), &admins(), 20), elsewhere);
    let refused = does(&case, AM1, &act(Some(0x99)), &admins(), 20).unwrap_err();
    assert!(matches!(refused, Refusal::Invalid { field: "transition_id", .. }));
}

#[test]
fn a_second_time_is_refused_by_who_holds_it_now() {
    let case = at_resolve();
    assert_eq!(does(&case, ADM, &act(Some(SUBMIT)), &managers(None), 20), Err(Refusal::Forbidden));
}

#[test]
fn a_version_that_is_not_the_present_one_is_refused() {
    let case = opened().case;
    let seen = |row_version| Command::Act { transition: Some(id(SUBMIT)), notes: "n".to_owned(), row_version };
    assert_eq!(does(&case, ADM, &seen(Some(7)), &managers(None), 1), Err(Refusal::Stale { row_version: 1 }));
    assert!(does(&case, ADM, &seen(Some(1)), &managers(None), 1).is_ok());
}

#[test]
fn with_nobody_for_the_next_step_there_is_no_change() {
    let nobody = does(&opened().case, ADM, &act(Some(SUBMIT)), &pool("Asset Manager", None, &[]), 1);
    assert_eq!(nobody, Err(Refusal::Nobody { role: "Asset Manager".to_owned() }));
}

#[test]
fn one_person_can_have_several_turns_also_at_the_same_step() {
    let case = does(&at_resolve(), AM1, &act(Some(REJECT)), &admins(), 20).unwrap().case;
    let case = does(&case, ADM, &act(Some(SUBMIT)), &managers(Some(AM1)), 30).unwrap().case;
    assert_eq!(case.open_item().unwrap().assignee.id, id(AM2));
    let case = does(&case, AM2, &act(Some(APPROVE)), &admins(), 40).unwrap().case;
    let case = does(&case, ADM, &act(None), &Pool::default(), 50).unwrap().case;
    let turns: Vec<_> = case.items.iter().map(|item| (item.assignee.id, item.step)).collect();
    let expected = [(ADM, TRIAGE), (AM1, RESOLVE), (ADM, TRIAGE), (AM2, RESOLVE), (ADM, FINALIZE)];
    assert_eq!(turns, expected.map(|(who, step)| (id(who), id(step))));
    assert!(case.items.iter().all(|item| item.state == ItemState::Resolved));
}

#[test]
fn finishing_completes_the_task_only_at_an_end() {
    let case = does(&at_resolve(), AM1, &act(Some(APPROVE)), &admins(), 20).unwrap().case;
    assert_eq!(actions(&case).iter().map(|action| action.kind).collect::<Vec<_>>(), ["finish"]);
    let change = does(&case, ADM, &act(None), &Pool::default(), 30).unwrap();
    let task = &change.case.task;
    assert_eq!((task.state, task.completed_at), (TaskState::Completed, Some(T0 + 30 * MINUTE)));
    assert_eq!((task.breached_at, change.audit.action), (None, "task.finish"));
    assert!(change.facts.contains(&Fact::Completed { by: actor(ADM).person }));
    let again = does(&change.case, ADM, &act(None), &Pool::default(), 31);
    assert_eq!(again, Err(Refusal::Ended { state: "completed" }));
    assert_eq!(does(&change.case, COORD, &act(None), &Pool::default(), 31), Err(Refusal::Forbidden));
    assert!(actions(&change.case).is_empty() && !can_act(&change.case, id(ADM)));
}

#[test]
fn a_step_that_is_an_end_may_go_on_too() {
    let mut case = at_resolve();
    case.plan.graph.steps.iter_mut().for_each(|step| step.is_end = true);
    let kinds: Vec<_> = actions(&case).iter().map(|action| action.kind).collect();
    assert_eq!(kinds, ["forward", "return", "finish"]);
    assert!(does(&case, AM1, &act(None), &Pool::default(), 20).is_ok());
    assert!(does(&case, AM1, &act(Some(APPROVE)), &admins(), 20).is_ok());
}

#[test]
fn who_acts_late_is_noted_as_late_without_a_look_at_the_clock() {
    let case = at_resolve();
    let change = does(&case, AM1, &act(Some(APPROVE)), &admins(), 9 * 60).unwrap();
    assert_eq!(change.case.item(id(2)).unwrap().breached_at, Some(T0 + 9 * HOUR));
    let done = does(&change.case, ADM, &act(None), &Pool::default(), 10 * 60).unwrap();
    assert_eq!(done.case.task.breached_at, Some(T0 + 10 * HOUR));
    assert_eq!(done.case.item(id(3)).unwrap().breached_at, None);
}

#[test]
fn the_system_ends_a_task_with_its_ticket_and_people_do_not() {
    let cancel = Command::Cancel { reason: "withdrawn".to_owned() };
    let case = at_resolve();
    assert_eq!(does(&case, ADM, &cancel, &Pool::default(), 20), Err(Refusal::Forbidden));
    let change = decide(&case, &cancel, By::System, &Pool::default(), fresh(20, 9)).unwrap();
    let item = change.case.item(id(2)).unwrap();
    assert_eq!((item.state, item.notes.as_deref()), (ItemState::Cancelled, Some("withdrawn")));
    assert_eq!((change.case.task.state, change.case.open_item()), (TaskState::Cancelled, None));
    let assignee = Some(actor(AM1).person);
    assert_eq!(change.facts, [Fact::Cancelled { assignee, reason: "withdrawn".to_owned() }]);
    let again = decide(&change.case, &cancel, By::System, &Pool::default(), fresh(21, 9));
    assert_eq!(again, Err(Refusal::Ended { state: "cancelled" }));
    assert_eq!(change.audit.changes["state"]["new"], "cancelled");
}
