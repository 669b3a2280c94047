//! The other verbs.

use control::{Outcome, Refusal};
use rollout::RollbackVerdict;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tracing::Level;

use super::{COMPONENT, Host, command, ended};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

async fn on_its_way(host: &Host) {
    host.file("cart.wasm", COMPONENT);
    let ended = host.wharf(&["deploy", "cart", "cart.wasm", "--no-wait", "--strategy", "canary"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("r2 is on its way"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn status_says_what_is_live_and_what_is_on_its_way() {
    let host = Host::start();
    let ended = host.wharf(&["status"]).await;
    assert!(ended.out.starts_with("shop: r1 is live, and was seen serving\n"), "{}", ended.out);
    on_its_way(&host).await;
    host.fake.weighs(25);
    host.fake.change(|status| {
        let rollout = status.rollout.as_mut().unwrap();
        rollout.candidate_counts.requests = 40;
        rollout.candidate_counts.errors = 1;
        rollout.baseline_counts.requests = 1;
    });
    let ended = host.wharf(&["status"]).await;
    for said in
        ["on its way: r2, shift 25 % (step 2 of 4), strategy canary", "40 requests, 1 error", "1 request, 0 errors"]
    {
        assert!(ended.out.contains(said), "{said} in {}", ended.out);
    }
    let document = json(&host.wharf(&["status", "--json"]).await.out);
    assert_eq!(document["rollout"]["weight"], 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watched_status_is_a_document_a_line() {
    let host = Host::start();
    let mut child = host.command(&["status", "--watch", "--json"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(json(&lines.next_line().await.unwrap().unwrap())["sequence"], 1);
    for sequence in 2..5 {
        host.fake.change(|status| status.application.push('!'));
        assert_eq!(json(&lines.next_line().await.unwrap().unwrap())["sequence"], sequence);
    }
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_is_steered_by_one_word() {
    let host = Host::start();
    on_its_way(&host).await;
    for verb in ["pause", "resume", "promote"] {
        let ended = host.wharf(&[verb]).await;
        assert_eq!(ended.code, 0, "{ended:?}");
        assert_eq!(ended.out.contains("paused"), verb == "pause", "{verb}: {}", ended.out);
    }
    let document = json(&host.wharf(&["abort", "--json"]).await.out);
    assert_eq!(document["ended"]["outcome"], "aborted");
    host.fake.refuse(Refusal::new(control::Kind::Conflict, "nothing is on its way"));
    let ended = host.wharf(&["abort"]).await;
    assert_eq!((ended.code, ended.err.trim()), (2, "refused: nothing is on its way"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_is_told_before_it_is_gone() {
    let host = Host::start();
    let ended = host.wharf(&["rollback", "--dry-run"]).await;
    assert_eq!((ended.code, ended.out.trim()), (0, "r2 -> r1: safe"));
    host.fake.judges(RollbackVerdict::Refused("migration 0002 took it away".to_owned()));
    let ended = host.wharf(&["rollback", "r1", "--dry-run"]).await;
    assert_eq!((ended.code, ended.out.trim()), (2, "r2 -> r1: refused, because migration 0002 took it away"));
    host.fake.judges(RollbackVerdict::Loses(vec!["cart.note".to_owned()]));
    let ended = host.wharf(&["rollback", "r1"]).await;
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("loses column cart.note") && ended.err.contains("--accept-loss"), "{}", ended.err);
    let ended = host.wharf(&["rollback", "r1", "--accept-loss"]).await;
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("r1 is live again, and was seen serving"), "{}", ended.out);
    let document = json(&host.wharf(&["rollback", "--json", "--accept-loss"]).await.out);
    assert_eq!(document["done"], true);
    assert_eq!(host.wharf(&["rollback", "12"]).await.code, 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_and_audit_are_tables_or_one_document() {
    let host = Host::start();
    host.fake.ends(Outcome::Live, "");
    on_its_way(&host).await;
    let ended = host.wharf(&["releases"]).await;
    let lines: Vec<_> = ended.out.lines().collect();
    assert!(lines[1].starts_with("* r2 ") && lines[2].starts_with("  r1 "), "{}", ended.out);
    assert!(lines[2].ends_with("cart; back: safe"), "{}", ended.out);
    assert_eq!(json(&host.wharf(&["releases", "--json"]).await.out).as_array().unwrap().len(), 2);
    let ended = host.wharf(&["audit", "--count", "1"]).await;
    assert_eq!(ended.out.trim(), "2023-11-14 22:13:20 UTC  ada            deploy r1 -> r2");
    assert_eq!(json(&host.wharf(&["audit", "--json"]).await.out).as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_are_lines_for_people_or_as_they_are() {
    let host = Host::start();
    let line = r#"{"timestamp":"2026-11-30T02:00:00.123456Z","level":"WARN","message":"out of stock","component":"cart","target":"application","item":7}"#;
    host.operator.logs.keep(Level::WARN, "application", line.as_bytes());
    host.operator.logs.keep(Level::INFO, "application", br#"{"component":"till","message":"x"}"#);
    let ended = host.wharf(&["logs", "cart", "--level", "warn"]).await;
    assert_eq!(ended.out, "2026-11-30 02:00:00 WARN  cart: out of stock item=7\n");
    assert_eq!(host.wharf(&["logs", "--lines", "1", "--json"]).await.out.lines().count(), 1);
    let mut child = host.command(&["logs", "cart", "--follow", "--json"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().unwrap(), line);
    host.operator.logs.keep(Level::INFO, "application", br#"{"component":"cart","message":"again"}"#);
    assert!(lines.next_line().await.unwrap().unwrap().contains("again"));
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_ends_a_command_quietly() {
    let host = Host::start();
    let mut child = host.command(&["status", "--watch"]).spawn().unwrap();
    drop(child.stdout.take());
    host.fake.change(|status| status.application.push('!'));
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_not_there_is_69_and_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    for verb in ["status", "releases", "promote", "rollback", "logs", "audit"] {
        let ended = ended(command(folder.path(), &[verb, "--json"])).await;
        assert_eq!(ended.code, 69, "{verb}: {ended:?}");
        assert!(ended.err.contains(".wharf/admin.sock") && ended.err.contains("--state-dir"), "{ended:?}");
        assert_eq!(json(&ended.out)["error"]["kind"], "unreachable");
    }
    let elsewhere = folder.path().join("there").display().to_string();
    let ended = ended(command(folder.path(), &["status", "--socket", &elsewhere])).await;
    assert!(ended.code == 69 && ended.err.contains(&elsewhere), "{ended:?}");
}
