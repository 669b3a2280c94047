//! What an operator sees of queues and does to them, at the command line beside a running host.

use std::time::Duration;

use serde_json::{Value, json};
use tests::host::Host;
use tests::operator::Operator;
use tests::powers::{self, attempts, sql, until};
use tests::proof::within;
use tests::release::{self, MANIFEST, rows};
use tests::versions::Version;

/// Longest wait for something that happens by itself.
const LIMIT: Duration = Duration::from_secs(30);

/// The queue `work` as the operator sees it.
fn work(operator: &Operator) -> Value {
    let list = operator.run(&["queue", "ls"]).expect(0).json();
    let found = list.as_array().unwrap().iter().find(|view| view["queue"] == "work");
    found.unwrap_or_else(|| panic!("{list:#}")).clone()
}

#[track_caller]
fn until_work(operator: &Operator, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    let seen = within(LIMIT, || {
        last = work(operator);
        wanted(&last)
    });
    assert!(seen, "{what}: {last:#}");
    last
}

/// The application `release`, whose messages are given up after two attempts.
fn soon_given_up(version: &Version) -> (Host, Operator) {
    let manifest = MANIFEST.replace("max_attempts = 50", "max_attempts = 2");
    let host = release::with_manifest(version, &manifest).start();
    let operator = Operator::of(&host.state());
    (host, operator)
}

/// The application `powers`, whose messages say what becomes of them.
fn powers() -> (Host, Operator) {
    let host = powers::builder().start();
    let operator = Operator::of(&host.state());
    (host, operator)
}

fn send(host: &Host, id: &str, body: &Value) {
    let answer = host.client().post("/send", &json!({ "topic": "work.do", "body": body, "id": id })).expect(200).json();
    assert_eq!(answer["id"], id, "{answer}");
}

fn handled(host: &Host) -> Vec<Vec<String>> {
    rows(&host.state(), "SELECT id, handler FROM handled ORDER BY id")
}

/// What the audit log says of queues: what, which queue, how many.
fn audit(operator: &Operator) -> Vec<[String; 3]> {
    let lines = operator.run(&["audit"]).expect(0).json();
    let told = lines.as_array().unwrap().iter().filter(|line| !line["queue"].is_null());
    told.inspect(|line| {
        assert!(!line["who"].as_str().unwrap().is_empty() && line["at_us"].as_u64() > Some(0), "{line}");
    })
    .map(|line| ["what", "queue", "detail"].map(|name| line[name].as_str().unwrap().to_owned()))
    .collect()
}

/// A release whose consumer fails gives its messages up; the next one works, and what was given up is put back.
#[test]
fn dead_letters_are_seen_and_handled_once_the_consumer_works_again() {
    let (host, operator) = soon_given_up(&Version::good("v1").with_failing_worker());
    for id in ["m1", "m2", "m3"] {
        host.client().get(&format!("/work?id={id}")).expect(200);
    }
    let view = until_work(&operator, "all are given up", |view| view["dead"] == 3);
    assert_eq!((&view["component"], &view["depth"], &view["retried_total"]), (&json!("back"), &json!(0), &json!(3)));
    assert_eq!(view["releases"], json!([{ "release": "r1", "waiting": 0, "dead": 3, "handled": 0, "failed": 6 }]));
    assert_eq!(view["rate"]["per_minute"], 0.0, "{view:#}");

    let letters = operator.run(&["queue", "peek", "work", "--limit", "2"]).expect(0).json();
    let letters = letters.as_array().unwrap();
    assert_eq!(letters.len(), 2);
    for letter in letters {
        assert_eq!((&letter["topic"], &letter["source"]), (&json!("work.do"), &json!("front")), "{letter:#}");
        assert_eq!((&letter["release"], &letter["attempts"]), (&json!("r1"), &json!(2)), "{letter:#}");
        assert_eq!((&letter["status"], &letter["reason"]), (&json!(503), &json!("the component answered 503")));
        assert!(letter["response"].as_str().unwrap().contains("worker fails"), "{letter:#}");
        assert!(letter["dead_at_us"].as_u64() >= letter["sent_at_us"].as_u64(), "{letter:#}");
    }

    operator.deploy("back", &Version::good("v2").wasm(), "now").expect(0);
    let told = operator.run(&["queue", "redrive", "work", "m2", "nothing"]).expect(0).json();
    assert_eq!((&told["count"], &told["absent"]), (&json!(1), &json!(["nothing"])), "{told:#}");
    assert!(within(LIMIT, || handled(&host) == [["m2", "v2"]]), "{:?}", handled(&host));
    assert_eq!(operator.run(&["queue", "redrive", "work", "--all"]).expect(0).json()["count"], 2);
    assert!(within(LIMIT, || handled(&host) == [["m1", "v2"], ["m2", "v2"], ["m3", "v2"]]), "{:?}", handled(&host));
    let view = until_work(&operator, "all are settled", |view| view["handled_total"] == 3 && view["depth"] == 0);
    assert_eq!(view["releases"][1]["release"], "r2", "{view:#}");
    assert_eq!(view["releases"][1]["handled"], 3, "{view:#}");
    assert!(view["dead"] == 0 && view["rate"]["per_minute"].as_f64() > Some(0.0), "{view:#}");
    let line = |count: &str| ["queue redrive", "work", count].map(str::to_owned);
    assert_eq!(audit(&operator), [line("1 dead letter"), line("2 dead letters")]);
}

#[test]
fn dead_letters_are_discarded_by_name_or_by_somebody_who_is_sure() {
    let (host, operator) = powers();
    for id in ["a", "b", "c"] {
        send(&host, id, &json!({ "status": 422, "who": "noor.haddan@example.org" }));
    }
    until_work(&operator, "all are given up", |view| view["dead"] == 3);
    let peek = operator.run(&["queue", "peek", "work"]).expect(0);
    assert!(!peek.out.contains("noor.haddan"), "what is personal is not shown unasked: {}", peek.out);
    let letter = operator.run(&["queue", "peek", "work", "--body", "--limit", "1"]).expect(0).json()[0].clone();
    assert!(letter["body"].as_str().unwrap().contains("noor.haddan@example.org"), "{letter:#}");
    assert_eq!(letter["body"].as_str().map(str::len), letter["body_bytes"].as_u64().map(|n| n.try_into().unwrap()));

    assert_eq!(operator.run(&["queue", "discard", "work", "b"]).expect(0).json()["count"], 1);
    let again = operator.run(&["queue", "discard", "work", "b"]).expect(2).json();
    assert_eq!((&again["error"]["kind"], &again["error"]["details"]), (&json!("unknown"), &json!(["b"])), "{again:#}");
    let unsure = operator.run(&["queue", "discard", "work", "--all"]).expect(2);
    assert!(unsure.errors.contains("2 dead letters") && unsure.errors.contains("--yes"), "{}", unsure.errors);
    assert_eq!(work(&operator)["dead"], 2);
    assert_eq!(operator.run(&["queue", "discard", "work", "--all", "--yes"]).expect(0).json()["count"], 2);
    assert_eq!(work(&operator)["dead"], 0);
    let line = |count: &str| ["queue discard", "work", count].map(str::to_owned);
    assert_eq!(audit(&operator), [line("1 dead letter"), line("2 dead letters")]);
}

/// That the paused message is not delivered is shown by a schedule's, which comes due and is handled meanwhile.
#[test]
fn a_paused_queue_accepts_and_waits_also_after_a_restart() {
    let (host, operator) = powers();
    let paused = operator.run(&["queue", "pause", "work"]).expect(0).json();
    assert_eq!((&paused["queue"], &paused["paused"]), (&json!("work"), &json!(true)), "{paused:#}");
    send(&host, "waits", &json!({}));
    let (status, builder) = host.stop();
    assert!(status.success());
    let host = builder.start();
    let client = host.client();
    let ticks = || sql(&client, "SELECT id FROM handled WHERE id LIKE 'tick %'", &[])["rows"].as_array().unwrap().len();
    host.advance_clock(3_600);
    until("the hour has struck", || ticks() == 1);
    let view = work(&operator);
    assert_eq!((&view["paused"], &view["ready"], &view["depth"]), (&json!(true), &json!(1), &json!(1)), "{view:#}");
    assert!(view["oldest_age_s"].as_u64() >= Some(3_600), "{view:#}");
    assert_eq!(attempts(&client, "waits"), 0);
    let resumed = operator.run(&["queue", "resume", "work"]).expect(0).json();
    assert_eq!((&resumed["paused"], &resumed["depth"]), (&json!(false), &json!(1)), "{resumed:#}");
    until("it is handled", || attempts(&client, "waits") == 1);
    assert_eq!(work(&operator)["paused"], false);
    let line = |what: &str, in_it: &str| [what, "work", in_it].map(str::to_owned);
    assert_eq!(audit(&operator), [line("queue pause", "0 messages in it"), line("queue resume", "1 message in it")]);
}

#[test]
fn a_queue_that_is_not_there_is_refused_with_those_that_are() {
    let (host, operator) = powers();
    for arguments in [
        &["peek", "wrok"][..],
        &["redrive", "wrok", "--all"],
        &["redrive", "wrok", "a"],
        &["discard", "wrok", "a"],
        &["discard", "wrok", "--all"],
        &["discard", "wrok", "--all", "--yes"],
        &["pause", "wrok"],
        &["resume", "../wrok ?"],
    ] {
        let refused = operator.run(&[&["queue"], arguments].concat()).expect(2).json();
        assert_eq!(refused["error"]["kind"], "unknown", "{arguments:?}: {refused:#}");
        assert_eq!(refused["error"]["details"], json!(["cron:powers", "work"]), "{arguments:?}: {refused:#}");
    }
    assert_eq!(audit(&operator), Vec::<[String; 3]>::new());
    drop(host);
    operator.run(&["queue", "ls"]).expect(69);
}

/// A release that no longer handles a queue leaves its messages there: they are seen, and can only be thrown away.
#[test]
fn what_nobody_handles_any_more_is_seen_and_can_be_discarded() {
    let (host, operator) = soon_given_up(&Version::good("v1").with_failing_worker());
    host.client().get("/work?id=dead").expect(200);
    until_work(&operator, "it is given up", |view| view["dead"] == 1);
    let without = MANIFEST.lines().filter(|line| !line.starts_with("consume")).collect::<Vec<_>>().join("\n");
    let folder = operator.application(&without, &Version::good("v2").wasm(), &[]);
    operator.run(&["deploy", "--from", &folder, "--strategy", "now"]).expect(0);
    let view = until_work(&operator, "nobody handles it", |view| view["component"].is_null());
    assert_eq!(view["dead"], 1, "{view:#}");
    for verb in [&["pause", "work"][..], &["resume", "work"], &["redrive", "work", "--all"]] {
        let refused = operator.run(&[&["queue"], verb].concat()).expect(2).json();
        assert_eq!(refused["error"]["kind"], "conflict", "{verb:?}: {refused:#}");
    }
    assert_eq!(operator.run(&["queue", "discard", "work", "dead"]).expect(0).json()["count"], 1);
    operator.run(&["queue", "peek", "work"]).expect(2);
}
