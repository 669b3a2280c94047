use super::*;
use crate::domain::Right;
use crate::domain::example::{caller, case, id, person};

const NOW: i64 = 50;

#[test]
fn the_holder_sees_what_they_can_do_and_others_only_that_it_is_there() {
    let case = case(&[("triage", 3, Some("submit")), ("resolve", 4, None)]);
    let holder = whole(&case, &caller(4, &[Right::Agent]), NOW);
    assert_eq!(
        (&holder["can_act"], &holder["has_acted"], &holder["can_transfer"]),
        (&json!(true), &json!(false), &json!(false))
    );
    let wanted = json!([
        { "transition_id": id("approve"), "name": "Approve", "kind": "forward",
          "to_step": { "id": id("finalize"), "key": "finalize", "name": "FINALIZE" } },
        { "transition_id": id("reject"), "name": "Reject", "kind": "return",
          "to_step": { "id": id("triage"), "key": "triage", "name": "TRIAGE" } },
    ]);
    assert_eq!(holder["available_actions"], wanted);
    assert_eq!(
        (&holder["item"]["elapsed_percent"], &holder["item"]["instruction"]),
        (&json!(50), &json!("Do resolve."))
    );

    let before = whole(&case, &caller(3, &[Right::Agent]), NOW);
    assert_eq!((&before["can_act"], &before["has_acted"]), (&json!(false), &json!(true)));
    assert_eq!((&before["available_actions"], &before["item"]["assignee"]["name"]), (&json!([]), &json!("P4")));
    let admin = whole(&case, &caller(9, &[Right::TrackingAdmin]), NOW);
    assert_eq!(
        (&admin["can_act"], &admin["can_transfer"], &admin["can_escalate"]),
        (&json!(false), &json!(true), &json!(true))
    );
}

#[test]
fn at_an_end_finishing_is_offered_and_after_it_nothing() {
    let turns = [("triage", 3, Some("skip")), ("finalize", 4, None)];
    let offered = whole(&case(&turns), &caller(4, &[Right::Agent]), NOW)["available_actions"].clone();
    let finish = json!({ "transition_id": null, "name": "Finish FINALIZE", "kind": "finish", "to_step": null });
    assert_eq!(offered, json!([finish]));
    let done = case(&[turns[0], ("finalize", 4, Some("finish"))]);
    let body = whole(&done, &caller(3, &[Right::Agent]), NOW);
    assert_eq!((&body["task"]["state"], &body["item"]["step"]["key"]), (&json!("completed"), &json!("triage")));
    assert_eq!(body["task"]["current_step"], Value::Null);
    assert_eq!((&body["can_act"], &body["item"]["transition"]), (&json!(false), &json!("Skip")));
    assert_eq!(whole(&done, &caller(2, &[Right::Coordinator]), NOW)["item"], Value::Null);
}

#[test]
fn an_item_of_the_past_is_shown_as_it_ended() {
    let mut case = case(&[("triage", 3, Some("submit")), ("resolve", 3, None)]);
    case.items[0].state = ItemState::Escalated;
    let past = by_item(&case, &case.items[0], &caller(3, &[Right::Agent]), NOW);
    let flags = ["can_act", "has_acted", "is_escalated", "is_transferred"].map(|flag| past[flag] == json!(true));
    assert_eq!(flags, [false, false, true, false], "though they hold the open item");
}

#[test]
fn the_log_has_every_item_with_its_own_history() {
    let case = case(&[("triage", 3, Some("submit")), ("resolve", 4, None)]);
    let event = |item: usize, to: ItemState, actor: Option<Person>| ItemEvent {
        item: case.items[item].id,
        at: 0,
        from: None,
        to,
        actor,
        reason: None,
    };
    let events = [event(0, ItemState::New, None), event(1, ItemState::New, Some(person(3)))];
    let log = log(&case, &events, NOW);
    let lines = log["items"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["events"][0]["actor"]), (2, &Value::Null));
    let wanted = json!({
        "at": "1970-01-01T00:00:00.000Z", "from_state": null, "to_state": "new",
        "actor": { "id": person(3).id, "name": "P3" }, "reason": null,
    });
    assert_eq!(lines[1]["events"], json!([wanted]));
}

#[test]
fn progress_names_steps_and_roles_and_no_person() {
    let body = progress(&case(&[("triage", 3, Some("submit")), ("resolve", 4, None)]));
    let node = json!({ "id": id("triage"), "label": "TRIAGE", "role": "Agent", "status": "done" });
    assert_eq!((&body["nodes"][0], &body["task"]["state"]), (&node, &json!("pending")));
    assert!(!body.to_string().contains("P3"));
}
