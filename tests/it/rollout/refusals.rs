//! What bad input gets: one sentence that says what to do, before anything changed.

use std::os::unix::fs::symlink;

use tests::host::Host;
use tests::operator::{Operator, Told};
use tests::paths;
use tests::versions::Version;

use super::{Deploy, builder, good, patient, start, until_weight, version};

/// The command was refused with all these words, and what served goes on serving.
#[track_caller]
fn refused(host: &Host, operator: &Operator, told: Told, words: &[&str]) {
    let told = told.expect(2);
    let text = format!("{}{}", told.out, told.errors);
    let lower = text.to_lowercase();
    for word in words {
        assert!(lower.contains(word), "`{word}` in: {text}");
    }
    assert!(!lower.contains("panicked") && !lower.contains("caused by"), "a sentence for people: {text}");
    unchanged(host, operator);
}

#[track_caller]
fn unchanged(host: &Host, operator: &Operator) {
    let status = operator.status();
    assert_eq!((&status["live"]["id"], &status["rollout"]), (&"r1".into(), &().into()), "{status:#}");
    let releases = operator.run(&["releases"]).expect(0).json();
    assert_eq!(count(&releases), 1, "{releases:#}");
    assert_eq!(version(host), "v1");
}

/// Releases in the answer of `wharf releases --json`, which is a list or has one.
pub(super) fn count(releases: &serde_json::Value) -> usize {
    let list = releases.as_array().or_else(|| releases["releases"].as_array());
    list.unwrap_or_else(|| panic!("{releases}")).len()
}

#[test]
fn a_file_that_is_no_component_is_refused() {
    let (host, operator) = start(builder());
    let whole = good("v2");
    for (what, wasm, words) in [
        ("a text", b"hello, world".to_vec(), &["component"][..]),
        ("an empty file", Vec::new(), &["component"]),
        ("a core module", b"\0asm\x01\0\0\0".to_vec(), &["component"]),
        ("a truncated file", whole[..whole.len() / 2].to_vec(), &[]),
        ("a component of another world", b"\0asm\x0d\0\x01\0".to_vec(), &["wasi:http"]),
    ] {
        let told = operator.deploy("front", &wasm, "now");
        assert_eq!(told.code, 2, "{what}: {told:?}");
        refused(&host, &operator, told, words);
    }
}

#[test]
fn a_file_whose_digest_is_not_the_promised_one_is_refused() {
    let (host, operator) = start(builder());
    let file = operator.file("front.wasm", &good("v2"));
    let expected = "0".repeat(64);
    let told = operator.run(&["deploy", "front", &file, "--strategy", "now", "--expect", &expected]);
    refused(&host, &operator, told, &["digest"]);
}

#[test]
fn an_import_that_is_not_granted_is_refused_by_its_name() {
    let (host, operator) = start(builder());
    let powers = std::fs::read(paths::guest("powers")).unwrap();
    refused(&host, &operator, operator.deploy("front", &powers, "now"), &["wharf:blob", "grant"]);
}

#[test]
fn nobody_deploys_to_a_component_that_is_not_there_or_a_file_that_is_not() {
    let (host, operator) = start(builder());
    refused(&host, &operator, operator.deploy("nobody", &good("v2"), "now"), &["nobody"]);
    let told = operator.run(&["deploy", "front", "/nowhere/front.wasm"]);
    assert!(told.code != 0 && told.errors.contains("/nowhere/front.wasm"), "{told:?}");
    unchanged(&host, &operator);
}

#[test]
fn the_same_file_again_changes_nothing_and_says_so() {
    let (host, operator) = start(builder());
    refused(&host, &operator, operator.deploy("front", &good("v1"), "now"), &[]);
}

#[test]
fn a_strategy_that_is_none_is_refused() {
    let (host, operator) = start(builder());
    for strategy in ["later", "50,25,100", "5,50", "0,0,100", ""] {
        let told = operator.deploy("front", &good("v2"), strategy);
        assert!([2, 64].contains(&told.code), "{strategy}: {told:?}");
        assert!(!told.errors.is_empty() || !told.out.is_empty(), "{strategy} says nothing");
    }
    unchanged(&host, &operator);
}

#[test]
fn an_unknown_release_is_refused() {
    let (host, operator) = start(builder());
    refused(&host, &operator, operator.run(&["rollback", "r99"]), &["r99", "wharf releases"]);
    let told = operator.run(&["rollback", "ninety-nine"]);
    assert!([2, 64].contains(&told.code), "{told:?}");
    unchanged(&host, &operator);
}

#[test]
fn a_second_deploy_while_one_runs_is_refused_and_the_first_goes_on() {
    let (host, operator) = start(patient());
    let first = Deploy::begin(&operator, "front", &good("v2"), "50,100");
    until_weight(&operator, 50);
    let told = operator.deploy("back", &good("v3"), "now").expect(75);
    let text = format!("{}{}", told.out, told.errors);
    assert!(text.contains("under way") && text.contains("abort"), "{text}");
    operator.run(&["promote"]).expect(0);
    until_weight(&operator, 100);
    operator.run(&["promote"]).expect(0);
    first.wait().expect(0);
    assert_eq!(version(&host), "v2");
    assert_eq!(host.client().get("/mix").expect(200).text(), "v2 v1", "the second one left nothing");
}

#[test]
fn what_is_not_under_way_is_neither_promoted_nor_paused_nor_ended() {
    let (host, operator) = start(builder());
    for verb in ["promote", "pause", "resume", "abort"] {
        refused(&host, &operator, operator.run(&[verb]), &[]);
    }
    refused(&host, &operator, operator.run(&["rollback"]), &[]);
}

/// The name of the temporary file of the store, and that of the journal, lead to a device that is always full.
#[test]
fn a_full_disk_refuses_the_deploy_and_nothing_has_changed() {
    let (host, operator) = start(builder());
    for place in ["releases/partial", "journal.new"] {
        symlink("/dev/full", host.state().join(place)).unwrap();
        let told = operator.deploy("front", &good("v2"), "now");
        assert!([1, 2].contains(&told.code), "{place}: {told:?}");
        let text = format!("{}{}", told.out, told.errors);
        assert!(text.contains("disk is full") && text.contains("free some space"), "{place}: {text}");
        assert_eq!(version(&host), "v1");
        let status = operator.status();
        assert_eq!((&status["live"]["id"], &status["rollout"]), (&"r1".into(), &().into()), "{place}: {status:#}");
    }
    // The device is out of the way now: there is space.
    operator.deploy("front", &good("v2"), "now").expect(0);
    assert_eq!(version(&host), "v2");
}

#[test]
fn a_host_that_is_not_there_is_told_apart_from_a_refusal() {
    let (host, operator) = start(builder());
    let (status, _builder) = host.stop();
    assert!(status.success());
    for verb in [&["status"][..], &["releases"], &["rollback"]] {
        let told = operator.run(verb).expect(69);
        assert!(!format!("{}{}", told.out, told.errors).is_empty());
    }
    operator.deploy("front", &Version::good("v2").wasm(), "now").expect(69);
}
