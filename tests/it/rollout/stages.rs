//! Releases that never get a request, and those that do and are found out.

use tests::load::{Kind, Load, Plan};
use tests::versions::Version;

use super::{Deploy, builder, good, start, until_ended, until_weight, version};

#[test]
fn a_release_that_does_not_start_never_gets_a_request() {
    let (host, operator) = start(builder());
    let load = Load::start(host.http(), "stages", &Plan { rate: 50.0, ..Plan::default() });
    for (version, words) in
        [(Version::good("v2").never_ready(), "ready"), (Version::good("v3").trapping_at_start(), "")]
    {
        let told = operator.deploy("front", &version.wasm(), "now");
        assert!([1, 2].contains(&told.code), "{version:?}: {told:?}");
        let text = format!("{}{}", told.out, told.errors);
        assert!(text.contains(words), "{version:?}: {text}");
        assert_eq!(operator.live(), "r1");
    }
    let tally = load.stop();
    assert_eq!(tally.failed, 0, "{:?}", tally.examples());
    assert_eq!(tally.versions.keys().collect::<Vec<_>>(), ["v1"]);
    // And a good one is none the worse for it.
    operator.deploy("front", &good("v4"), "now").expect(0);
    assert_eq!(version(&host), "v4");
}

#[test]
fn a_deploy_is_done_when_the_new_release_was_seen_serving() {
    let (host, operator) = start(builder());
    for number in 2..=6 {
        let label = format!("v{number}");
        operator.deploy("front", &good(&label), "now").expect(0);
        assert_eq!(version(&host), label, "the very next request");
        let status = operator.status();
        let live = format!("r{number}");
        assert_eq!((&status["live"]["id"], &status["observed"]), (&live.clone().into(), &live.into()), "{status:#}");
    }
}

#[test]
fn a_release_that_answers_errors_is_rolled_back_by_itself_and_the_reason_is_told() {
    let (host, operator) = start(builder());
    let load = Load::start(host.http(), "errors", &Plan { rate: 200.0, ..Plan::default() });
    let told = operator.deploy("front", &Version::good("bad").with_errors(40).wasm(), "canary").expect(1);
    let [release, outcome, why] = operator.ended();
    assert_eq!((release.as_str(), outcome.as_str()), ("r2", "rolled-back"), "{why}");
    assert!(why.contains("error"), "{why}");
    let text = format!("{}{}", told.out, told.errors);
    assert!(text.contains("error"), "the command says why: {text}");
    let status = operator.status();
    assert_eq!(status["live"]["id"], "r1");
    let decisions = status["decisions"].to_string();
    assert!(decisions.contains("error"), "the log of decisions has the reason: {decisions}");
    let at_us = status["ended"]["at_us"].as_u64().unwrap();
    let tally = load.stop();
    let bad = tally.versions["bad"];
    assert!(bad.last_us < at_us + 1_000_000, "nobody reached it a second after the decision");
    assert!(tally.versions["v1"].failed == 0 && bad.answers < tally.requests / 2, "{:?}", tally.versions);
    assert_eq!(version(&host), "v1");
}

#[test]
fn a_release_whose_consumer_fails_is_rolled_back_and_every_message_is_handled() {
    let (host, operator) = start(builder());
    let plan = Plan { rate: 60.0, mix: vec![(Kind::Work, 1), (Kind::Read, 2)], ..Plan::default() };
    let load = Load::start(host.http(), "worker", &plan);
    operator.deploy("back", &Version::good("bad").with_failing_worker().wasm(), "50,100").expect(1);
    let [_, outcome, why] = operator.ended();
    assert_eq!(outcome, "rolled-back", "{why}");
    assert!(why.contains("message"), "{why}");
    let tally = load.stop();
    assert_eq!(tally.failed, 0, "{:?}", tally.examples());
    let sent = tally.sent.len();
    let handled = || tests::release::rows(&host.state(), "SELECT id FROM handled").len();
    assert!(super::within(super::LIMIT, || handled() >= sent), "{} of {sent}", handled());
    assert_eq!(handled(), sent, "each once");
}

#[test]
fn a_release_that_traps_is_found_out_with_little_traffic() {
    let (host, operator) = start(builder());
    let bad = Version::good("bad").trapping_at("/report").wasm();
    let deploy = Deploy::begin(&operator, "front", &bad, "100");
    // Nobody else asks: three of these are enough.
    until_weight(&operator, 100);
    let client = host.client();
    while operator.status()["rollout"].is_object() {
        client.get("/report");
    }
    deploy.wait().expect(1);
    let ended = until_ended(&operator);
    assert_eq!(ended["outcome"], "rolled-back", "{ended}");
    assert!(ended["why"].as_str().unwrap().contains("fault"), "{ended}");
    assert_eq!(host.client().get("/report").expect(200).text(), "v1");
}
