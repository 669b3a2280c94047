//! Values go in and come out as what they were, by the type the column declares.

use std::sync::atomic::Ordering;

use sql::Value;

use crate::harness::{Harness, START_US, cell, text};

const ID: &str = "018f3c5e-7a2b-7cde-8f01-23456789abcd";

#[tokio::test(flavor = "multi_thread")]
async fn every_variant_comes_back_from_a_column_that_declares_it() {
    let cases = [
        ("boolean", Value::Boolean(true)),
        ("boolean", Value::Boolean(false)),
        ("bigint", Value::Int64(i64::MIN)),
        ("integer", Value::Int64(-7)),
        ("double precision", Value::Float64(0.1)),
        ("double precision", Value::Float64(3.0)),
        ("real", Value::Float64(f64::MAX)),
        ("numeric(14,2)", Value::Decimal("-12.50".to_owned())),
        ("numeric(14,2)", Value::Decimal("999999999999.99".to_owned())),
        ("numeric(14,2)", Value::Decimal("3.00".to_owned())),
        ("decimal", Value::Decimal("0.1".to_owned())),
        ("numeric", Value::Decimal("9223372036854775807".to_owned())),
        ("text", text("Grüße, 世界")),
        ("text", text("123")),
        ("text", text("")),
        ("varchar(20)", text("x")),
        ("bytea", Value::Bytes(vec![0, 255, 1])),
        ("blob", Value::Bytes(vec![])),
        ("timestamptz", Value::Timestamp(1_700_000_000_123_456)),
        ("timestamp", Value::Timestamp(-1)),
        ("uuid", Value::Uuid(ID.to_owned())),
        ("json", Value::Json(r#"{"a":[1,null]}"#.to_owned())),
        ("jsonb", Value::Json("[]".to_owned())),
    ];
    let harness = Harness::new("select 1").await;
    for (index, (declared, value)) in cases.into_iter().enumerate() {
        let client = harness.client();
        let table = format!("t{index}");
        client.execute(format!("create table {table} (v {declared})"), vec![]).await.unwrap();
        for value in [value, Value::Null] {
            let insert = format!("insert into {table} (v) values ($1) returning v");
            assert_eq!(cell(&client, &insert, vec![value.clone()]).await, value, "{declared} returning");
            let rows =
                client.query(format!("select v from {table} order by rowid desc limit 1"), vec![]).await.unwrap();
            assert_eq!(rows.rows, vec![vec![value]], "{declared}");
            assert_eq!((rows.columns[0].name.as_str(), rows.columns[0].declared.as_str()), ("v", declared));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_declared_type_reaches_through_joins_ctes_and_subqueries() {
    let harness = Harness::new("create table t (id uuid primary key, at timestamptz, ok boolean)").await;
    let client = harness.client();
    let row = vec![Value::Uuid(ID.to_owned()), Value::Timestamp(5), Value::Boolean(true)];
    client.execute("insert into t values ($1, $2, $3)", row.clone()).await.unwrap();
    for statement in [
        "with c as (select * from t) select id, at, ok from c",
        "select * from (select id, at, ok from t)",
        "select a.id, b.at, b.ok from t a join t b on a.id = b.id",
        "update t set ok = true returning id, at, ok",
    ] {
        assert_eq!(client.query(statement, vec![]).await.unwrap().rows, vec![row.clone()], "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expressions_come_back_by_how_they_are_stored() {
    let harness = Harness::new("select 1").await;
    let rows = harness.client().query("select 1, 1.5, 'a', x'00', null", vec![]).await.unwrap();
    let expected = vec![Value::Int64(1), Value::Float64(1.5), text("a"), Value::Bytes(vec![0]), Value::Null];
    assert_eq!(rows.rows, vec![expected]);
    assert!(rows.columns.iter().all(|column| column.declared.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_result_still_names_its_columns() {
    let harness = Harness::new("create table t (id uuid, n bigint)").await;
    let rows = harness.client().query("select n, id from t", vec![]).await.unwrap();
    let names: Vec<_> = rows.columns.iter().map(|column| (column.name.as_str(), column.declared.as_str())).collect();
    assert_eq!(names, [("n", "bigint"), ("id", "uuid")]);
    assert!(rows.rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_go_by_number_in_any_order_and_more_than_once() {
    let harness = Harness::new("select 1").await;
    let params = vec![text("a"), text("b"), text("c")];
    let joined = cell(&harness.client(), "select $3 || $1 || $2 || $1", params).await;
    assert_eq!(joined, text("caba"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_uuid_is_kept_in_lower_case_whatever_it_came_in() {
    let harness = Harness::new("create table t (id uuid)").await;
    let client = harness.client();
    client.execute("insert into t values ($1)", vec![Value::Uuid(ID.to_uppercase())]).await.unwrap();
    let found = cell(&client, "select id from t where id = $1", vec![Value::Uuid(ID.to_owned())]).await;
    assert_eq!(found, Value::Uuid(ID.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn current_timestamp_is_the_hosts_clock_in_the_stored_form() {
    let harness = Harness::new("create table t (n bigint, at timestamptz not null default current_timestamp)").await;
    let client = harness.client();
    harness.clock_us.store(START_US + 42, Ordering::Relaxed);
    client.execute("insert into t (n) values (1)", vec![]).await.unwrap();
    assert_eq!(harness.cell("select at from t").await, Value::Timestamp(START_US + 42));
    assert_eq!(harness.cell("select count(*) from t where at = now()").await, Value::Int64(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn decimals_compare_and_add_up_as_numbers() {
    let harness = Harness::new("create table t (v numeric(14,2))").await;
    let client = harness.client();
    for value in ["9.00", "10.00", "0.10"] {
        client.execute("insert into t values ($1)", vec![Value::Decimal(value.to_owned())]).await.unwrap();
    }
    let largest = harness.cell("select v from t order by v desc limit 1").await;
    assert_eq!(largest, Value::Decimal("10.00".to_owned()));
    let above = Value::Decimal("9.5".to_owned());
    assert_eq!(cell(&client, "select count(*) from t where v > $1", vec![above]).await, Value::Int64(1));
}
