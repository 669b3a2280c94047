//! Promise 13: schedules. The clock stands at 22:13:20 when a bed begins.

use std::sync::Arc;

use manifest::{Cron, MissedRuns};
use queue::{Error, QueueProvider};

use crate::bed::{Attempt, Bed, Engine, HOUR_US, SECOND_US, on_every_engine};

const MINUTE_US: i64 = 60 * SECOND_US;
/// From the start of a bed to the next full hour.
const TO_HOUR_US: i64 = 46 * MINUTE_US + 40 * SECOND_US;

fn hourly(missed: MissedRuns) -> Cron {
    Cron {
        name: "sweep".into(),
        schedule: "0 * * * *".into(),
        time_zone: "UTC".into(),
        path: "/internal/sweep".into(),
        missed,
    }
}

/// A bed that has fired its first slot, 23:00, and stopped.
async fn stopped(engine: Engine, missed: MissedRuns) -> Bed {
    let mut bed = Bed::with(engine, Vec::new(), vec![hourly(missed)]);
    let running = bed.run();
    bed.forward(TO_HOUR_US);
    let first = bed.next().await;
    assert_eq!(slot(&first), "2023-11-14T23:00:00Z");
    first.ack();
    bed.until(|status| status.depth == 0 && status.handled_total == 1).await;
    bed.shutdown.cancel();
    running.finished().await;
    bed
}

/// The slot of a firing, after a look at the rest of its request.
fn slot(attempt: &Attempt) -> String {
    let request = attempt.delivery.request();
    let header = |name: &str| request.headers()[name].to_str().expect("ascii").to_owned();
    assert_eq!((request.method(), request.uri().path()), (&http::Method::POST, "/internal/sweep"));
    assert_eq!((header("x-wharf-cron"), header("ce-type")), ("sweep".to_owned(), "wharf.cron".to_owned()));
    assert_eq!((header("x-wharf-queue"), header("ce-source")), ("cron:tickets".to_owned(), "/wharf/cron".to_owned()));
    header("ce-time")
}

async fn each_slot_fires_exactly_once_across_restarts(engine: Engine) {
    let mut bed = Bed::with(engine, Vec::new(), vec![hourly(MissedRuns::Once)]);
    for hour in ["2023-11-14T23:00:00Z", "2023-11-15T00:00:00Z", "2023-11-15T01:00:00Z"] {
        let running = bed.run();
        bed.forward(if hour.contains("23:00") { TO_HOUR_US } else { HOUR_US });
        let firing = bed.next().await;
        assert_eq!(slot(&firing), hour);
        firing.ack();
        bed.until(|status| status.depth == 0 && status.handled_total == 1).await;
        bed.shutdown.cancel();
        running.finished().await;
        // The clock still stands on the slot: a restart must not fire it again.
        bed = bed.reopen();
    }
    let _running = bed.run();
    bed.forward(HOUR_US);
    assert_eq!(slot(&bed.next().await), "2023-11-15T02:00:00Z");
}

async fn missed_runs_are_skipped_where_the_manifest_says_so(engine: Engine) {
    let mut bed = stopped(engine, MissedRuns::Skip).await;
    bed.forward(3 * HOUR_US + MINUTE_US);
    bed = bed.reopen();
    let _running = bed.run();
    bed.forward(HOUR_US);
    assert_eq!(slot(&bed.next().await), "2023-11-15T03:00:00Z");
}

async fn missed_runs_are_made_up_for_by_one(engine: Engine) {
    let mut bed = stopped(engine, MissedRuns::Once).await;
    bed.forward(3 * HOUR_US + MINUTE_US);
    bed = bed.reopen();
    let _running = bed.run();
    let made_up = bed.next().await;
    assert_eq!(slot(&made_up), "2023-11-15T02:00:00Z");
    made_up.ack();
    bed.until(|status| status.depth == 0).await;
    bed.forward(HOUR_US);
    assert_eq!(slot(&bed.next().await), "2023-11-15T03:00:00Z");
}

async fn missed_runs_are_made_up_for_one_by_one_in_order(engine: Engine) {
    let mut bed = stopped(engine, MissedRuns::All).await;
    bed.forward(3 * HOUR_US + MINUTE_US);
    bed = bed.reopen();
    let _running = bed.run();
    for hour in ["2023-11-15T00:00:00Z", "2023-11-15T01:00:00Z", "2023-11-15T02:00:00Z"] {
        let firing = bed.next().await;
        assert_eq!(slot(&firing), hour);
        firing.ack();
    }
    bed.until(|status| status.depth == 0).await;
}

async fn at_most_a_hundred_missed_runs_are_made_up_for(engine: Engine) {
    let mut bed = stopped(engine, MissedRuns::All).await;
    bed.queue.pause("cron:tickets").await.unwrap();
    bed.forward(1000 * HOUR_US);
    bed = bed.reopen();
    let _running = bed.run();
    bed.until(|status| status.depth == 100).await;
    bed.queue.resume("cron:tickets").await.unwrap();
    for _ in 0..100 {
        bed.next().await.ack();
    }
    bed.until(|status| status.depth == 0 && status.handled_total == 100).await;
}

async fn a_failed_firing_is_tried_again_as_the_same_slot(engine: Engine) {
    let mut bed = Bed::with(engine, Vec::new(), vec![hourly(MissedRuns::Once)]);
    let _running = bed.run();
    bed.forward(TO_HOUR_US);
    bed.next().await.status(503);
    bed.until(|status| status.delayed == 1).await;
    bed.forward(SECOND_US);
    let again = bed.next().await;
    assert_eq!((slot(&again).as_str(), again.delivery.attempt), ("2023-11-14T23:00:00Z", 2));
    again.ack();
    bed.until(|status| status.depth == 0).await;
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let wrong = Cron { schedule: "61 * * * *".into(), ..hourly(MissedRuns::Once) };
    let crons = vec![("tickets".to_owned(), wrong)];
    let opened = QueueProvider::open_with_cron(&dir.path().join("q"), Arc::new(|| 0), Vec::new(), crons);
    let Err(Error::Config { what, problem }) = opened.map(drop) else { panic!("it opened") };
    assert_eq!(what, "schedule sweep of tickets");
    assert_eq!(problem, "minute `61` is not within 0 to 59, in rising order");
}

on_every_engine! {
    each_slot_fires_exactly_once_across_restarts,
    missed_runs_are_skipped_where_the_manifest_says_so,
    missed_runs_are_made_up_for_by_one,
    missed_runs_are_made_up_for_one_by_one_in_order,
    at_most_a_hundred_missed_runs_are_made_up_for,
    a_failed_firing_is_tried_again_as_the_same_slot,
}
