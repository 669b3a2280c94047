//! What the hook is told.

use control::SideView;
use rollout::Strategy;

use super::*;

fn rollout(candidate: u64, phase: Phase, weight: u8) -> RolloutView {
    RolloutView {
        candidate: ReleaseId(candidate),
        phase,
        strategy: Strategy::Canary,
        weights: vec![5, 25, 50, 100],
        step: 0,
        weight,
        paused: false,
        since_us: 1,
        step_since_us: 1,
        verdict: "pass".to_owned(),
        candidate_counts: SideView::default(),
        baseline_counts: SideView::default(),
    }
}

fn ended(release: u64, outcome: Outcome) -> Ended {
    Ended { release: ReleaseId(release), outcome, why: "because".to_owned(), at_us: release }
}

fn between(before: (Option<RolloutView>, Option<Ended>), now: (Option<RolloutView>, Option<Ended>)) -> Vec<String> {
    let status = |(rollout, ended)| Status { rollout, ended, ..Status::default() };
    let events = events(&status(before), &status(now));
    let text = |event: &Event| {
        let weight = event.weight.map(|weight| format!(" {weight}")).unwrap_or_default();
        format!("{:?} {}{weight}", event.event, event.release).to_lowercase()
    };
    events.iter().map(text).collect()
}

#[test]
fn every_event_is_told_once() {
    let [staged, first, second] = [(Phase::Stage, 0), (Phase::Shift, 5), (Phase::Shift, 25)]
        .map(|(phase, weight)| Some(rollout(2, phase, weight)));
    assert_eq!(between((None, None), (staged.clone(), None)), ["started r2 0"]);
    assert_eq!(between((staged.clone(), None), (staged.clone(), None)), [""; 0]);
    assert_eq!(between((staged, None), (first.clone(), None)), ["step r2 5"]);
    assert_eq!(between((first.clone(), None), (second, None)), ["step r2 25"]);
    for (outcome, name) in [
        (Outcome::Live, "live"),
        (Outcome::RolledBack, "rolledback"),
        (Outcome::Aborted, "aborted"),
        (Outcome::Failed, "failed"),
        (Outcome::Interrupted, "failed"),
    ] {
        let end = Some(ended(2, outcome));
        assert_eq!(between((first.clone(), None), (None, end.clone())), [format!("{name} r2")]);
        assert_eq!(between((None, end.clone()), (None, end)), [""; 0]);
    }
}

#[test]
fn what_went_by_too_fast_to_be_seen_is_told_too() {
    let live = |release| Some(ended(release, Outcome::Live));
    assert_eq!(between((None, live(1)), (None, live(2))), ["started r2", "live r2"]);
    let next = Some(rollout(3, Phase::Stage, 0));
    let former = Some(rollout(2, Phase::Shift, 100));
    assert_eq!(between((former.clone(), live(1)), (next, live(2))), ["live r2", "started r3 0"]);
    // It still finishes what the former one began.
    assert_eq!(between((former, live(1)), (Some(rollout(2, Phase::Retire, 100)), live(2))), ["live r2"]);
}

#[test]
fn a_live_release_that_is_undone_did_not_begin_just_then() {
    let live: control::ReleaseView = serde_json::from_value(serde_json::json!({
        "version": 1, "id": "r2", "created_at_us": 1, "manifest": "0".repeat(64), "components": {}, "changed": [],
        "live": true,
    }))
    .unwrap();
    let before = Status { live: Some(live), ended: Some(ended(2, Outcome::Live)), ..Status::default() };
    let now = Status { ended: Some(ended(2, Outcome::RolledBack)), ..Status::default() };
    let told: Vec<_> = events(&before, &now).iter().map(|event| event.event).collect();
    assert_eq!(told, [What::RolledBack]);
}

#[tokio::test]
async fn the_program_reads_the_event_and_nothing_of_the_hosts_environment() {
    let dir = tempfile::tempdir().unwrap();
    let (program, file) = (dir.path().join("hook"), dir.path().join("told"));
    let script = format!("#!/bin/sh\ncat > {0}\nenv >> {0}\n", file.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let status = Status { application: "shop".to_owned(), ..Status::default() };
    let event = event(&status, What::RolledBack, ReleaseId(2), "too many errors".to_owned());
    start(&program, &event).await.unwrap();
    let told = std::fs::read_to_string(&file).unwrap();
    let (document, environment) = told.split_once('\n').unwrap();
    assert_eq!(
        document,
        r#"{"event":"rolled-back","application":"shop","release":"r2","live":null,"why":"too many errors"}"#
    );
    assert!(!environment.contains("CARGO") && environment.contains("PATH="), "{environment}");
}

#[tokio::test]
async fn a_program_that_fails_or_is_none_is_said() {
    let event = event(&Status::default(), What::Live, ReleaseId(2), String::new());
    assert!(start(Path::new("/bin/false"), &event).await.unwrap_err().contains("exit status: 1"));
    assert!(start(Path::new("/no/such/hook"), &event).await.unwrap_err().contains("No such file"));
    // It does not read what it is told, and that is its own affair.
    start(Path::new("/bin/true"), &event).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_program_that_hangs_is_ended_after_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("hook");
    std::fs::write(&program, "#!/bin/sh\nexec tail -f /dev/null\n").unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let began = tokio::time::Instant::now();
    tell(program, event(&Status::default(), What::Live, ReleaseId(2), String::new())).await;
    assert!(began.elapsed() >= LIMIT);
}
