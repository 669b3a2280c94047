//! Gradual rollouts: good ones, bad ones, and what an operator does to them.

use control::{Control, Kind, Outcome, Phase, Verb};
use rollout::ReleaseId;

use crate::bed::Bed;

#[tokio::test(start_paused = true)]
async fn a_good_release_goes_through_every_weight() {
    let bed = Bed::new().await;
    *bed.host.traffic.lock().unwrap() = Some(rollout::Outcome::Good);
    bed.deploy(bed.order("v2", "canary")).await.unwrap();
    assert_eq!(bed.end().await.outcome, Outcome::Live);
    assert_eq!(bed.weights(), [5, 25, 50, 100]);
    assert_eq!((bed.live(), bed.last_route()), (2, (ReleaseId(2), None)));
    let decisions = bed.engine.status().decisions;
    let words: Vec<_> = decisions.iter().map(|decision| decision.what.as_str()).collect();
    assert_eq!(words, ["r1 live", "r2 staged", "weight 5", "weight 25", "weight 50", "weight 100", "r2 live"]);
}

#[tokio::test(start_paused = true)]
async fn a_bad_release_is_undone_by_itself_and_says_why() {
    for outcome in [rollout::Outcome::Fault, rollout::Outcome::Error] {
        let bed = Bed::new().await;
        *bed.host.traffic.lock().unwrap() = Some(outcome);
        bed.deploy(bed.order("v2", "canary")).await.unwrap();
        let ended = bed.end().await;
        assert_eq!(ended.outcome, Outcome::RolledBack, "{ended:?}");
        assert!(ended.why.contains("shop"), "{}", ended.why);
        assert_eq!((bed.live(), bed.last_route()), (1, (ReleaseId(1), None)));
        assert_eq!(*bed.host.retired.lock().unwrap(), [ReleaseId(2)]);
        assert_eq!(bed.engine.audit(1).await.unwrap()[0].what, "automatic rollback");
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_that_was_deployed_at_once_is_undone_when_it_fails_everybody() {
    let bed = Bed::new().await;
    *bed.host.traffic.lock().unwrap() = Some(rollout::Outcome::Fault);
    bed.deploy(bed.order("v2", "now")).await.unwrap();
    bed.until(|status| status.ended.as_ref().is_some_and(|ended| ended.outcome == Outcome::RolledBack)).await;
    assert_eq!((bed.live(), bed.last_route()), (1, (ReleaseId(1), None)));
}

#[tokio::test(start_paused = true)]
async fn with_nobody_there_the_host_asks_itself() {
    let bed = Bed::new().await;
    bed.deploy(bed.order("v2", "canary")).await.unwrap();
    assert_eq!(bed.end().await.outcome, Outcome::Live);
    assert!(*bed.host.probed.lock().unwrap() > 500, "{}", bed.host.probed.lock().unwrap());
}

#[tokio::test(start_paused = true)]
async fn an_operator_holds_promotes_and_ends_a_rollout() {
    let bed = Bed::new().await;
    *bed.host.traffic.lock().unwrap() = Some(rollout::Outcome::Good);
    let act = async |verb| bed.engine.act(verb, "bob".to_owned()).await;
    assert_eq!(act(Verb::Pause).await.unwrap_err().kind, Kind::Conflict);
    bed.deploy(bed.order("v2", "5,50,100")).await.unwrap();
    let shifting = |status: &control::Status| {
        status.rollout.as_ref().is_some_and(|one| one.phase == Phase::Shift && one.weight == 5)
    };
    bed.until(shifting).await;
    act(Verb::Pause).await.unwrap();
    tokio::time::advance(std::time::Duration::from_hours(1)).await;
    bed.until(|status| status.rollout.as_ref().is_some_and(|one| one.paused && one.weight == 5)).await;
    act(Verb::Resume).await.unwrap();
    act(Verb::Promote).await.unwrap();
    bed.until(|status| status.rollout.as_ref().is_some_and(|one| one.weight >= 50)).await;
    act(Verb::Abort).await.unwrap();
    let ended = bed.end().await;
    assert_eq!((ended.outcome, ended.why.as_str()), (Outcome::Aborted, "bob aborted it"));
    assert_eq!(bed.live(), 1);
}
