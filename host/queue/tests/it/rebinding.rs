//! Consumers and schedules that a deploy adds, changes or removes while the queue runs.

use manifest::{Cron, MissedRuns};
use queue::{Error, Message};

use crate::bed::{Bed, Engine, HOUR_US, consumer, message, on_every_engine};

fn user(id: &str) -> Message {
    let mut message = Message::new("auth", "user.changed", "application/json", "{}");
    message.id = id.to_owned();
    message
}

fn hourly(name: &str, minute: u32) -> Cron {
    Cron {
        name: name.into(),
        schedule: format!("{minute} * * * *"),
        time_zone: "UTC".into(),
        path: format!("/internal/{name}"),
        missed: MissedRuns::Skip,
    }
}

async fn a_queue_that_is_added_begins_to_be_worked(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let _running = bed.run();
    assert!(!bed.queue.bound("user.changed"));
    bed.rebind(&[consumer("worker", "ticket.*"), consumer("audit", "user.*")], &[]).unwrap();
    bed.publish(user("u")).await;
    let added = bed.expect("u", 1).await;
    assert_eq!((added.delivery.queue.as_str(), added.delivery.component.as_str()), ("audit", "audit"));
    added.ack();
    bed.publish_all(&["m"]).await;
    bed.expect("m", 1).await.ack();
}

async fn what_changed_of_a_queue_applies_to_the_next_message_and_not_to_one_in_flight(engine: Engine) {
    let mut bed = Bed::new(engine, |consumer| consumer.concurrency = 1);
    let _running = bed.run();
    bed.publish_all(&["before", "after"]).await;
    let before = bed.expect("before", 1).await;
    let mut changed = consumer("worker", "user.*");
    changed.path = "/v2/messages".into();
    changed.concurrency = 3;
    bed.rebind(&[changed], &[]).unwrap();
    let after = bed.expect("after", 1).await;
    assert_eq!(before.delivery.request().uri().path(), "/messages");
    assert_eq!(after.delivery.request().uri().path(), "/v2/messages");
    assert!(matches!(bed.queue.publish(message("m")).await, Err(Error::Unbound { .. })));
    bed.publish(user("third")).await;
    let third = bed.expect("third", 1).await;
    for attempt in [before, after, third] {
        attempt.ack();
    }
    bed.until(|status| status.depth == 0 && status.handled_total == 3).await;
}

async fn a_queue_that_is_removed_keeps_its_messages_until_it_comes_back(engine: Engine) {
    let mut bed = Bed::with(engine, vec![consumer("worker", "ticket.*"), consumer("other", "user.*")], Vec::new());
    let _running = bed.run();
    bed.publish_all(&["in-flight"]).await;
    let in_flight = bed.expect("in-flight", 1).await;
    bed.queue.pause("worker").await.unwrap();
    bed.publish_all(&["waiting"]).await;
    bed.queue.resume("worker").await.unwrap();
    let waiting = bed.expect("waiting", 1).await;
    bed.rebind(&[consumer("other", "user.*")], &[]).unwrap();
    waiting.answer(queue::Outcome::returned(std::time::Duration::from_secs(1)));
    in_flight.ack();
    let left =
        bed.until_of("worker", |status| (status.in_flight, status.handled_total, status.depth) == (0, 1, 1)).await;
    assert_eq!(left.component, None);
    bed.forward(HOUR_US);
    bed.publish(user("u")).await;
    bed.expect("u", 1).await.ack();
    bed.rebind(&[consumer("worker", "ticket.*")], &[]).unwrap();
    bed.expect("waiting", 1).await.ack();
    let status = bed.until(|status| status.depth == 0 && status.handled_total == 2).await;
    assert_eq!(status.component.as_deref(), Some("worker"));
}

async fn a_rebinding_that_cannot_be_carried_out_changes_nothing(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let _running = bed.run();
    let twice = vec![consumer("new", "user.*"), consumer("new", "user.*")];
    assert!(matches!(bed.rebind(&twice, &[]), Err(Error::Config { .. })));
    let wrong = Cron { schedule: "61 * * * *".into(), ..hourly("sweep", 0) };
    assert!(matches!(bed.rebind(&[consumer("new", "user.*")], &[wrong]), Err(Error::Config { .. })));
    assert!(!bed.queue.bound("user.changed"));
    bed.publish_all(&["m"]).await;
    bed.expect("m", 1).await.ack();
}

async fn schedules_are_added_changed_and_removed_and_one_that_stays_goes_on(engine: Engine) {
    // The clock stands at 22:13:20.
    let mut bed = Bed::with(engine, Vec::new(), vec![hourly("stays", 0), hourly("changes", 10), hourly("goes", 0)]);
    let _running = bed.run();
    bed.forward(HOUR_US);
    let mut names = Vec::new();
    for _ in 0..3 {
        let firing = bed.next().await;
        names.push(firing.delivery.message.subject.clone().unwrap());
        firing.ack();
    }
    names.sort();
    assert_eq!(names, ["changes", "goes", "stays"]);
    bed.until(|status| status.depth == 0 && status.handled_total == 3).await;
    // 23:13:20. The changed schedule's 23:05 lies before its beginning; its 00:05 comes.
    bed.rebind(&[], &[hourly("stays", 0), hourly("changes", 5), hourly("new", 12)]).unwrap();
    bed.forward(HOUR_US);
    let mut slots = Vec::new();
    for _ in 0..3 {
        let firing = bed.next().await;
        let request = firing.delivery.request();
        slots.push((request.uri().path().to_owned(), request.headers()["ce-time"].to_str().unwrap().to_owned()));
        firing.ack();
    }
    slots.sort();
    let expected = [
        ("/internal/changes", "2023-11-15T00:05:00Z"),
        ("/internal/new", "2023-11-15T00:12:00Z"),
        ("/internal/stays", "2023-11-15T00:00:00Z"),
    ];
    assert_eq!(slots, expected.map(|(path, time)| (path.to_owned(), time.to_owned())));
    bed.until(|status| status.depth == 0 && status.handled_total == 6).await;
}

on_every_engine! {
    a_queue_that_is_added_begins_to_be_worked,
    what_changed_of_a_queue_applies_to_the_next_message_and_not_to_one_in_flight,
    a_queue_that_is_removed_keeps_its_messages_until_it_comes_back,
    a_rebinding_that_cannot_be_carried_out_changes_nothing,
    schedules_are_added_changed_and_removed_and_one_that_stays_goes_on,
}
