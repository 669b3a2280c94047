//! Promises 1, 2 and 14: durable before return, at least once, duplicates.

use std::collections::BTreeSet;

use queue::{Error, Message};

use crate::bed::{Bed, Engine, HOUR_US, SECOND_US, consumer, message, on_every_engine};

async fn a_message_is_durable_before_its_send_returns(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    let mut sent = message("m");
    sent.subject = Some("T-1".into());
    sent.body = vec![0, 159, 255].into();
    sent.sent_at_us = bed.hands.now_us() - 5;
    bed.publish(sent.clone()).await;
    let mut bed = bed.reopen();
    let _running = bed.run();
    let attempt = bed.expect("m", 1).await;
    assert_eq!(attempt.delivery.message, sent);
    attempt.ack();
    bed.until(|status| status.depth == 0 && status.handled_total == 1).await;
}

async fn a_message_reaches_every_queue_bound_to_its_topic_and_no_other(engine: Engine) {
    let consumers = vec![consumer("a", "ticket.*"), consumer("b", "*"), consumer("c", "user.*")];
    let mut bed = Bed::with(engine, consumers, Vec::new());
    let _running = bed.run();
    bed.publish_all(&["m"]).await;
    let (one, two) = (bed.next().await, bed.next().await);
    let mut queues = [one.delivery.queue.clone(), two.delivery.queue.clone()];
    queues.sort();
    assert_eq!(queues, ["a", "b"]);
    for (queue, depth) in [("a", 1), ("b", 1), ("c", 0)] {
        bed.until_of(queue, |status| status.depth == depth).await;
    }
    assert!(bed.queue.bound("user.changed"));
}

async fn a_topic_without_a_queue_is_refused_and_a_batch_is_all_or_nothing(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    assert!(!bed.queue.bound("user.changed"));
    let stray = Message::new("auth", "user.changed", "application/json", "{}");
    let error = bed.queue.publish_batch(vec![message("m"), stray]).await.unwrap_err();
    assert!(matches!(error, Error::Unbound { topic } if topic == "user.changed"));
    assert_eq!(bed.queue.list().await.unwrap()[0].depth, 0);
}

async fn an_id_sent_twice_is_one_message_also_after_it_was_handled(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    bed.publish_all(&["m", "m"]).await;
    let _running = bed.run();
    let first = bed.expect("m", 1).await;
    bed.nothing_due_beside(&first).await;
    bed.until(|status| status.depth == 1).await;
    first.ack();
    bed.until(|status| status.depth == 0).await;
    bed.forward(24 * HOUR_US - SECOND_US);
    bed.publish_all(&["m"]).await;
    bed.nothing_due().await;
    bed.until(|status| status.depth == 0).await;
    bed.forward(SECOND_US);
    bed.publish_all(&["m"]).await;
    bed.expect("m", 1).await.ack();
}

async fn a_dedupe_key_drops_later_messages_of_the_same_sender_for_a_day(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let keyed = |id: &str, source: &str| {
        let mut message = message(id);
        message.dedupe_key = Some("key".into());
        message.source = source.into();
        message
    };
    bed.publish(keyed("1", "tickets")).await;
    bed.publish(keyed("2", "tickets")).await;
    bed.publish(keyed("3", "auth")).await;
    let _running = bed.run();
    bed.expect("1", 1).await.ack();
    bed.expect("3", 1).await.ack();
    bed.until(|status| status.depth == 0).await;
    bed.publish(keyed("4", "tickets")).await;
    bed.nothing_due().await;
    bed.until(|status| status.depth == 0).await;
    bed.forward(24 * HOUR_US);
    bed.publish(keyed("5", "tickets")).await;
    bed.expect("5", 1).await.ack();
}

async fn many_senders_at_once_all_get_through(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    let sends = (0..500).map(|number| {
        let queue = bed.queue.clone();
        async move { queue.publish(message(&format!("m{number}"))).await }
    });
    let sent = futures::future::join_all(sends).await;
    assert!(sent.iter().all(Result::is_ok));
    let mut bed = bed.reopen();
    let _running = bed.run();
    let mut ids = BTreeSet::new();
    for _ in 0..500 {
        let attempt = bed.next().await;
        assert!(ids.insert(attempt.id().to_owned()), "{} came twice", attempt.id());
        attempt.ack();
    }
    bed.until(|status| status.depth == 0 && status.handled_total == 500).await;
}

#[tokio::test]
async fn a_file_has_one_owner() {
    let bed = Bed::new(Engine::File, |_| {});
    let second = tokio::task::spawn_blocking({
        let path = bed.path();
        move || queue::QueueProvider::open(&path, std::sync::Arc::new(|| 0), Vec::new()).map(drop)
    });
    let error = second.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("another process may own"), "{error}");
}

on_every_engine! {
    a_message_is_durable_before_its_send_returns,
    a_message_reaches_every_queue_bound_to_its_topic_and_no_other,
    a_topic_without_a_queue_is_refused_and_a_batch_is_all_or_nothing,
    an_id_sent_twice_is_one_message_also_after_it_was_handled,
    a_dedupe_key_drops_later_messages_of_the_same_sender_for_a_day,
    many_senders_at_once_all_get_through,
}
