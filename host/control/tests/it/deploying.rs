//! Deploys at once, and what is refused.

use control::{Change, Control, Kind, Order, Outcome};
use rollout::{Digest, ReleaseId};

use crate::bed::{Bed, approve};

#[tokio::test(start_paused = true)]
async fn a_deploy_serves_is_seen_and_is_on_record() {
    let bed = Bed::new().await;
    let id = bed.deploy(bed.order("v2", "now")).await.unwrap();
    let ended = bed.end().await;
    assert_eq!((id, ended.release, ended.outcome), (ReleaseId(2), ReleaseId(2), Outcome::Live));
    let status = bed.engine.status();
    assert_eq!((bed.live(), status.observed), (2, Some(ReleaseId(2))));
    let live = status.live.unwrap();
    assert_eq!((live.release.by.as_str(), live.changed.as_slice()), ("ada", &["shop".to_owned()][..]));
    assert_eq!(*bed.host.retired.lock().unwrap(), [ReleaseId(1)]);
    let audit = bed.engine.audit(10).await.unwrap();
    let line = audit.last().unwrap();
    assert_eq!((line.who.as_str(), line.what.as_str()), ("ada", "deploy"));
    assert_eq!((line.from.as_deref(), line.to.as_deref()), (Some("r1"), Some("r2")));
    assert!(line.detail.contains("shop code"), "{}", line.detail);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_cannot_begin_leaves_everything_as_it_is() {
    let bed = Bed::new().await;
    *bed.host.stage_fails.lock().unwrap() = Some("component `shop` is not ready");
    bed.deploy(bed.order("v2", "now")).await.unwrap();
    let ended = bed.end().await;
    assert_eq!((ended.outcome, ended.why.as_str()), (Outcome::Failed, "component `shop` is not ready"));
    assert_eq!(bed.live(), 1);
    // The lock is free again, and the number is not used twice.
    *bed.host.stage_fails.lock().unwrap() = None;
    assert_eq!(bed.deploy(bed.order("v2", "now")).await.unwrap(), ReleaseId(3));
    let ended = |status: &control::Status| status.ended.as_ref().is_some_and(|ended| ended.release == ReleaseId(3));
    assert_eq!(bed.until(ended).await.ended.unwrap().outcome, Outcome::Live);
    assert_eq!(bed.live(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_an_order_is_said_before_anything_changes() {
    let bed = Bed::new().await;
    let refused = async |order: Order| bed.deploy(order).await.unwrap_err();
    let same = refused(bed.order("v1", "now")).await;
    assert_eq!((same.kind, same.message.as_str()), (Kind::Conflict, "nothing changes: r1 serves just this already"));
    let missing = Change { manifest: Some(Digest::of(b"never sent")), ..Change::default() };
    assert_eq!(refused(Order::of(missing)).await.kind, Kind::Unknown);
    let mut noted = bed.order("v2", "now");
    noted.note = "x".repeat(1_001);
    assert_eq!(refused(noted).await.kind, Kind::Invalid);
    assert_eq!(bed.engine.keep(Digest::of(b"a"), b"b".to_vec()).await.unwrap_err().kind, Kind::Invalid);
    assert_eq!(bed.live(), 1);
    assert!(bed.host.routes.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_new_right_is_approved_by_name_or_not_given() {
    let bed = Bed::new().await;
    let mut order = bed.order("v2", "now");
    bed.host.grants.lock().unwrap().insert(Digest::of(b"v2"), "mail");
    let plan = bed.engine.plan(order.change.clone()).await.unwrap();
    assert_eq!(plan.unapproved, ["shop/grant/mail"]);
    let refusal = bed.deploy(order.clone()).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.details), (Kind::Unapproved, vec!["shop/grant/mail".to_owned()]));
    order.approve = approve(&["shop/grant/mail"]);
    bed.deploy(order).await.unwrap();
    assert_eq!(bed.end().await.outcome, Outcome::Live);
}

#[tokio::test(start_paused = true)]
async fn a_second_deploy_is_refused_while_one_runs() {
    let bed = Bed::new().await;
    bed.deploy(bed.order("v2", "canary")).await.unwrap();
    let refusal = bed.deploy(bed.order("v3", "now")).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Locked);
    assert!(refusal.message.contains("ada"), "{refusal}");
}
