//! Several hosts over one broker, each with its own book: one at a time works a queue, and the next one takes over.

use instances::Rabbit;

use crate::bed::{Attempt, Bed, HOUR_US, SECOND_US, broker, consumer};
use crate::flow::{Flow, Handled, ids};

/// From the start of a bed to the next full hour.
const TO_HOUR_US: i64 = 2800 * SECOND_US;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_is_handled_by_one_of_them_and_in_order() {
    let rabbit = Rabbit::shared();
    let config = broker(rabbit, rabbit.port());
    let handled = Handled::new();
    let (one, two) = (Flow::open(config.clone(), &handled), Flow::open(config, &handled));
    let sent = ids("m", 100);
    for (turn, part) in sent.chunks(10).enumerate() {
        let host = if turn % 2 == 0 { &one } else { &two };
        host.send_in_group(part, Some("group")).await;
        handled.each_once(part).await;
    }
    assert_eq!(handled.ids(), sent);
    one.until(|status| status.depth == 0).await;
    two.until(|status| status.depth == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_host_that_stops_has_not_handled_goes_to_the_other_in_order() {
    let rabbit = Rabbit::shared();
    let config = broker(rabbit, rabbit.port());
    let handled = Handled::new();
    let one = Flow::open(config.clone(), &handled);
    let sent = ids("m", 200);
    let (first, second) = sent.split_at(100);
    one.send_in_group(first, Some("group")).await;
    handled.each_once(&first[..1]).await;
    drop(one.stop().await);
    let two = Flow::open(config, &handled);
    two.send_in_group(second, Some("group")).await;
    handled.each_once(&sent).await;
    assert_eq!(handled.ids(), sent);
}

/// By dropping one host's runtime without a word while it handles a message.
#[tokio::test]
async fn the_message_of_a_host_that_died_is_handled_by_the_other() {
    let rabbit = Rabbit::shared();
    let config = broker(rabbit, rabbit.port());
    let bed = || Bed::at(config.clone(), vec![consumer("worker", "ticket.*")], Vec::new());
    let mut one = bed();
    let runtime = one.run_elsewhere();
    one.publish_all(&["m"]).await;
    let _lost = one.expect("m", 1).await;
    let mut two = bed();
    let _running = two.run();
    runtime.shutdown_background();
    drop(one);
    two.expect("m", 1).await.ack();
    two.until(|status| status.depth == 0).await;
}

#[tokio::test]
async fn a_slot_of_a_schedule_that_all_of_them_keep_is_handled_once() {
    let rabbit = Rabbit::shared();
    let config = broker(rabbit, rabbit.port());
    let hourly = manifest::Cron {
        name: "sweep".into(),
        schedule: "0 * * * *".into(),
        time_zone: "UTC".into(),
        path: "/internal/sweep".into(),
        missed: manifest::MissedRuns::Skip,
    };
    let bed = || Bed::at(config.clone(), Vec::new(), vec![hourly.clone()]);
    let (mut one, two) = (bed(), bed());
    let time = |attempt: &Attempt| attempt.delivery.request().headers()["ce-time"].to_str().unwrap().to_owned();
    let _running = one.run();
    one.forward(TO_HOUR_US);
    let first = one.next().await;
    assert_eq!(time(&first), "2023-11-14T23:00:00Z");
    first.ack();
    one.until(|status| status.depth == 0 && status.handled_total == 1).await;
    let _also_running = two.run();
    two.forward(TO_HOUR_US);
    two.forward(HOUR_US);
    // Behind the other's own firing of that slot, if it had one.
    let next = one.next().await;
    assert_eq!(time(&next), "2023-11-15T00:00:00Z");
    next.ack();
    assert_eq!(two.until(|status| status.depth == 0).await.handled_total, 0);
}
