use serde_json::Value;

use super::*;
use crate::domain::example::{ADM, AM1, AM2, SUBMIT, act, actor, at_resolve, fresh, id, opened, pool};
use crate::domain::{By, Command, Pool, decide};

fn sent(change: &Change) -> Vec<(String, Value)> {
    let messages = messages(change).unwrap();
    for message in &messages {
        assert_eq!(message.subject.as_deref(), Some("TX20260309000001"));
        assert_eq!(message.group_key.as_deref(), Some("TX20260309000001"));
    }
    messages.into_iter().map(|it| (it.topic, serde_json::from_slice(&it.body).unwrap())).collect()
}

fn topics(change: &Change) -> Vec<String> {
    sent(change).into_iter().map(|(topic, _)| topic).collect()
}

#[test]
fn a_new_task_tells_of_its_owner_and_its_first_assignee() {
    let messages = sent(&opened());
    assert_eq!((messages[0].0.as_str(), messages[1].0.as_str()), ("task.created", "task.assigned"));
    assert_eq!(messages[0].1["task"]["owner"]["name"], "Person 51");
    assert_eq!((&messages[1].1["origin"], &messages[1].1["step"]), (&"System".into(), &"Triage".into()));
}

#[test]
fn each_step_tells_what_happened_in_order() {
    let managers = pool("Asset Manager", None, &[AM1, AM2]);
    let moved = decide(&opened().case, &act(Some(SUBMIT)), By::Person(&actor(ADM)), &managers, fresh(10, 2)).unwrap();
    assert_eq!(topics(&moved), ["task.started", "task.step_changed", "task.assigned"]);
    let up = Command::Escalate { item: id(2), reason: "r".to_owned() };
    let admins = pool("Admin", None, &[ADM]);
    let escalated = decide(&at_resolve(), &up, By::Person(&actor(AM1)), &admins, fresh(20, 3)).unwrap();
    assert_eq!(topics(&escalated), ["task.escalated", "task.assigned"]);
    assert_eq!(sent(&escalated)[0].1["to_role"], "Admin");
    let cancel = Command::Cancel { reason: "r".to_owned() };
    let cancelled = decide(&at_resolve(), &cancel, By::System, &Pool::default(), fresh(20, 3)).unwrap();
    assert_eq!(topics(&cancelled), ["task.cancelled"]);
}

#[test]
fn the_target_itself_is_a_breach_and_the_levels_before_are_warnings() {
    let case = at_resolve();
    let item = case.open_item().unwrap();
    let topic = |level| alert(&case, item, level, 5).unwrap().map(|message| message.topic);
    assert_eq!(topic(80).as_deref(), Some("sla.warning"));
    assert_eq!(topic(90).as_deref(), Some("sla.warning"));
    assert_eq!(topic(100).as_deref(), Some("sla.breached"));
}
