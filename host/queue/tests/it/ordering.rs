//! Promises 10 to 13: order inside groups, concurrency, priorities, delay.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use queue::{Deliver, Error, Message, Outcome};
use tokio::sync::Barrier;

use crate::bed::{Bed, Engine, HOUR_US, SECOND_US, START_US, message, on_every_engine};

fn grouped(id: &str, group: &str) -> Message {
    let mut message = message(id);
    message.group_key = Some(group.into());
    message
}

async fn a_group_is_handled_one_after_the_other_in_the_order_sent(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let _running = bed.run();
    for (id, group) in [("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b")] {
        bed.publish(grouped(id, group)).await;
    }
    let first = bed.expect("a1", 1).await;
    bed.expect("b1", 1).await.ack();
    bed.nothing_due_beside(&first).await;
    first.status(500);
    bed.until(|status| status.delayed == 1).await;
    // Between attempts of the first the second still waits.
    bed.nothing_due().await;
    bed.forward(10 * SECOND_US);
    bed.expect("a1", 2).await.ack();
    // A dead letter makes way as well.
    bed.expect("a2", 1).await.status(400);
    bed.expect("a3", 1).await.ack();
    bed.until(|status| status.depth == 0 && status.dead == 1).await;
}

async fn the_order_of_a_group_outlives_the_host(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let runtime = bed.run_elsewhere();
    bed.publish(grouped("a1", "a")).await;
    let _lost = bed.expect("a1", 1).await;
    bed.publish(grouped("a2", "a")).await;
    runtime.shutdown_background();
    let mut bed = bed.reopen_after_death();
    let _running = bed.run();
    let again = bed.expect("a1", 2).await;
    bed.nothing_due_beside(&again).await;
    again.ack();
    bed.expect("a2", 1).await.ack();
}

async fn higher_priorities_come_first_and_equals_in_the_order_sent(engine: Engine) {
    let mut bed = Bed::new(engine, |consumer| consumer.concurrency = 1);
    let _running = bed.run();
    bed.publish_all(&["plug"]).await;
    let plug = bed.expect("plug", 1).await;
    for (id, priority) in [("low", 0), ("ordinary-1", 4), ("high", 9), ("ordinary-2", 4)] {
        let mut message = message(id);
        message.priority = priority;
        bed.publish(message).await;
    }
    bed.all_come_in().await;
    plug.ack();
    for id in ["high", "ordinary-1", "ordinary-2", "low"] {
        bed.expect(id, 1).await.ack();
    }
}

async fn a_delayed_message_waits_for_its_time(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    let mut later = message("later");
    later.deliver_at_us = START_US + HOUR_US;
    bed.publish(later).await;
    let mut bed = bed.reopen();
    let _running = bed.run();
    bed.until(|status| (status.depth, status.delayed, status.oldest_age_s) == (1, 1, 0)).await;
    bed.forward(HOUR_US - 1);
    bed.nothing_due().await;
    bed.forward(1);
    bed.expect("later", 1).await.ack();
}

async fn a_delay_over_thirty_days_is_refused(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    let mut later = message("later");
    later.deliver_at_us = START_US + 30 * 24 * HOUR_US + 1;
    let error = bed.queue.publish(later).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { field: "delay", .. }));
}

async fn concurrency_is_used_and_never_exceeded(engine: Engine) {
    let bed = Bed::new(engine, |consumer| consumer.concurrency = 3);
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    // Three must meet at the barrier for any to go on, so fewer at once would hang.
    let barrier = Arc::new(Barrier::new(3));
    let deliver: Deliver = Arc::new({
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        move |_| {
            let (now, most, barrier) = (Arc::clone(&now), Arc::clone(&most), Arc::clone(&barrier));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                barrier.wait().await;
                now.fetch_sub(1, Ordering::SeqCst);
                Outcome::ack()
            }
            .boxed()
        }
    });
    let ids: Vec<String> = (0..60).map(|number| format!("m{number}")).collect();
    bed.queue.publish_batch(ids.iter().map(|id| message(id)).collect()).await.unwrap();
    let running = bed.queue.run(&deliver, bed.shutdown.clone());
    bed.until(|status| status.handled_total == 60 && status.depth == 0).await;
    assert_eq!(most.load(Ordering::SeqCst), 3);
    bed.shutdown.cancel();
    running.finished().await;
}

on_every_engine! {
    a_group_is_handled_one_after_the_other_in_the_order_sent,
    the_order_of_a_group_outlives_the_host,
    higher_priorities_come_first_and_equals_in_the_order_sent,
    a_delayed_message_waits_for_its_time,
    a_delay_over_thirty_days_is_refused,
    concurrency_is_used_and_never_exceeded,
}
