//! Deadlines and cancelled callers stop the engine, and what they leave is usable.

use std::time::{Duration, Instant};

use sql::{Error, Value};

use crate::harness::{Engine, Harness, WRITE, cell, on_both_engines};

const FOR_EVER: &str = "with recursive c(n) as (select 1 union all select n + 1 from c) select max(n) from c";

on_both_engines! {
    a_statement_that_runs_for_ever_ends_at_the_deadline,
    a_long_read_is_answered_and_remembered_as_long,
    a_dropped_caller_stops_its_statement,
    a_transaction_that_idles_past_the_deadline_is_rolled_back_and_the_next_gets_in,
    a_statement_in_a_transaction_ends_at_the_deadline_with_the_whole_transaction,
    a_cancelled_call_takes_its_transaction_with_it,
}

async fn a_statement_that_runs_for_ever_ends_at_the_deadline(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint)").await;
    let insert = format!("insert into t {FOR_EVER}");
    for statement in [FOR_EVER, FOR_EVER, insert.as_str()] {
        let (_ctx, client) = harness.request(Duration::from_millis(100));
        let began = Instant::now();
        assert_eq!(client.query(statement, vec![]).await.err(), Some(Error::Timeout), "{statement}");
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(100) && took < Duration::from_secs(5), "{statement}: {took:?}");
        assert_eq!(harness.client().execute("insert into t values (1)", vec![]).await, Ok(1));
    }
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(3));
}

async fn a_long_read_is_answered_and_remembered_as_long(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint)").await;
    let long =
        "with recursive c(n) as (select 1 union all select n + 1 from c where n < 200000) select count(*) from c";
    for _ in 0..3 {
        assert_eq!(harness.cell(long).await, Value::Int64(200_000));
    }
}

/// Method: more callers than there are connections start a statement without end and are dropped; if one were not
/// stopped, the reads that follow would find no connection.
async fn a_dropped_caller_stops_its_statement(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint)").await;
    let insert = format!("insert into t {FOR_EVER}");
    for statement in [FOR_EVER, insert.as_str()] {
        for _ in 0..6 {
            let client = harness.client();
            let call = client.query(statement, vec![]);
            assert!(tokio::time::timeout(Duration::from_millis(20), call).await.is_err());
        }
    }
    let (_ctx, client) = harness.request(Duration::from_secs(10));
    assert_eq!(cell(&client, "select count(*) from t", vec![]).await, Value::Int64(0));
    assert_eq!(client.execute("insert into t values (1)", vec![]).await, Ok(1));
}

async fn a_transaction_that_idles_past_the_deadline_is_rolled_back_and_the_next_gets_in(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint); insert into t values (0)").await;
    let (_ctx, idle) = harness.request(Duration::from_millis(engine.of(100, 500)));
    let transaction = idle.begin(WRITE).await.unwrap();
    transaction.execute("update t set n = 1", vec![]).await.unwrap();
    // Nobody touches it again; this waits for the writer, or the row, until the deadline of the idle one.
    let next = harness.client().begin(WRITE).await.unwrap();
    next.execute("update t set n = 2", vec![]).await.unwrap();
    next.commit().await.unwrap();
    assert_eq!(transaction.execute("update t set n = 3", vec![]).await, Err(Error::Timeout));
    assert_eq!(transaction.commit().await, Err(Error::Timeout));
    assert_eq!(harness.cell("select sum(n) from t").await, Value::Int64(2));
}

async fn a_statement_in_a_transaction_ends_at_the_deadline_with_the_whole_transaction(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint)").await;
    let (_ctx, client) = harness.request(Duration::from_millis(engine.of(100, 500)));
    let transaction = client.begin(WRITE).await.unwrap();
    transaction.execute("insert into t values (1)", vec![]).await.unwrap();
    assert_eq!(transaction.query(FOR_EVER, vec![]).await.err(), Some(Error::Timeout));
    assert_eq!(transaction.commit().await, Err(Error::Timeout));
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
    assert_eq!(harness.client().execute("insert into t values (1)", vec![]).await, Ok(1));
}

async fn a_cancelled_call_takes_its_transaction_with_it(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint)").await;
    let transaction = harness.client().begin(WRITE).await.unwrap();
    transaction.execute("insert into t values (1)", vec![]).await.unwrap();
    let insert = format!("insert into t {FOR_EVER}");
    let call = transaction.execute(insert, vec![]);
    assert!(tokio::time::timeout(Duration::from_millis(20), call).await.is_err());
    assert!(matches!(transaction.commit().await, Err(Error::Other { .. })));
    assert_eq!(harness.client().execute("insert into t values (2)", vec![]).await, Ok(1));
    assert_eq!(harness.cell("select sum(n) from t").await, Value::Int64(2));
}
