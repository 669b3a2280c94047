//! What a tired person reads.

use std::collections::BTreeMap;

use rollout::{Decision, Digest, Release, Strategy};

use super::*;

fn view(id: u64, live: bool) -> ReleaseView {
    let release = Release {
        version: 1,
        id: ReleaseId(id),
        parent: None,
        created_at_us: 1_700_000_000_000_000,
        by: "ada".to_owned(),
        note: "darker buttons".to_owned(),
        manifest: Digest::of(b""),
        components: BTreeMap::new(),
    };
    ReleaseView { release, changed: vec!["cart".to_owned()], live, rollback: None }
}

fn full() -> Status {
    let side = |requests, errors| SideView {
        requests,
        errors,
        faults: errors / 2,
        p95_ms: 12.4,
        messages: errors,
        failures: 0,
    };
    Status {
        sequence: 7,
        application: "shop".to_owned(),
        live: Some(view(12, true)),
        observed: Some(ReleaseId(12)),
        rollout: Some(RolloutView {
            candidate: ReleaseId(13),
            phase: Phase::Shift,
            strategy: Strategy::Canary,
            weights: vec![5, 25, 50, 100],
            step: 1,
            weight: 25,
            paused: true,
            since_us: 1_700_000_060_000_000,
            step_since_us: 1_700_000_090_000_000,
            verdict: "not enough data: 41 of 100 requests".to_owned(),
            candidate_counts: side(41, 2),
            baseline_counts: side(123, 0),
        }),
        ended: Some(Ended {
            release: ReleaseId(11),
            outcome: Outcome::RolledBack,
            why: "3 faults in 20 requests".to_owned(),
            at_us: 1_699_990_000_000_000,
        }),
        retiring: BTreeMap::from([("r10".to_owned(), 1)]),
        decisions: vec![Decision {
            at_us: 1_700_000_090_000_000,
            what: "weight 25".to_owned(),
            why: "enough data, no difference".to_owned(),
        }],
    }
}

#[test]
fn a_status_says_what_is_live_and_what_is_on_its_way_and_why() {
    insta::assert_snapshot!(status(&full()));
}

#[test]
fn a_rollout_fits_one_line() {
    insta::assert_snapshot!(progress(&full(), ReleaseId(13)));
    assert_eq!(progress(&full(), ReleaseId(9)), "r9  waiting to be seen serving");
    assert_eq!(
        stage(&full(), ReleaseId(13)),
        "shift 25 % (step 2 of 4), paused: `wharf promote`, `resume` or `abort` not enough data"
    );
}

#[test]
fn a_host_without_a_release_says_so() {
    let status = Status { application: "shop".to_owned(), ..Status::default() };
    assert_eq!(super::status(&status), "shop: nothing was ever deployed");
    let unseen = Status { observed: Some(ReleaseId(11)), ..full() };
    assert!(super::status(&unseen).starts_with("shop: r12 is live, but r11 is what was last seen serving"));
}

#[test]
fn an_empty_plan_is_a_sentence() {
    let view = PlanView { plan: rollout::Plan::default(), unapproved: Vec::new(), live: Some(ReleaseId(3)) };
    assert_eq!(plan(&view), "nothing differs from r3");
}

#[test]
fn a_line_of_the_log_is_legible_and_anything_else_is_left_alone() {
    let line = r#"{"timestamp":"2026-11-30T02:00:00.1Z","level":"INFO","message":"request","target":"access","status":200,"path":"/"}"#;
    assert_eq!(log(line), "2026-11-30 02:00:00 INFO  access: request path=/ status=200");
    assert_eq!(log("not json"), "not json");
}

#[test]
fn moments_are_in_utc_and_nonsense_is_a_dash() {
    assert_eq!(time(1_700_000_000_000_000), "2023-11-14 22:13:20 UTC");
    assert_eq!(time(u64::MAX), "-");
}
