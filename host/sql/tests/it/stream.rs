//! Rows that arrive while the engine reads.

use std::time::Duration;

use sql::{Error, Value};

use crate::harness::{Engine, Harness, cell, on_both_engines};

fn numbers(engine: Engine, count: u32) -> String {
    format!(
        "with recursive c(n) as (select 1 union all select n + 1 from c where n < {count})
         select n, {} as pad from c",
        engine.zeros(1000)
    )
}

on_both_engines! {
    a_result_far_over_the_limit_of_a_query_streams_in_order,
    a_stream_without_rows_has_columns_and_an_end,
    what_is_refused_is_refused_before_the_first_row,
    an_error_in_the_middle_ends_the_stream_and_is_told,
    a_reader_that_stalls_past_the_deadline_loses_the_stream,
    a_dropped_stream_frees_its_connection,
    a_dropped_stream_stops_an_engine_that_finds_no_rows,
    stalled_streams_do_not_keep_single_reads_waiting,
}

async fn a_result_far_over_the_limit_of_a_query_streams_in_order(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let mut stream = harness.client().query_stream(numbers(engine, 50_000), vec![]).await.unwrap();
    let names: Vec<_> = stream.columns().iter().map(|column| column.name.clone()).collect();
    assert_eq!(names, ["n", "pad"]);
    let mut expected = 0;
    while let Some(batch) = stream.next().await {
        let bytes = batch.len() * 1000;
        assert!(bytes <= 80_000, "a batch of {bytes} bytes");
        for row in batch {
            expected += 1;
            assert_eq!(row[0], Value::Int64(expected));
        }
    }
    assert_eq!(expected, 50_000);
    stream.end().await.unwrap();
}

async fn a_stream_without_rows_has_columns_and_an_end(engine: Engine) {
    let harness = Harness::new(engine, "create table t (at timestamptz)").await;
    let mut stream = harness.client().query_stream("select at from t", vec![]).await.unwrap();
    assert_eq!(stream.columns()[0].declared, "timestamptz");
    assert_eq!(stream.next().await, None);
    stream.end().await.unwrap();
}

async fn what_is_refused_is_refused_before_the_first_row(engine: Engine) {
    let harness = Harness::new(engine, "create table t (n bigint)").await;
    for statement in ["insert into t values (1) returning n", "selec", "select * from nowhere", "begin", "select $1"] {
        let refused = harness.client().query_stream(statement, vec![]).await.err();
        assert!(matches!(refused, Some(Error::Invalid { .. })), "{statement}: {refused:?}");
    }
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
}

async fn an_error_in_the_middle_ends_the_stream_and_is_told(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let statement = "with recursive c(n) as (select 1 union all select n + 1 from c where n < 10)
        select abs(-9223372036854775807 - n / 5) from c";
    let mut stream = harness.client().query_stream(statement, vec![]).await.unwrap();
    while stream.next().await.is_some() {}
    assert!(matches!(stream.end().await, Err(Error::Invalid { .. })));
}

/// Method: the reader takes one batch and then does something else that lasts until the deadline.
async fn a_reader_that_stalls_past_the_deadline_loses_the_stream(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let (_ctx, client) = harness.request(Duration::from_millis(engine.of(100, 500)));
    let mut stream = client.query_stream(numbers(engine, 1_000_000), vec![]).await.unwrap();
    let first = stream.next().await.unwrap();
    assert_eq!(first[0][0], Value::Int64(1));
    let for_ever = "with recursive c(n) as (select 1 union all select n + 1 from c) select max(n) from c";
    assert_eq!(client.query(for_ever, vec![]).await.err(), Some(Error::Timeout));
    while stream.next().await.is_some() {}
    assert_eq!(stream.end().await, Err(Error::Timeout));
}

/// Method: more streams than connections are begun and dropped half-read; then one more still gets a connection.
async fn a_dropped_stream_frees_its_connection(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    for _ in 0..12 {
        let mut stream = harness.client().query_stream(numbers(engine, 1_000_000), vec![]).await.unwrap();
        assert!(stream.next().await.is_some());
    }
    let (_ctx, client) = harness.request(Duration::from_secs(10));
    let mut stream = client.query_stream("select 7", vec![]).await.unwrap();
    assert_eq!(stream.next().await, Some(vec![vec![Value::Int64(7)]]));
}

/// Method: more streams than connections, each silent after its first row, are dropped, and callers that wait for a
/// first row that never comes go away; then one more still gets a connection.
async fn a_dropped_stream_stops_an_engine_that_finds_no_rows(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let silent = "with recursive c(n) as (select 1 union all select n + 1 from c) select n from c where n < 2";
    let mute = "with recursive c(n) as (select 1 union all select n + 1 from c) select n from c where n < 1";
    for _ in 0..6 {
        let mut stream = harness.client().query_stream(silent, vec![]).await.unwrap();
        assert!(stream.next().await.is_some());
        let call = harness.client();
        let call = call.query_stream(mute, vec![]);
        assert!(tokio::time::timeout(Duration::from_millis(20), call).await.is_err());
    }
    let (_ctx, client) = harness.request(Duration::from_secs(10));
    let mut stream = client.query_stream("select 7", vec![]).await.unwrap();
    assert_eq!(stream.next().await, Some(vec![vec![Value::Int64(7)]]));
}

async fn stalled_streams_do_not_keep_single_reads_waiting(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let mut stalled = Vec::new();
    for _ in 0..4 {
        stalled.push(harness.client().query_stream(numbers(engine, 1_000_000), vec![]).await.unwrap());
    }
    let (_ctx, client) = harness.request(Duration::from_secs(5));
    assert_eq!(cell(&client, "select 1", vec![]).await, Value::Int64(1));
    drop(stalled);
}
