//! What an operator can do, and what the host tells of it.

use std::time::Instant;

use serde_json::Value;
use tests::operator::Operator;
use tests::release::MANIFEST;

use super::refusals::count;
use super::{Deploy, builder, good, patient, start, until_ended, until_status, until_weight, version, version_for};

#[test]
fn a_plan_says_what_would_change_and_changes_nothing() {
    let (host, operator) = start(builder());
    let file = operator.file("front.wasm", &good("v2"));
    let plan = operator.run(&["plan", "front", &file]).expect(0).json();
    assert!(plan.to_string().contains("front") && !plan.to_string().contains("\"back\""), "{plan:#}");
    assert_eq!(plan["unapproved"], serde_json::json!([]), "{plan:#}");
    assert_eq!(operator.status()["live"]["id"], "r1");
    assert_eq!(version(&host), "v1");
}

#[test]
fn a_new_right_is_wanted_by_name_before_it_is_given() {
    let (host, operator) = start(builder());
    let more = MANIFEST.replacen(
        "allowed_outbound_hosts = [\"http://back.spin.internal\"]",
        "allowed_outbound_hosts = [\"http://back.spin.internal\", \"https://example.com\"]",
        1,
    );
    let folder = operator.application(&more, &good("v2"), &[]);
    let refused = operator.run(&["deploy", "--from", &folder, "--strategy", "now"]).expect(2);
    let text = format!("{}{}", refused.out, refused.errors);
    assert!(text.contains("example.com") && text.contains("--approve"), "{text}");
    assert_eq!(version(&host), "v1");
    let plan = operator.run(&["plan", "--from", &folder]).expect(0).json();
    let names: Vec<_> = plan["unapproved"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let [name] = names[..] else { panic!("{plan:#}") };
    operator.run(&["deploy", "--from", &folder, "--strategy", "now", "--approve", name]).expect(0);
    assert_eq!(host.client().get("/mix").expect(200).text(), "v2 v2");
}

#[test]
fn a_rollout_is_paused_resumed_and_promoted_to_its_end() {
    let (host, operator) = start(builder());
    let deploy = Deploy::begin(&operator, "front", &good("v2"), "20,60,100");
    until_weight(&operator, 20);
    operator.run(&["pause"]).expect(0);
    until_status(&operator, "paused", |status| status["rollout"]["paused"] == true);
    operator.run(&["promote"]).expect(0);
    until_weight(&operator, 60);
    operator.run(&["resume"]).expect(0);
    until_status(&operator, "resumed", |status| status["rollout"]["paused"] == false);
    operator.run(&["promote"]).expect(0);
    deploy.wait().expect(0);
    assert_eq!(version(&host), "v2");
    let ended = until_ended(&operator);
    assert_eq!((&ended["release"], &ended["outcome"]), (&"r2".into(), &"live".into()), "{ended:#}");
    for verb in ["deploy", "pause", "resume", "promote"] {
        assert!(audit(&operator).iter().any(|line| line["what"].as_str().unwrap().contains(verb)), "{verb}");
    }
}

#[test]
fn an_ended_rollout_takes_everybody_back_at_once() {
    let (host, operator) = start(patient());
    let deploy = Deploy::begin(&operator, "front", &good("v2"), "50,100");
    until_weight(&operator, 50);
    let somebody = (0..100).find(|person| version_for(&host, *person) == "v2").unwrap();
    let begun = Instant::now();
    operator.run(&["abort"]).expect(0);
    assert_eq!(version_for(&host, somebody), "v1");
    assert!(begun.elapsed().as_secs_f64() < 1.0, "within a second");
    deploy.wait().expect(1);
    assert_eq!(until_ended(&operator)["outcome"], "aborted");
    assert_eq!(operator.live(), "r1");
    // The way is free for the next.
    operator.deploy("front", &good("v3"), "now").expect(0);
    assert_eq!(version(&host), "v3");
}

#[test]
fn a_way_back_is_taken_within_a_second_and_without_a_build() {
    let (host, operator) = start(builder());
    for label in ["v2", "v3"] {
        operator.deploy("front", &good(label), "now").expect(0);
    }
    let back = |arguments: &[&str], expected: &str| {
        let begun = Instant::now();
        operator.run(arguments).expect(0);
        assert_eq!(version(&host), expected, "{arguments:?}");
        assert!(begun.elapsed().as_secs_f64() < 1.0, "{arguments:?} within a second");
    };
    back(&["rollback"], "v2");
    back(&["rollback", "r3"], "v3");
    back(&["rollback", "r1"], "v1");
    let dry = operator.run(&["rollback", "r3", "--dry-run"]).expect(0).json();
    assert_eq!((&dry["to"], &dry["done"]), (&"r3".into(), &false.into()), "{dry:#}");
    assert_eq!(version(&host), "v1");
}

#[test]
fn releases_are_listed_with_the_one_that_serves_and_the_last_twenty_are_kept() {
    let (host, operator) = start(builder());
    // Two files in turn: what is compiled once stays compiled.
    for number in 2..=23 {
        operator.deploy("front", &good(if number % 2 == 0 { "even" } else { "odd" }), "now").expect(0);
    }
    let releases = operator.run(&["releases"]).expect(0).json();
    assert_eq!(count(&releases), 20, "{releases:#}");
    let list = releases.as_array().or_else(|| releases["releases"].as_array()).unwrap();
    let id = |release: &Value| release["id"].as_str().unwrap().to_owned();
    assert_eq!((id(&list[0]), id(&list[19])), ("r23".to_owned(), "r4".to_owned()));
    let live: Vec<_> = list.iter().filter(|release| release["live"] == true).map(id).collect();
    assert_eq!(live, ["r23"]);
    operator.run(&["rollback", "r3"]).expect(2);
    operator.run(&["rollback", "r4"]).expect(0);
    assert_eq!(version(&host), "even");
}

#[test]
fn what_was_deployed_serves_after_a_restart_and_after_a_crash() {
    let (host, operator) = start(builder());
    operator.deploy("front", &good("v2"), "now").expect(0);
    let host = host.kill().start();
    assert_eq!((version(&host), operator.live()), ("v2".to_owned(), "r2".to_owned()));
    let (status, builder) = host.stop();
    assert!(status.success());
    let host = builder.start();
    assert_eq!((version(&host), operator.live()), ("v2".to_owned(), "r2".to_owned()));
    operator.run(&["rollback"]).expect(0);
    assert_eq!(version(&host), "v1");
    let host = host.kill().start();
    assert_eq!(version(&host), "v1");
}

#[test]
fn every_action_leaves_a_line_with_who_and_what_and_from_which_to_which() {
    let (_host, operator) = start(builder());
    operator.deploy("front", &good("v2"), "now").expect(0);
    operator.run(&["rollback"]).expect(0);
    let lines = audit(&operator);
    for (what, from, to) in [("deploy", "r1", "r2"), ("rollback", "r2", "r1")] {
        let line = lines.iter().find(|line| {
            let (own, to_own) = (line["what"].as_str().unwrap_or_default(), line["to"].as_str().unwrap_or_default());
            own.contains(what) && to_own.contains(to)
        });
        let line = line.unwrap_or_else(|| panic!("{what} to {to}: {lines:#?}"));
        assert!(line["from"].as_str().is_some_and(|own| own.contains(from)), "{line}");
        assert!(!line["who"].as_str().unwrap_or_default().is_empty(), "{line}");
        assert!(line["at_us"].as_u64().is_some_and(|at| at > 0), "{line}");
    }
    let token = operator.token();
    assert!(!format!("{lines:?}").contains(&token), "no secret");
}

fn audit(operator: &Operator) -> Vec<Value> {
    let text = std::fs::read_to_string(operator.state().join("audit.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
