//! Promises 5, 6, 7 and 9: retries, dead letters, poison isolation, the deadline.

use std::time::Duration;

use http::StatusCode;
use queue::Outcome;

use crate::bed::{Bed, Engine, SECOND_US, on_every_engine};

async fn a_failed_attempt_is_repeated_after_a_growing_wait(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let _running = bed.run();
    bed.publish_all(&["m"]).await;
    let mut wait_s = 10;
    for attempt in 1..=3 {
        bed.expect("m", attempt).await.status(503);
        bed.until(|status| status.delayed == 1).await;
        // Jitter takes at most half of the wait.
        bed.forward(wait_s * SECOND_US / 2 - 1);
        bed.nothing_due().await;
        bed.forward(wait_s * SECOND_US / 2 + 1);
        wait_s *= 2;
    }
    bed.expect("m", 4).await.ack();
    let status = bed.until(|status| status.depth == 0 && status.retried_total == 3).await;
    assert_eq!(status.dead, 0);
}

async fn retry_after_is_obeyed(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let _running = bed.run();
    bed.publish_all(&["m"]).await;
    let asked = Some(Duration::from_hours(1));
    bed.expect("m", 1).await.answer(Outcome::from_response(StatusCode::TOO_MANY_REQUESTS, asked, ""));
    bed.until(|status| status.delayed == 1).await;
    bed.forward(3600 * SECOND_US - 1);
    bed.nothing_due().await;
    bed.forward(1);
    bed.expect("m", 2).await.ack();
}

async fn a_client_error_is_a_dead_letter_at_once(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let _running = bed.run();
    bed.publish_all(&["m"]).await;
    bed.expect("m", 1).await.status(422);
    bed.until(|status| status.dead == 1 && status.depth == 0).await;
    let letters = bed.queue.peek_dead("worker", 10).await.unwrap();
    let letter = &letters[0];
    assert_eq!((letter.message.id.as_str(), letter.attempts, letter.status), ("m", 1, Some(422)));
    assert_eq!(letter.reason, "the component answered 422");
    assert_eq!(letter.response, "body of 422 Unprocessable Entity");
    assert_eq!(letter.dead_at_us, bed.hands.now_us());
}

async fn the_last_attempt_makes_a_dead_letter_and_the_next_message_is_delivered(engine: Engine) {
    let mut bed = Bed::new(engine, |consumer| {
        consumer.max_attempts = 3;
        consumer.concurrency = 1;
    });
    let _running = bed.run();
    bed.publish_all(&["poison", "next"]).await;
    bed.expect("poison", 1).await.status(500);
    bed.expect("next", 1).await.ack();
    bed.until(|status| status.delayed == 1 && status.handled_total == 1).await;
    bed.forward(10 * SECOND_US);
    bed.expect("poison", 2).await.answer(Outcome::fault("the component trapped"));
    bed.until(|status| status.delayed == 1).await;
    bed.forward(20 * SECOND_US);
    bed.expect("poison", 3).await.answer(Outcome::fault("out of memory"));
    bed.until(|status| status.dead == 1).await;
    let letters = bed.queue.peek_dead("worker", 10).await.unwrap();
    assert_eq!((letters[0].attempts, letters[0].reason.as_str()), (3, "out of memory"));
    bed.nothing_due().await;
}

async fn a_poison_message_costs_no_other_message_an_attempt(engine: Engine) {
    let mut bed = Bed::new(engine, |consumer| consumer.concurrency = 4);
    let _running = bed.run();
    bed.publish_all(&["good-1", "poison", "good-2"]).await;
    let mut attempts = vec![bed.next().await, bed.next().await, bed.next().await];
    attempts.sort_by_key(|attempt| attempt.id().to_owned());
    attempts.pop().unwrap().status(500);
    bed.until(|status| status.delayed == 1).await;
    for good in attempts {
        assert_eq!(good.delivery.attempt, 1);
        good.ack();
    }
    let status = bed.until(|status| status.handled_total == 2).await;
    assert_eq!((status.depth, status.delayed, status.dead), (1, 1, 0));
}

async fn an_attempt_past_its_deadline_is_cut_off_and_repeated(engine: Engine) {
    let mut bed = Bed::new(engine, |consumer| {
        consumer.deadline = Duration::from_millis(20);
        consumer.max_attempts = 2;
    });
    let _running = bed.run();
    bed.publish_all(&["m"]).await;
    let _hangs = bed.expect("m", 1).await;
    bed.until(|status| status.delayed == 1).await;
    bed.forward(10 * SECOND_US);
    let _hangs_again = bed.expect("m", 2).await;
    bed.until(|status| status.dead == 1).await;
    assert_eq!(bed.queue.peek_dead("worker", 1).await.unwrap()[0].reason, "the deadline of 20ms passed");
}

async fn a_message_the_host_had_no_place_for_was_not_attempted(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let _running = bed.run();
    bed.publish_all(&["m"]).await;
    bed.expect("m", 1).await.answer(Outcome::returned(Duration::from_secs(2)));
    bed.until(|status| status.delayed == 1).await;
    bed.forward(2 * SECOND_US);
    bed.expect("m", 1).await.ack();
}

on_every_engine! {
    a_failed_attempt_is_repeated_after_a_growing_wait,
    retry_after_is_obeyed,
    a_client_error_is_a_dead_letter_at_once,
    the_last_attempt_makes_a_dead_letter_and_the_next_message_is_delivered,
    a_poison_message_costs_no_other_message_an_attempt,
    an_attempt_past_its_deadline_is_cut_off_and_repeated,
    a_message_the_host_had_no_place_for_was_not_attempted,
}
