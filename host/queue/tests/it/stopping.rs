//! Promises 8 and 15: crash recovery by leases, and a stop that loses and repeats nothing.

use std::time::Duration;

use crate::bed::{Bed, Engine, SECOND_US, in_time, on_every_engine};

async fn a_message_whose_lease_was_lost_is_delivered_again_after_ten_seconds(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let runtime = bed.run_elsewhere();
    bed.publish_all(&["m"]).await;
    let lost = bed.expect("m", 1).await;
    // The tasks die without a word; the file stays with the same owner.
    runtime.shutdown_background();
    let _running = bed.run();
    bed.forward(10 * SECOND_US - 1);
    bed.nothing_due_beside(&lost).await;
    bed.forward(1);
    bed.expect("m", 2).await.ack();
    bed.until(|status| status.depth == 0).await;
}

async fn a_new_host_takes_up_the_work_of_a_dead_one(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let runtime = bed.run_elsewhere();
    bed.publish_all(&["m"]).await;
    let _lost = bed.expect("m", 1).await;
    runtime.shutdown_background();
    let mut bed = bed.reopen_after_death();
    let _running = bed.run();
    bed.expect("m", 2).await.ack();
}

async fn a_host_that_dies_in_every_attempt_makes_a_dead_letter(engine: Engine) {
    let mut bed = Bed::new(engine, |consumer| consumer.max_attempts = 2);
    bed.publish_all(&["m"]).await;
    for attempt in 1..=2 {
        let runtime = bed.run_elsewhere();
        let _lost = bed.expect("m", attempt).await;
        runtime.shutdown_background();
        bed = bed.reopen_after_death();
    }
    let _running = bed.run();
    bed.until(|status| status.dead == 1).await;
    let letters = bed.queue.peek_dead("worker", 1).await.unwrap();
    assert_eq!(letters[0].reason, "the host stopped during the last attempt");
}

async fn moving_the_clock_takes_no_message_from_a_living_handler(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let _running = bed.run();
    bed.publish_all(&["m"]).await;
    let open = bed.expect("m", 1).await;
    bed.forward(3600 * SECOND_US);
    bed.nothing_due_beside(&open).await;
    open.ack();
    bed.until(|status| status.depth == 0 && status.handled_total == 2).await;
}

async fn a_stop_waits_for_what_runs_and_gives_the_rest_back_unattempted(engine: Engine) {
    let mut bed = Bed::new(engine, |consumer| consumer.concurrency = 2);
    let running = bed.run_with_drain(Duration::from_millis(200));
    bed.publish_all(&["ends", "hangs", "waits"]).await;
    let ends = bed.expect("ends", 1).await;
    let _hangs = bed.expect("hangs", 1).await;
    bed.shutdown.cancel();
    ends.ack();
    in_time("the stop", running.finished()).await;
    bed.until(|status| (status.depth, status.in_flight, status.handled_total) == (2, 0, 1)).await;
    let mut bed = bed.reopen();
    let _running = bed.run();
    bed.expect("hangs", 1).await.ack();
    bed.expect("waits", 1).await.ack();
}

async fn a_stop_without_work_under_way_is_immediate(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    let running = bed.run_with_drain(Duration::from_hours(1));
    bed.shutdown.cancel();
    in_time("the stop", running.finished()).await;
}

on_every_engine! {
    a_message_whose_lease_was_lost_is_delivered_again_after_ten_seconds,
    a_new_host_takes_up_the_work_of_a_dead_one,
    a_host_that_dies_in_every_attempt_makes_a_dead_letter,
    moving_the_clock_takes_no_message_from_a_living_handler,
    a_stop_waits_for_what_runs_and_gives_the_rest_back_unattempted,
    a_stop_without_work_under_way_is_immediate,
}
