//! A message exists if and only if its transaction committed.

use std::time::{Duration, Instant};

use sql::{ConstraintKind, Error, Outgoing, Value};
use tokio::time::timeout;

use crate::harness::{Engine, Harness, LONG, READ, START_US, WRITE, on_both_engines};

fn message(topic: &str) -> Outgoing {
    Outgoing {
        id: None,
        topic: topic.to_owned(),
        subject: Some("order 7".to_owned()),
        content_type: "application/json".to_owned(),
        body: b"{}".to_vec(),
        group_key: Some("7".to_owned()),
        dedupe_key: None,
        priority: 4,
        delay_ms: 250,
    }
}

on_both_engines! {
    a_message_appears_with_the_commit_and_wakes_the_relay,
    a_message_is_gone_with_its_transaction,
    messages_keep_the_order_of_commits,
    only_granted_and_bound_topics_and_sound_messages_are_accepted,
    an_id_is_sent_once_and_a_read_only_transaction_sends_nothing,
    a_message_bears_the_release_of_its_request,
}

async fn a_message_appears_with_the_commit_and_wakes_the_relay(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint)").await;
    let outbox = harness.provider.outbox("shop").unwrap();
    let transaction = harness.client().begin(WRITE).await.unwrap();
    transaction.execute("insert into t values (1)", vec![]).await.unwrap();
    let id = transaction.send(message("order.placed")).await.unwrap();
    assert_eq!(outbox.pending(10).await.unwrap(), vec![]);
    assert!(timeout(Duration::from_millis(20), outbox.wait()).await.is_err(), "nothing was committed yet");
    transaction.commit().await.unwrap();
    timeout(Duration::from_secs(5), outbox.wait()).await.unwrap();
    let pending = outbox.pending(10).await.unwrap();
    assert_eq!(pending.len(), 1);
    let row = &pending[0];
    assert_eq!((row.id.as_str(), row.component.as_str(), row.topic.as_str()), (id.as_str(), "shop", "order.placed"));
    assert_eq!((row.subject.as_deref(), row.group_key.as_deref()), (Some("order 7"), Some("7")));
    assert_eq!((row.body.as_slice(), row.content_type.as_str()), (b"{}".as_slice(), "application/json"));
    assert_eq!((row.priority, row.delay_ms, row.created_us), (4, 250, START_US));
    assert_eq!(uuid::Uuid::parse_str(&id).unwrap().get_version_num(), 7);
    outbox.delete(vec![id]).await.unwrap();
    assert_eq!(outbox.pending(10).await.unwrap(), vec![]);
}

async fn a_message_is_gone_with_its_transaction(engine: Engine) {
    let mut harness = Harness::new(engine, "create table t (n bigint)").await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    transaction.send(message("order.placed")).await.unwrap();
    transaction.rollback().await.unwrap();
    let transaction = harness.client().begin(WRITE).await.unwrap();
    transaction.send(message("order.placed")).await.unwrap();
    drop(transaction);
    let transaction = harness.client().begin(WRITE).await.unwrap();
    transaction.send(message("order.placed")).await.unwrap();
    harness.ctx.end_request();
    let outbox = harness.provider.outbox("shop").unwrap();
    assert_eq!(outbox.pending(10).await.unwrap(), vec![]);
    assert!(timeout(Duration::from_millis(20), outbox.wait()).await.is_err());
}

async fn messages_keep_the_order_of_commits(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint)").await;
    let mut sent = Vec::new();
    for _ in 0..5 {
        let transaction = harness.client().begin(WRITE).await.unwrap();
        for _ in 0..2 {
            sent.push(transaction.send(message("order.placed")).await.unwrap());
        }
        transaction.commit().await.unwrap();
    }
    let outbox = harness.provider.outbox("shop").unwrap();
    let ids = |rows: Vec<sql::OutboxRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(outbox.pending(100).await.unwrap()), sent);
    assert_eq!(ids(outbox.pending(3).await.unwrap()), sent[..3]);
    outbox.delete(sent[..4].to_vec()).await.unwrap();
    assert_eq!(ids(outbox.pending(100).await.unwrap()), sent[4..]);
}

async fn only_granted_and_bound_topics_and_sound_messages_are_accepted(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint)").await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    assert_eq!(transaction.send(message("user.changed")).await, Err(Error::Denied));
    let unbound = transaction.send(message("order.unbound")).await;
    let expected = "no queue is bound to topic `order.unbound`".to_owned();
    assert_eq!(unbound, Err(Error::Invalid { message: expected, position: None }));
    let large = Outgoing { body: vec![0; (256 << 10) + 1], ..message("order.placed") };
    assert_eq!(transaction.send(large).await, Err(Error::TooLarge { limit: 256 << 10 }));
    for unsound in [
        Outgoing { priority: 10, ..message("order.placed") },
        Outgoing { delay_ms: u64::MAX, ..message("order.placed") },
        Outgoing { content_type: String::new(), ..message("order.placed") },
        Outgoing { subject: Some("a\r\nb".to_owned()), ..message("order.placed") },
        Outgoing { id: Some(String::new()), ..message("order.placed") },
        message("order.Placed"),
        message("order..placed"),
    ] {
        let refused = transaction.send(unsound.clone()).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{unsound:?}: {refused:?}");
    }
    transaction.commit().await.unwrap();
    assert_eq!(harness.provider.outbox("shop").unwrap().pending(10).await.unwrap(), vec![]);
}

async fn an_id_is_sent_once_and_a_read_only_transaction_sends_nothing(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint)").await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    let named = Outgoing { id: Some("order-7".to_owned()), ..message("order.placed") };
    assert_eq!(transaction.send(named.clone()).await, Ok("order-7".to_owned()));
    let twice = Error::Constraint { kind: ConstraintKind::Unique, name: Some("outgoing.id".to_owned()) };
    assert_eq!(transaction.send(named.clone()).await, Err(twice));
    transaction.commit().await.unwrap();
    let reading = harness.client().begin(READ).await.unwrap();
    assert!(matches!(reading.send(named).await, Err(Error::Invalid { .. })));
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
}

async fn a_message_bears_the_release_of_its_request(engine: Engine) {
    let mut harness = Harness::new(engine, "select 1").await;
    for release in [Some(7), None] {
        harness.ctx.begin_request(Instant::now() + LONG, release);
        let transaction = harness.client().begin(WRITE).await.unwrap();
        transaction.send(message("order.placed")).await.unwrap();
        transaction.commit().await.unwrap();
    }
    let pending = harness.provider.outbox("shop").unwrap().pending(10).await.unwrap();
    assert_eq!(pending.iter().map(|row| row.release).collect::<Vec<_>>(), [Some(7), None]);
}
