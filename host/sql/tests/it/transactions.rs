//! All or nothing, one writer after the other.

use std::time::{Duration, Instant};

use sql::{Error, Isolation, Options, Value};

use crate::harness::{Engine, Harness, LONG, READ, WRITE, cell, on_both_engines};

const SCHEMA: &str = "create table t (n bigint); create table child (n bigint);";

async fn insert(transaction: &sql::Transaction, n: i64) {
    transaction.execute("insert into t values ($1)", vec![Value::Int64(n)]).await.unwrap();
}

on_both_engines! {
    a_commit_makes_changes_visible_and_not_before,
    rollback_drop_and_the_end_of_the_request_leave_nothing,
    an_error_in_a_transaction_undoes_its_statement_alone,
    a_long_read_inside_a_transaction_leaves_its_changes_alone,
    a_read_only_transaction_sees_one_moment_and_changes_nothing,
    control_is_refused_inside_a_transaction_too,
    concurrent_transactions_lose_no_update,
    readers_do_not_wait_for_the_writer,
    a_deferred_rule_is_judged_at_the_commit_and_leaves_nothing,
    when_one_request_takes_all_connections_another_waits_until_its_deadline,
}

async fn a_commit_makes_changes_visible_and_not_before(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    let inside = transaction.query("select count(*) from t", vec![]).await.unwrap();
    assert_eq!(inside.rows, vec![vec![Value::Int64(1)]]);
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
    transaction.commit().await.unwrap();
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(1));
}

async fn rollback_drop_and_the_end_of_the_request_leave_nothing(engine: Engine) {
    let mut harness = Harness::new(engine, SCHEMA).await;
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

    harness.ctx.begin_request(Instant::now() + LONG, None);
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 4).await;
    transaction.commit().await.unwrap();
    assert_eq!(harness.cell("select sum(n) from t").await, Value::Int64(4));
}

async fn an_error_in_a_transaction_undoes_its_statement_alone(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint primary key)").await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    let twice = transaction.query("insert into t values (2), (1) returning n", vec![]).await;
    assert!(matches!(twice, Err(Error::Constraint { .. })), "{twice:?}");
    insert(&transaction, 3).await;
    transaction.commit().await.unwrap();
    let kept = harness.client().query("select n from t order by n", vec![]).await.unwrap().rows;
    assert_eq!(kept, [[Value::Int64(1)], [Value::Int64(3)]]);
}

async fn a_long_read_inside_a_transaction_leaves_its_changes_alone(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    let long =
        "with recursive c(n) as (select 1 union all select n + 1 from c where n < 200000) select count(*) from c";
    for statement in [long, &format!("select * from ({long}) long")] {
        let rows = transaction.query(statement, vec![]).await.unwrap().rows;
        assert_eq!(rows, vec![vec![Value::Int64(200_000)]]);
    }
    transaction.commit().await.unwrap();
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(1));
}

async fn a_read_only_transaction_sees_one_moment_and_changes_nothing(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
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

async fn control_is_refused_inside_a_transaction_too(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    for statement in ["commit", "rollback", "savepoint x", "begin", "/*wharf*/ COMMIT", "; end"] {
        let refused = transaction.execute(statement, vec![]).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{statement}: {refused:?}");
    }
    transaction.rollback().await.unwrap();
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
}

async fn increment(client: &sql::Client) -> Result<(), Error> {
    let transaction = client.begin(Options { isolation: Isolation::Serializable, read_only: false }).await?;
    let rows = transaction.query("select n from t", vec![]).await?.rows;
    let Value::Int64(n) = rows[0][0] else { panic!("a number") };
    transaction.execute("update t set n = $1", vec![Value::Int64(n + 1)]).await?;
    transaction.commit().await
}

/// Method: as many increments from as many tasks as would collide; whoever loses begins again, and none is lost.
async fn concurrent_transactions_lose_no_update(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint); insert into t values (0);").await;
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let client = harness.client();
        tasks.push(tokio::spawn(async move {
            for _ in 0..10 {
                while let Err(error) = increment(&client).await {
                    assert_eq!(error, Error::Conflict);
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(harness.cell("select n from t").await, Value::Int64(80));
}

async fn readers_do_not_wait_for_the_writer(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    insert(&transaction, 1).await;
    let (_ctx, client) = harness.request(Duration::from_secs(5));
    assert_eq!(cell(&client, "select count(*) from t", vec![]).await, Value::Int64(0));
    drop(transaction);
}

async fn a_deferred_rule_is_judged_at_the_commit_and_leaves_nothing(engine: Engine) {
    let schema = "create table parent (id bigint primary key);
        create table t (p bigint references parent (id) deferrable initially deferred);";
    let harness = Harness::new(engine, schema).await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    transaction.execute("insert into t values (9)", vec![]).await.unwrap();
    let refused = transaction.commit().await;
    assert!(matches!(refused, Err(Error::Constraint { .. })), "{refused:?}");
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
    harness.client().execute("insert into parent values (1)", vec![]).await.unwrap();
}

async fn when_one_request_takes_all_connections_another_waits_until_its_deadline(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    let mut open = Vec::new();
    let (_ctx, holder) = harness.request(LONG);
    for _ in 0..engine.of(4, 10) {
        open.push(holder.begin(READ).await.unwrap());
    }
    let (_ctx, client) = harness.request(Duration::from_millis(200));
    // The next finds no connection left and gives up at the deadline.
    assert_eq!(client.begin(READ).await.err(), Some(Error::Timeout));
    drop(open);
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
}
