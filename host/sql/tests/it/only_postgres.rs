//! What is so on PostgreSQL alone: transactions side by side, types of the server, many callers.

use std::time::{Duration, Instant};

use futures::future::join_all;
use sql::{Error, Isolation, Options, Value};

use crate::harness::{Engine, Harness, WRITE, cell, component, migrations, server, text};

const SERIALIZABLE: Options = Options { isolation: Isolation::Serializable, read_only: false };
const FOR_EVER: &str = "with recursive c(n) as (select 1 union all select n + 1 from c) select max(n) from c";

/// What the server does for a database at the moment.
fn activity(harness: &Harness, condition: &str) -> u32 {
    let database = harness.database("shop");
    let question = format!("select count(*) from pg_stat_activity where datname = '{database}' and {condition}");
    server().psql("postgres", &question).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_lost_says_so_and_can_be_run_again() {
    let harness = Harness::new(Engine::Postgres, "create table t (n bigint); insert into t values (0)").await;
    let first = harness.client().begin(SERIALIZABLE).await.unwrap();
    let second = harness.client().begin(SERIALIZABLE).await.unwrap();
    for transaction in [&first, &second] {
        transaction.query("select n from t", vec![]).await.unwrap();
    }
    first.execute("update t set n = 1", vec![]).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.execute("update t set n = 2", vec![]).await, Err(Error::Conflict));
    assert!(matches!(second.commit().await, Err(Error::Other { .. })), "it was rolled back");
    assert_eq!(harness.cell("select n from t").await, Value::Int64(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_wait_for_each_other_one_loses() {
    let harness = Harness::new(Engine::Postgres, "create table t (n bigint); insert into t values (1), (2)").await;
    let (first, second) = (harness.client().begin(WRITE).await.unwrap(), harness.client().begin(WRITE).await.unwrap());
    first.execute("update t set n = n where n = 1", vec![]).await.unwrap();
    second.execute("update t set n = n where n = 2", vec![]).await.unwrap();
    let (one, other) = tokio::join!(
        first.execute("update t set n = n where n = 2", vec![]),
        second.execute("update t set n = n where n = 1", vec![])
    );
    assert!(
        matches!((&one, &other), (Ok(1), Err(Error::Conflict)) | (Err(Error::Conflict), Ok(1))),
        "{one:?} {other:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_somebody_holds_is_waited_for_until_the_deadline() {
    let harness = Harness::new(Engine::Postgres, "create table t (n bigint); insert into t values (1)").await;
    let holder = harness.client().begin(WRITE).await.unwrap();
    holder.execute("update t set n = 2", vec![]).await.unwrap();
    let (_ctx, client) = harness.request(Duration::from_millis(100));
    assert_eq!(client.execute("update t set n = 3", vec![]).await, Err(Error::Timeout));
    assert_eq!(client.begin(WRITE).await.err(), Some(Error::Timeout));
    holder.commit().await.unwrap();
    assert_eq!(harness.cell("select n from t").await, Value::Int64(2));
}

/// Method: callers go away and deadlines pass while the server works; then the server is asked what it does.
#[tokio::test(flavor = "multi_thread")]
async fn the_server_stops_when_nobody_waits_and_keeps_no_transaction_open() {
    let harness = Harness::new(Engine::Postgres, "create table t (n bigint)").await;
    for _ in 0..3 {
        let client = harness.client();
        assert!(tokio::time::timeout(Duration::from_millis(50), client.query(FOR_EVER, vec![])).await.is_err());
        let (_ctx, client) = harness.request(Duration::from_millis(50));
        assert_eq!(client.query(FOR_EVER, vec![]).await.err(), Some(Error::Timeout));
        let transaction = harness.client().begin(WRITE).await.unwrap();
        transaction.execute("insert into t values (1)", vec![]).await.unwrap();
        drop(transaction);
    }
    // Far below the limit that the server itself has.
    let began = Instant::now();
    while activity(&harness, "state <> 'idle'") > 0 {
        assert!(began.elapsed() < Duration::from_secs(10), "the server still works");
    }
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_queries_at_once_share_the_connections() {
    let harness = Harness::new(Engine::Postgres, "create table t (n bigint)").await;
    let client = harness.client();
    let queries = (0..10_000).map(|n| {
        let client = client.clone();
        async move { client.query("select $1::bigint + 1", vec![Value::Int64(n)]).await.map(|rows| rows.rows) }
    });
    for (n, answer) in join_all(queries).await.into_iter().enumerate() {
        assert_eq!(answer.unwrap(), [[Value::Int64(i64::try_from(n).unwrap() + 1)]]);
    }
    assert!(activity(&harness, "true") <= 12, "the share of one database");
}

/// Method: twice as many databases as connections, each used; idle connections make room for others.
#[tokio::test(flavor = "multi_thread")]
async fn all_databases_together_stay_within_the_budget() {
    let mut config = crate::harness::config(server().port(), &crate::harness::prefix());
    config.connections = 4;
    let harness = Harness::on_server(&config, "select 1").await;
    for n in 0..8 {
        let component = component("x", Some(&format!("d{n}")), &[]);
        harness.provider.declare(&component, vec![]).await.unwrap();
        let client = harness.provider.prepare(&component).client().unwrap();
        assert_eq!(cell(&client, "select 1", vec![]).await, Value::Int64(1));
    }
    let question = format!("select count(*) from pg_stat_activity where datname like '{}%'", config.prefix);
    // The server ends a connection a moment after its client.
    let began = Instant::now();
    while server().psql("postgres", &question).parse::<u32>().unwrap() > 4 {
        assert!(began.elapsed() < Duration::from_secs(10), "more than the budget");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_of_a_million_rows_is_refused_and_disturbs_nobody() {
    let harness = Harness::new(Engine::Postgres, "create table t (n bigint)").await;
    let many = "select a.n, 'some text' from generate_series(1, 10000) a (n), generate_series(1, 10000) b (n)";
    let client = harness.client();
    let (large, small) = tokio::join!(client.query(many, vec![]), client.query("select 1", vec![]));
    assert_eq!(large.unwrap_err(), Error::TooLarge { limit: 16 << 20 });
    assert_eq!(small.unwrap().rows, [[Value::Int64(1)]]);
    // Also inside a transaction, which goes on.
    let transaction = client.begin(WRITE).await.unwrap();
    assert_eq!(transaction.query(many, vec![]).await.unwrap_err(), Error::TooLarge { limit: 16 << 20 });
    transaction.execute("insert into t values (1)", vec![]).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn types_of_the_server_take_and_give_what_stands_for_them() {
    let schema = "create type colour as enum ('red', 'green'); create domain small as int check (value < 10);
        create table t (c colour, d date, s small, i smallint, r real, n char(3), tz timestamptz, o oid)";
    let harness = Harness::new(Engine::Postgres, schema).await;
    let client = harness.client();
    let row = vec![
        text("green"),
        text("2024-02-29"),
        Value::Int64(7),
        Value::Int64(-3),
        Value::Float64(0.1),
        text("abc"),
        Value::Timestamp(-5),
    ];
    let insert =
        "insert into t (c, d, s, i, r, n, tz) values ($1, $2, $3, $4, $5, $6, $7) returning c, d, s, i, r, n, tz";
    assert_eq!(client.query(insert, row.clone()).await.unwrap().rows, vec![row]);
    for (statement, param) in [
        ("update t set i = $1", Value::Int64(40_000)),
        ("update t set i = $1", text("1")),
        ("update t set d = $1", text("2023-02-29")),
        ("update t set c = $1", text("blue")),
        ("update t set tz = $1", Value::Int64(1)),
        ("update t set r = $1", Value::Float64(1e300)),
        ("update t set n = $1", Value::Int64(1)),
        ("select $1::inet", text("127.0.0.1")),
        ("select $1::uuid", text("nonsense")),
    ] {
        let refused = client.query(statement, vec![param]).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{statement}: {refused:?}");
    }
    let domain = client.execute("update t set s = 11", vec![]).await;
    assert!(matches!(domain, Err(Error::Constraint { .. })), "{domain:?}");
    assert!(matches!(client.query("select '1.2.3.4'::inet", vec![]).await, Err(Error::Invalid { .. })));
    assert_eq!(cell(&client, "select '1.2.3.4'::inet::text", vec![]).await, text("1.2.3.4/32"));
    // A place of which the server knows nothing takes what the value is.
    assert_eq!(cell(&client, "select count(*) from t where $1 is null", vec![Value::Int64(1)]).await, Value::Int64(0));
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(1));
}

/// Method: the schema changes behind the host's back, as by another host.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_no_longer_fits_the_schema_is_prepared_anew() {
    let harness = Harness::new(Engine::Postgres, "create table t (n bigint); insert into t values (1)").await;
    let client = harness.client();
    let columns = async || client.query("select * from t", vec![]).await.unwrap().columns.len();
    assert_eq!(columns().await, 1);
    let alter = |statement: &str| server().psql(&harness.database("shop"), statement);
    alter("alter table t add column m bigint");
    assert_eq!(columns().await, 2);
    let transaction = client.begin(WRITE).await.unwrap();
    assert_eq!(transaction.query("select * from t", vec![]).await.unwrap().columns.len(), 2);
    transaction.commit().await.unwrap();
    alter("alter table t add column o bigint");
    let transaction = client.begin(WRITE).await.unwrap();
    assert_eq!(transaction.query("select * from t", vec![]).await.err(), Some(Error::Conflict));
    drop(transaction);
    let transaction = client.begin(WRITE).await.unwrap();
    assert_eq!(transaction.query("select * from t", vec![]).await.unwrap().columns.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_run_a_migration_once() {
    let harness = Harness::new(Engine::Postgres, "select 1").await;
    let other = harness.provider_again();
    let stock = component("stock", Some("stock"), &[]);
    let files = migrations(&[("0001_a.expand.sql", "create table a (n bigint); insert into a values (1);")]);
    let (one, two) = tokio::join!(harness.provider.declare(&stock, files.clone()), other.declare(&stock, files));
    one.unwrap();
    two.unwrap();
    let client = other.prepare(&stock).client().unwrap();
    assert_eq!(cell(&client, "select count(*) from a", vec![]).await, Value::Int64(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_provider_answers_unavailable() {
    let harness = Harness::new(Engine::Postgres, "create table a (n bigint)").await;
    harness.provider.ping().await.unwrap();
    harness.provider.checkpoint().await.unwrap();
    harness.provider.close().await.unwrap();
    for result in [harness.provider.ping().await, harness.client().execute("delete from a", vec![]).await.map(drop)] {
        assert!(matches!(result, Err(Error::Unavailable { .. })), "{result:?}");
    }
}
