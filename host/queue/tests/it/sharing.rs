//! Several hosts with one book on a server, with a broker and without: what one leaves the others take up.

use manifest::{Cron, MissedRuns};
use queue::Selection;

use crate::bed::{Attempt, Bed, Engine, HOUR_US, Place, SECOND_US, consumer, in_time, message, on_shared_engines};
use crate::flow::{Flow, Handled, ids};

/// From the start of a bed to the next full hour.
const TO_HOUR_US: i64 = 2800 * SECOND_US;

fn bed(place: &Place) -> Bed {
    Bed::at(place.clone(), vec![consumer("worker", "ticket.*")], Vec::new())
}

/// By dropping one host's runtime without a word while it handles two of four messages and has settled one.
async fn what_a_host_that_died_has_settled_stays_settled_and_the_other_does_the_rest(engine: Engine) {
    let place = engine.place();
    let mut one = bed(&place);
    let runtime = one.run_elsewhere();
    one.publish_all(&["settled"]).await;
    one.expect("settled", 1).await.ack();
    one.until(|status| status.depth == 0 && status.handled_total == 1).await;
    one.publish_all(&["under-way"]).await;
    let _lost = one.expect("under-way", 1).await;
    let mut later = message("later");
    later.deliver_at_us = one.hands.now_us() + HOUR_US;
    one.publish(later).await;
    one.until(|status| status.delayed == 1).await;
    runtime.shutdown_background();
    drop(one);
    let mut two = bed(&place);
    let _running = two.run();
    // Known to the whole book, whoever it was brought to.
    two.publish_all(&["settled"]).await;
    two.forward(10 * SECOND_US);
    two.expect("under-way", 2).await.ack();
    two.nothing_due().await;
    two.forward(HOUR_US);
    two.expect("later", 1).await.ack();
    two.until(|status| status.depth == 0 && status.dead == 0).await;
}

/// By letting the second host look at what the first one is still handling, also after that would have ended.
async fn a_message_that_one_host_handles_is_not_taken_by_the_other(engine: Engine) {
    let place = engine.place();
    let (mut one, mut two) = (bed(&place), bed(&place));
    let _running = one.run();
    one.publish_all(&["m"]).await;
    let open = one.expect("m", 1).await;
    let _also_running = two.run();
    two.until(|status| status.in_flight == 1).await;
    let mut retried = message("between");
    retried.deliver_at_us = two.hands.now_us() + SECOND_US;
    two.publish(retried).await;
    two.until(|status| status.delayed == 1).await;
    two.forward(2 * SECOND_US);
    two.expect("between", 1).await.ack();
    open.ack();
    one.until(|status| status.depth == 0).await;
    two.until(|status| status.handled_total == 1).await;
}

async fn dead_letters_and_pauses_of_one_host_are_everybodys(engine: Engine) {
    let place = engine.place();
    let mut one = bed(&place);
    let running = one.run();
    one.publish_all(&["bad"]).await;
    one.expect("bad", 1).await.status(400);
    one.until(|status| status.dead == 1).await;
    one.shutdown.cancel();
    running.finished().await;
    drop(one);
    let mut two = bed(&place);
    assert_eq!(two.queue.peek_dead("worker", 10).await.unwrap()[0].message.id, "bad");
    two.queue.pause("worker").await.unwrap();
    let three = bed(&place);
    three.until(|status| status.paused && status.dead == 1).await;
    let _running = two.run();
    assert_eq!(three.queue.redrive("worker", Selection::All).await.unwrap(), 1);
    three.queue.resume("worker").await.unwrap();
    two.expect("bad", 1).await.ack();
    three.until(|status| status.depth == 0 && status.dead == 0).await;
}

async fn a_slot_of_a_schedule_that_all_hosts_keep_is_fired_once(engine: Engine) {
    let place = engine.place();
    let hourly = Cron {
        name: "sweep".into(),
        schedule: "0 * * * *".into(),
        time_zone: "UTC".into(),
        path: "/internal/sweep".into(),
        missed: MissedRuns::Skip,
    };
    let bed = || Bed::at(place.clone(), Vec::new(), vec![hourly.clone()]);
    let (mut one, mut two) = (bed(), bed());
    let (_running, _also_running) = (one.run(), two.run());
    let time = |attempt: &Attempt| attempt.delivery.request().headers()["ce-time"].to_str().unwrap().to_owned();
    for (by, hour) in
        [(TO_HOUR_US, "2023-11-14T23:00:00Z"), (HOUR_US, "2023-11-15T00:00:00Z"), (HOUR_US, "2023-11-15T01:00:00Z")]
    {
        one.forward(by);
        two.forward(by);
        let firing = tokio::select! {
            firing = one.next() => firing,
            firing = two.next() => firing,
        };
        assert_eq!(time(&firing), hour);
        firing.ack();
        one.until(|status| status.depth == 0).await;
    }
    let handled = async || one.until(|_| true).await.handled_total + two.until(|_| true).await.handled_total;
    in_time("three firings", async { while handled().await < 3 {} }).await;
    assert_eq!(handled().await, 3);
}

async fn hosts_share_the_work_and_nothing_is_handled_twice(engine: Engine) {
    let (place, handled) = (engine.place(), Handled::new());
    let (one, two) = (Flow::open(place.clone(), &handled), Flow::open(place, &handled));
    let (from_one, from_two) = (ids("one", 150), ids("two", 150));
    futures::join!(one.send(&from_one), two.send(&from_two));
    handled.each_once(&[from_one, from_two].concat()).await;
    one.until(|status| status.depth == 0).await;
    two.until(|status| status.depth == 0).await;
}

/// By sending one group by way of two hosts in turn, of which one stops in the middle.
async fn a_group_stays_in_order_over_all_hosts(engine: Engine) {
    let (place, handled) = (engine.place(), Handled::new());
    let (one, two) = (Flow::open(place.clone(), &handled), Flow::open(place, &handled));
    let sent = ids("m", 90);
    let (by_both, by_one, by_two) = (&sent[..50], &sent[50..70], &sent[70..]);
    for (turn, part) in by_both.chunks(10).enumerate() {
        let host = if turn % 2 == 0 { &one } else { &two };
        host.send_in_group(part, Some("group")).await;
        handled.each_once(part).await;
    }
    one.send_in_group(by_one, Some("group")).await;
    drop(one.stop().await);
    two.send_in_group(by_two, Some("group")).await;
    handled.each_once(&sent).await;
    assert_eq!(handled.ids(), sent);
}

on_shared_engines! {
    what_a_host_that_died_has_settled_stays_settled_and_the_other_does_the_rest,
    a_message_that_one_host_handles_is_not_taken_by_the_other,
    dead_letters_and_pauses_of_one_host_are_everybodys,
    a_slot_of_a_schedule_that_all_hosts_keep_is_fired_once,
    hosts_share_the_work_and_nothing_is_handled_twice,
    a_group_stays_in_order_over_all_hosts,
}

/// Without a broker nobody says that there is something: the other host looks.
#[tokio::test]
async fn a_message_that_another_host_was_given_is_noticed() {
    let place = Engine::Postgres.place();
    let (one, mut two) = (bed(&place), bed(&place));
    let _running = two.run();
    two.publish_all(&["mine"]).await;
    two.expect("mine", 1).await.ack();
    two.until(|status| status.depth == 0).await;
    one.publish_all(&["others"]).await;
    two.expect("others", 1).await.ack();
}
