//! All or nothing, one writer after the other.

use std::time::{Duration, Instant};

use sql::{Error, Value};

use crate::harness::{Harness, LONG, READ, WRITE, cell};

const SCHEMA: &str = "create table t (n bigint); create table child (n bigint);";

async fn insert(transaction: &sql::Transaction, n: i64) {
    transaction.execute("insert into t values ($1)", vec![Value::Int64(n)]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_makes_changes_visible_and_not_before() {
    let harness = Harness::new(SCHEMA).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    let inside = transaction.query("select count(*) from t", vec![]).await.unwrap();
    assert_eq!(inside.rows, vec![vec![Value::Int64(1)]]);
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
    transaction.commit().await.unwrap();
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn rollback_drop_and_the_end_of_the_request_leave_nothing() {
    let mut harness = Harness::new(SCHEMA).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    transaction.rollback().await.unwrap();

    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 2).await;
    drop(transaction);

    let kept = harness.client().begin(WRITE).await.unwrap();
    insert(&kept, 3).await;
    harness.ctx.end_request();
    assert!(matches!(kept.execute("delete from t", vec![]).await, Err(Error::Other { .. })));

    harness.ctx.begin_request(Instant::now() + LONG);
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 4).await;
    transaction.commit().await.unwrap();
    assert_eq!(harness.cell("select sum(n) from t").await, Value::Int64(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_in_a_transaction_undoes_its_statement_alone() {
    let harness = Harness::new("create table t (n bigint primary key)").await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    let twice = transaction.query("insert into t values (2), (1) returning n", vec![]).await;
    assert!(matches!(twice, Err(Error::Constraint { .. })), "{twice:?}");
    insert(&transaction, 3).await;
    transaction.commit().await.unwrap();
    assert_eq!(harness.cell("select group_concat(n) from t").await, crate::harness::text("1,3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_read_inside_a_transaction_leaves_its_changes_alone() {
    let harness = Harness::new(SCHEMA).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    let long =
        "with recursive c(n) as (select 1 union all select n + 1 from c where n < 200000) select count(*) from c";
    for statement in [long, &format!("select * from ({long})")] {
        let rows = transaction.query(statement, vec![]).await.unwrap().rows;
        assert_eq!(rows, vec![vec![Value::Int64(200_000)]]);
    }
    transaction.commit().await.unwrap();
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_transaction_sees_one_moment_and_changes_nothing() {
    let harness = Harness::new(SCHEMA).await;
    let snapshot = harness.client().begin(READ).await.unwrap();
    let count = "select count(*) from t";
    let before = snapshot.query(count, vec![]).await.unwrap();
    harness.client().execute("insert into t values (1)", vec![]).await.unwrap();
    assert_eq!(snapshot.query(count, vec![]).await.unwrap(), before);
    assert_eq!(harness.cell(count).await, Value::Int64(1));
    let change = snapshot.execute("insert into t values (2)", vec![]).await;
    assert!(matches!(change, Err(Error::Invalid { .. })), "{change:?}");
    let change = snapshot.query("insert into t values (2) returning n", vec![]).await;
    assert!(matches!(change, Err(Error::Invalid { .. })), "{change:?}");
    snapshot.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn control_is_refused_inside_a_transaction_too() {
    let harness = Harness::new(SCHEMA).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    for statement in ["commit", "rollback", "savepoint x", "begin", "/*wharf*/ COMMIT", "; end"] {
        let refused = transaction.execute(statement, vec![]).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{statement}: {refused:?}");
    }
    transaction.rollback().await.unwrap();
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
}

/// Method: one transaction holds the writer while ten others ask for it one after the other, each known to wait
/// before the next asks; the order in which they wrote is the order in which they asked.
#[tokio::test(flavor = "current_thread")]
async fn writers_get_their_turn_in_the_order_they_came() {
    let harness = Harness::new("create table t (seq integer primary key, n bigint)").await;
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
    assert_eq!(order, crate::harness::text("0,1,2,3,4,5,6,7,8,9"));
}

async fn increment(client: &sql::Client) {
    let transaction = client.begin(WRITE).await.unwrap();
    let rows = transaction.query("select n from t", vec![]).await.unwrap().rows;
    let Value::Int64(n) = rows[0][0] else { panic!("a number") };
    transaction.execute("update t set n = $1", vec![Value::Int64(n + 1)]).await.unwrap();
    transaction.commit().await.unwrap();
}

/// Method: as many increments from as many tasks as would collide without turns; none is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_transactions_lose_no_update() {
    let harness = Harness::new("create table t (n bigint); insert into t values (0);").await;
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let client = harness.client();
        tasks.push(tokio::spawn(async move {
            for _ in 0..10 {
                increment(&client).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(harness.cell("select n from t").await, Value::Int64(80));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_whose_turn_does_not_come_times_out() {
    let harness = Harness::new(SCHEMA).await;
    let holder = harness.client().begin(WRITE).await.unwrap();
    let (_ctx, client) = harness.request(Duration::from_millis(50));
    assert_eq!(client.begin(WRITE).await.err(), Some(Error::Timeout));
    assert_eq!(client.execute("insert into t values (1)", vec![]).await, Err(Error::Timeout));
    insert(&holder, 1).await;
    holder.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_do_not_wait_for_the_writer() {
    let harness = Harness::new(SCHEMA).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    let (_ctx, client) = harness.request(Duration::from_secs(5));
    assert_eq!(cell(&client, "select count(*) from t", vec![]).await, Value::Int64(0));
    drop(transaction);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deferred_rule_is_judged_at_the_commit_and_leaves_nothing() {
    let schema = "create table parent (id bigint primary key);
        create table t (p bigint references parent (id) deferrable initially deferred);";
    let harness = Harness::new(schema).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    transaction.execute("insert into t values (9)", vec![]).await.unwrap();
    let refused = transaction.commit().await;
    assert!(matches!(refused, Err(Error::Constraint { .. })), "{refused:?}");
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
    harness.client().execute("insert into parent values (1)", vec![]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_all_connections_waits_for_another_until_its_deadline() {
    let harness = Harness::new(SCHEMA).await;
    let mut open = Vec::new();
    let (_ctx, client) = harness.request(Duration::from_millis(200));
    for _ in 0..4 {
        open.push(client.begin(READ).await.unwrap());
    }
    // The fifth finds no connection left and gives up at the deadline.
    assert_eq!(client.begin(READ).await.err(), Some(Error::Timeout));
    drop(open);
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
}
