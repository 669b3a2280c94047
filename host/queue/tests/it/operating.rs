//! Promise 16 and the operator's side of 6: visible, redrive, discard, pause.

use queue::{Error, QueueStatus, ReleaseCounts, Selection};

use crate::bed::{Bed, Engine, SECOND_US, message, on_every_engine};

async fn with_dead_letters(engine: Engine, ids: &[&str]) -> Bed {
    let mut bed = Bed::new(engine, |consumer| consumer.concurrency = 1);
    drop(bed.run());
    bed.publish_all(ids).await;
    for id in ids {
        bed.expect(id, 1).await.status(400);
    }
    let number = u64::try_from(ids.len()).unwrap();
    bed.until(|status| status.dead == number).await;
    bed
}

fn ids(ids: &[&str]) -> Selection {
    Selection::Ids(ids.iter().map(ToString::to_string).collect())
}

async fn redriven_dead_letters_are_delivered_with_all_attempts_before_them(engine: Engine) {
    let mut bed = with_dead_letters(engine, &["a", "b", "c"]).await;
    assert_eq!(bed.queue.redrive("worker", ids(&["b", "unknown"])).await.unwrap(), 1);
    bed.expect("b", 1).await.ack();
    assert_eq!(bed.queue.redrive("worker", Selection::All).await.unwrap(), 2);
    bed.expect("a", 1).await.ack();
    bed.expect("c", 1).await.ack();
    bed.until(|status| status.depth == 0 && status.dead == 0).await;
}

async fn a_redriven_message_waits_for_the_group_that_went_on_without_it(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let _running = bed.run();
    for id in ["a1", "a2"] {
        let mut message = message(id);
        message.group_key = Some("a".into());
        bed.publish(message).await;
    }
    bed.expect("a1", 1).await.status(400);
    let second = bed.expect("a2", 1).await;
    bed.until(|status| status.dead == 1).await;
    bed.queue.redrive("worker", Selection::All).await.unwrap();
    bed.nothing_due_beside(&second).await;
    second.ack();
    bed.expect("a1", 1).await.ack();
}

async fn discarded_dead_letters_are_gone_and_their_ids_remembered(engine: Engine) {
    let mut bed = with_dead_letters(engine, &["a", "b", "c"]).await;
    assert_eq!(bed.queue.discard("worker", ids(&["a"])).await.unwrap(), 1);
    let left: Vec<_> = bed.queue.peek_dead("worker", 10).await.unwrap();
    assert_eq!(left.iter().map(|letter| letter.message.id.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(bed.queue.peek_dead("worker", 1).await.unwrap().len(), 1);
    assert_eq!(bed.queue.discard("worker", Selection::All).await.unwrap(), 2);
    bed.publish_all(&["a"]).await;
    bed.nothing_due().await;
    bed.until(|status| status.dead == 0 && status.depth == 0).await;
}

async fn more_dead_letters_than_one_step_takes_are_all_redriven(engine: Engine) {
    let mut bed = Bed::new(engine, |consumer| consumer.concurrency = 8);
    drop(bed.run());
    let sent: Vec<String> = (0..1001).map(|number| format!("m{number}")).collect();
    for part in sent.chunks(500) {
        bed.queue.publish_batch(part.iter().map(|id| message(id)).collect()).await.unwrap();
    }
    for _ in &sent {
        bed.next().await.status(400);
    }
    bed.until(|status| status.dead == 1001).await;
    bed.queue.pause("worker").await.unwrap();
    assert_eq!(bed.queue.redrive("worker", Selection::Ids(sent[..600].to_vec())).await.unwrap(), 600);
    assert_eq!(bed.queue.redrive("worker", Selection::All).await.unwrap(), 401);
    bed.until(|status| status.dead == 0 && status.depth == 1001).await;
}

async fn what_each_release_has_sent_is_told_apart(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let _running = bed.run();
    for (id, release) in [("a", Some(2)), ("b", None), ("c", Some(2)), ("d", Some(1))] {
        let mut message = message(id);
        message.release = release;
        bed.publish(message).await;
        bed.expect(id, 1).await.status(if id == "d" { 503 } else { 400 });
    }
    bed.until(|status| status.dead == 3 && status.delayed == 1).await;
    let counts = |release, waiting, dead| ReleaseCounts { queue: "worker".to_owned(), release, waiting, dead };
    assert_eq!(bed.queue.releases().await.unwrap(), [counts(None, 0, 1), counts(Some(1), 1, 0), counts(Some(2), 0, 2)]);
}

async fn ids_that_are_no_dead_letters_are_named(engine: Engine) {
    let bed = with_dead_letters(engine, &["a", "b"]).await;
    let asked = ["z", "a", "y", "b"].map(str::to_owned).to_vec();
    assert_eq!(bed.queue.absent("worker", asked.clone()).await.unwrap(), ["z", "y"]);
    assert_eq!(bed.queue.absent("other", asked.clone()).await.unwrap(), asked);
}

async fn a_paused_queue_accepts_but_delivers_nothing_across_restarts(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    bed.queue.pause("worker").await.unwrap();
    bed.publish_all(&["m"]).await;
    let mut bed = bed.reopen();
    let _running = bed.run();
    bed.forward(7 * SECOND_US);
    let waits = |status: &QueueStatus| (status.depth, status.in_flight, status.oldest_age_s) == (1, 0, 7);
    let status = bed.until(|status| status.paused && waits(status)).await;
    assert_eq!(status.component.as_deref(), Some("worker"));
    bed.queue.resume("worker").await.unwrap();
    bed.expect("m", 1).await.ack();
    let status = bed.until(|status| status.depth == 0).await;
    assert!(!status.paused);
}

async fn unknown_queues_are_named_as_such(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    assert!(matches!(bed.queue.pause("other").await, Err(Error::NoQueue { queue }) if queue == "other"));
    assert!(matches!(bed.queue.redrive("other", Selection::All).await, Err(Error::NoQueue { .. })));
}

on_every_engine! {
    redriven_dead_letters_are_delivered_with_all_attempts_before_them,
    a_redriven_message_waits_for_the_group_that_went_on_without_it,
    discarded_dead_letters_are_gone_and_their_ids_remembered,
    more_dead_letters_than_one_step_takes_are_all_redriven,
    what_each_release_has_sent_is_told_apart,
    ids_that_are_no_dead_letters_are_named,
    a_paused_queue_accepts_but_delivers_nothing_across_restarts,
    unknown_queues_are_named_as_such,
}
