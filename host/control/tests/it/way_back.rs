//! Going back to what has served before.

use control::{Control, Kind, Outcome};
use rollout::{Applied, ReleaseId, RollbackVerdict};

use crate::bed::{Bed, migration};

async fn two_releases() -> Bed {
    let bed = Bed::new().await;
    bed.deploy(bed.order("v2", "now")).await.unwrap();
    bed.end().await;
    bed
}

fn applied(name: &str, sql: &str) -> Applied {
    Applied { component: "shop".to_owned(), name: name.to_owned(), sql: sql.to_owned() }
}

#[tokio::test(start_paused = true)]
async fn the_one_before_serves_again_at_once() {
    let bed = two_releases().await;
    let view = bed.engine.rollback(None, false, false, "ada".to_owned()).await.unwrap();
    assert_eq!((view.from, view.to, view.done), (Some(ReleaseId(2)), ReleaseId(1), true));
    assert_eq!((bed.live(), bed.last_route()), (1, (ReleaseId(1), None)));
    // And forward again, to a release by its number.
    bed.engine.rollback(Some(ReleaseId(2)), false, false, "ada".to_owned()).await.unwrap();
    assert_eq!(bed.live(), 2);
    let kinds: Vec<_> = bed.engine.audit(2).await.unwrap().into_iter().map(|line| line.what).collect();
    assert_eq!(kinds, ["rollback", "rollback"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_way_back_loses_is_said_before_and_must_be_accepted() {
    let bed = two_releases().await;
    *bed.host.applied.lock().unwrap() =
        vec![applied("0002_due.expand.sql", "alter table orders add column due integer")];
    let dry = bed.engine.rollback(None, true, false, "ada".to_owned()).await.unwrap();
    assert_eq!((dry.done, &dry.verdict), (false, &RollbackVerdict::Loses(vec!["orders.due".to_owned()])));
    let refusal = bed.engine.rollback(None, false, false, "ada".to_owned()).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Unapproved);
    assert!(refusal.message.contains("column orders.due") && refusal.message.contains("--accept-loss"), "{refusal}");
    assert_eq!(bed.live(), 2);
    bed.engine.rollback(None, false, true, "ada".to_owned()).await.unwrap();
    assert_eq!(bed.live(), 1);
}

#[tokio::test(start_paused = true)]
async fn there_is_no_way_back_over_what_was_taken_away() {
    let bed = two_releases().await;
    *bed.host.applied.lock().unwrap() = vec![applied("0003_x.contract.sql", "alter table orders drop column old")];
    let refusal = bed.engine.rollback(None, false, true, "ada".to_owned()).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Conflict);
    assert!(refusal.message.contains("0003_x.contract.sql"), "{refusal}");
    assert_eq!(bed.live(), 2);
    let releases = bed.engine.releases().await.unwrap();
    assert!(matches!(releases[1].rollback, Some(RollbackVerdict::Refused(_))) && releases[0].live);
}

#[tokio::test(start_paused = true)]
async fn unknown_and_live_releases_are_refused() {
    let bed = two_releases().await;
    for (target, kind) in [(9, Kind::Unknown), (2, Kind::Conflict)] {
        let refusal = bed.engine.rollback(Some(ReleaseId(target)), false, false, "ada".to_owned()).await.unwrap_err();
        assert_eq!(refusal.kind, kind, "{refusal}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_old_version_needed_is_taken_away_once_it_is_gone() {
    let bed = Bed::new().await;
    let mut order = bed.order("v2", "now");
    let file = migration(&bed.store, "0002_old.contract.sql", "alter table orders drop column old");
    order.change.migrations.insert("shop".to_owned(), vec![file]);
    order.approve = crate::bed::approve(&["shop/migration/0002_old.contract.sql"]);
    bed.deploy(order).await.unwrap();
    assert_eq!(bed.end().await.outcome, Outcome::Live);
    bed.engine.stop().await;
    assert_eq!(*bed.host.contracted.lock().unwrap(), [ReleaseId(2)]);
}
