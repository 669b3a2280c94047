use super::*;
use crate::domain::example::{FINALIZE, HOUR, MINUTE, RESOLVE, T0, TRIAGE, at_resolve, id, plan, sla};

/// Hours and minutes that a step gets of a high priority's eight hours.
fn share(plan: &Plan, step: u128) -> Option<(i64, i64)> {
    let step = plan.graph.step(id(step)).unwrap();
    item_due(plan, step, Priority::High, T0).map(|due| ((due - T0) / HOUR, (due - T0) % HOUR / MINUTE))
}

#[test]
fn a_task_has_the_time_of_its_priority() {
    assert_eq!(task_due(&sla(), Priority::High, T0), Some(T0 + 8 * HOUR));
    assert_eq!(task_due(&sla(), Priority::Critical, T0), Some(T0 + 4 * HOUR));
    assert_eq!(task_due(&sla(), Priority::Medium, T0), Some(T0 + 48 * HOUR));
    assert_eq!(task_due(&sla(), Priority::Low, T0), Some(T0 + 120 * HOUR));
    assert_eq!(task_due(&Sla::default(), Priority::High, T0), None);
}

#[test]
fn steps_share_eight_hours_by_weight() {
    let plan = plan();
    assert_eq!(share(&plan, TRIAGE), Some((1, 36)));
    assert_eq!(share(&plan, RESOLVE), Some((4, 48)));
    assert_eq!(share(&plan, FINALIZE), Some((1, 36)));
}

#[test]
fn equal_weights_and_no_weights_share_equally() {
    for weight in [500, 0] {
        let mut plan = plan();
        plan.graph.steps.iter_mut().for_each(|step| step.weight_milli = weight);
        assert_eq!(share(&plan, RESOLVE), Some((2, 40)), "{weight}");
    }
}

#[test]
fn one_step_without_weight_has_no_target() {
    let mut plan = plan();
    plan.graph.steps.iter_mut().filter(|step| step.id == id(TRIAGE)).for_each(|step| step.weight_milli = 0);
    assert_eq!(share(&plan, TRIAGE), None);
    assert_eq!(share(&plan, RESOLVE), Some((6, 0)));
}

#[test]
fn the_more_urgent_have_less_time() {
    let set = |critical_s, high_s, medium_s, low_s| Sla { critical_s, high_s, medium_s, low_s };
    assert!(sla().is_ordered());
    assert!(Sla::default().is_ordered());
    assert!(set(Some(1), None, Some(2), None).is_ordered());
    assert!(!set(Some(2), None, None, Some(2)).is_ordered());
    assert!(!set(None, Some(5), Some(4), Some(9)).is_ordered());
    assert!(!set(Some(0), None, None, None).is_ordered());
}

/// The item of the first asset manager: 4 h 48 m from minute 10.
fn item() -> Item {
    at_resolve().open_item().unwrap().clone()
}

fn at_percent(item: &Item, percent: i64) -> i64 {
    item.clock_start + (item.due_at.unwrap() - item.clock_start) * percent / 100
}

fn look(item: &Item, told: &[u32], percent: i64) -> (Option<u32>, Vec<u32>, bool) {
    let alarm = alarm(item, told, at_percent(item, percent)).unwrap();
    (alarm.tell, alarm.reached, alarm.is_breach)
}

#[test]
fn each_level_is_told_when_it_is_reached_and_never_again() {
    let item = item();
    assert_eq!(item.next_alert_at, Some(at_percent(&item, 80)));
    assert_eq!(look(&item, &[], 79), (None, vec![], false));
    assert_eq!(look(&item, &[], 80), (Some(80), vec![80], false));
    assert_eq!(look(&item, &[80], 85), (None, vec![80], false));
    assert_eq!(look(&item, &[80], 90), (Some(90), vec![80, 90], false));
    assert_eq!(look(&item, &[80, 90], 100), (Some(100), vec![80, 90, 100], true));
    assert_eq!(look(&item, &[80, 90, 100], 300), (None, vec![80, 90, 100], true));
}

#[test]
fn a_late_look_tells_only_the_highest_level() {
    let item = item();
    assert_eq!(look(&item, &[], 95), (Some(90), vec![80, 90], false));
    assert_eq!(look(&item, &[80], 150), (Some(100), vec![80, 90, 100], true));
}

#[test]
fn the_next_look_is_at_the_next_level_until_none_is_left() {
    let item = item();
    let next = |percent| alarm(&item, &[], at_percent(&item, percent)).unwrap().next_alert_at;
    assert_eq!(next(80), Some(at_percent(&item, 90)));
    assert_eq!(next(95), item.due_at);
    assert_eq!(next(100), None);
}

#[test]
fn levels_reached_before_the_item_was_assigned_are_not_told_to_its_new_holder() {
    let mut item = item();
    item.assigned_at = at_percent(&item, 85);
    assert_eq!(look(&item, &[], 86), (None, vec![], false));
    assert_eq!(look(&item, &[], 90), (Some(90), vec![90], false));
    item.assigned_at = at_percent(&item, 120);
    assert_eq!(look(&item, &[], 130), (None, vec![], false));
}

#[test]
fn elapsed_time_stops_when_somebody_acted() {
    let mut item = item();
    assert_eq!(elapsed_percent(&item, at_percent(&item, 50)), Some(50));
    assert_eq!(elapsed_percent(&item, at_percent(&item, 250)), Some(250));
    assert_eq!(elapsed_percent(&item, 0), Some(0));
    item.acted_at = Some(at_percent(&item, 60));
    assert_eq!(elapsed_percent(&item, at_percent(&item, 250)), Some(60));
    item.due_at = None;
    assert_eq!(elapsed_percent(&item, T0), None);
}
