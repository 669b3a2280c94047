//! What is so on SQLite alone: its files, its single writer, its own words.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sql::{Error, Value};

use crate::errors::refused;
use crate::harness::{Engine, Harness, START_US, WRITE, cell, component, text};

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_tables_are_denied_by_every_way() {
    let harness = Harness::new(Engine::Sqlite, "create table t (n bigint)").await;
    let client = harness.client();
    client.execute("create table mine (a text)", vec![]).await.unwrap();
    client.execute("create view peep as select * from wharf_outbox", vec![]).await.unwrap();
    let trigger = "create trigger trick after insert on mine begin
        insert into wharf_outbox (id) values ('x'); end";
    client.execute(trigger, vec![]).await.unwrap();
    for statement in [
        "select * from wharf_outbox",
        "select count(*) from WHARF_OUTBOX",
        "insert into wharf_outbox (id) values ('x')",
        "delete from schema_migrations",
        "update schema_migrations set checksum = ''",
        "drop table wharf_outbox",
        "alter table schema_migrations rename to mine2",
        "create table wharf_mine (a text)",
        "create trigger x after insert on wharf_outbox begin select 1; end",
        "create index i on wharf_outbox (topic)",
        "select * from peep",
        "insert into mine values ('a')",
    ] {
        assert_eq!(refused(&harness, statement, vec![]).await, Error::Denied, "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_belong_to_the_host_alone() {
    use std::os::unix::fs::PermissionsExt;
    let harness = Harness::new(Engine::Sqlite, "create table t (n bigint)").await;
    harness.client().execute("insert into t values (1)", vec![]).await.unwrap();
    let folder = harness.dir.path().join("db");
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let files: Vec<_> = folder.read_dir().unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 2, "the log is beside the file");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.file_name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_another_process_is_waited_for_until_the_deadline() {
    let harness = Harness::new(Engine::Sqlite, "create table t (n bigint)").await;
    let other = rusqlite::Connection::open(harness.dir.path().join("db/shop.db")).unwrap();
    other.execute_batch("begin immediate").unwrap();
    let (_ctx, client) = harness.request(Duration::from_millis(100));
    assert_eq!(client.execute("insert into t values (1)", vec![]).await, Err(Error::Timeout));
    let waiting = tokio::spawn({
        let client = harness.client();
        async move { client.begin(WRITE).await.map(drop) }
    });
    other.execute_batch("rollback").unwrap();
    assert_eq!(waiting.await.unwrap(), Ok(()));
}

/// Method: one transaction holds the writer while ten others ask for it one after the other, each known to wait
/// before the next asks; the order in which they wrote is the order in which they asked.
#[tokio::test(flavor = "current_thread")]
async fn writers_get_their_turn_in_the_order_they_came() {
    let harness = Harness::new(Engine::Sqlite, "create table t (seq integer primary key, n bigint)").await;
    let first = harness.client().begin(WRITE).await.unwrap();
    let mut waiting = Vec::new();
    for n in 0..10 {
        let client = harness.client();
        waiting.push(tokio::spawn(async move {
            let transaction = client.begin(WRITE).await.unwrap();
            transaction.execute("insert into t (n) values ($1)", vec![Value::Int64(n)]).await.unwrap();
            transaction.commit().await.unwrap();
        }));
        // On one thread a task runs until it waits.
        tokio::task::yield_now().await;
    }
    first.commit().await.unwrap();
    for task in waiting {
        task.await.unwrap();
    }
    let order = harness.cell("select group_concat(n) from (select n from t order by seq)").await;
    assert_eq!(order, text("0,1,2,3,4,5,6,7,8,9"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_whose_turn_does_not_come_times_out() {
    let harness = Harness::new(Engine::Sqlite, "create table t (n bigint)").await;
    let holder = harness.client().begin(WRITE).await.unwrap();
    let (_ctx, client) = harness.request(Duration::from_millis(50));
    assert_eq!(client.begin(WRITE).await.err(), Some(Error::Timeout));
    assert_eq!(client.execute("insert into t values (1)", vec![]).await, Err(Error::Timeout));
    holder.execute("insert into t values (1)", vec![]).await.unwrap();
    holder.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn current_timestamp_is_the_hosts_clock_in_the_stored_form() {
    let harness =
        Harness::new(Engine::Sqlite, "create table t (n bigint, at timestamptz not null default current_timestamp)")
            .await;
    let client = harness.client();
    harness.clock_us.store(START_US + 42, Ordering::Relaxed);
    client.execute("insert into t (n) values (1)", vec![]).await.unwrap();
    assert_eq!(harness.cell("select at from t").await, Value::Timestamp(START_US + 42));
    assert_eq!(harness.cell("select count(*) from t where at = now()").await, Value::Int64(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn full_text_search_is_there_for_migrations() {
    let harness = Harness::new(Engine::Sqlite, "create virtual table docs using fts5(body);").await;
    let client = harness.client();
    client.execute("insert into docs (body) values ('the quick fox')", vec![]).await.unwrap();
    assert_eq!(cell(&client, "select count(*) from docs where docs match 'quick'", vec![]).await, Value::Int64(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_provider_answers_unavailable_and_leaves_one_file() {
    let harness = Harness::new(Engine::Sqlite, "create table a (n bigint)").await;
    harness.provider.ping().await.unwrap();
    harness.provider.checkpoint().await.unwrap();
    harness.provider.close().await.unwrap();
    for result in [harness.provider.ping().await, harness.client().execute("delete from a", vec![]).await.map(drop)] {
        assert!(matches!(result, Err(Error::Unavailable { .. })), "{result:?}");
    }
    let files = harness.dir.path().join("db").read_dir().unwrap().count();
    assert_eq!(files, 1, "the log went into the file");
}

/// Method: the table is made as an earlier host made it, with a message that still waits.
#[tokio::test(flavor = "multi_thread")]
async fn an_outbox_of_an_earlier_host_is_taken_over() {
    let harness = Harness::new(Engine::Sqlite, "select 1").await;
    harness.provider.close().await.unwrap();
    let raw = rusqlite::Connection::open(harness.dir.path().join("db/shop.db")).unwrap();
    let earlier = "alter table wharf_outbox drop column release;
        insert into wharf_outbox (id, component, topic, content_type, body, priority, delay_ms, created_us)
        values ('a', 'shop', 'order.placed', 'text/plain', x'00', 4, 0, 1)";
    raw.execute_batch(earlier).unwrap();
    let again = harness.provider_again();
    again.declare(&component("shop", Some("shop"), &[]), vec![]).await.unwrap();
    let pending = again.outbox("shop").unwrap().pending(10).await.unwrap();
    assert_eq!(pending.iter().map(|row| (row.id.as_str(), row.release)).collect::<Vec<_>>(), [("a", None)]);
}
