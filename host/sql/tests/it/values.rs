//! Values go in and come out as what they were, by the type the column declares.

use sql::Value;

use crate::harness::{Engine, Harness, cell, on_both_engines, text};

/// What PostgreSQL tells of a declaration.
fn plain(declared: &str) -> &str {
    match declared.split('(').next().unwrap() {
        "decimal" => "numeric",
        name => name,
    }
}

const ID: &str = "018f3c5e-7a2b-7cde-8f01-23456789abcd";

on_both_engines! {
    every_variant_comes_back_from_a_column_that_declares_it,
    the_declared_type_reaches_through_joins_ctes_and_subqueries,
    expressions_come_back_by_how_they_are_stored,
    an_empty_result_still_names_its_columns,
    parameters_go_by_number_in_any_order_and_more_than_once,
    a_uuid_is_kept_in_lower_case_whatever_it_came_in,
    decimals_compare_and_add_up_as_numbers,
}

async fn every_variant_comes_back_from_a_column_that_declares_it(engine: Engine) {
    let mut cases = vec![
        ("boolean", Value::Boolean(true)),
        ("boolean", Value::Boolean(false)),
        ("bigint", Value::Int64(i64::MIN)),
        ("integer", Value::Int64(-7)),
        ("double precision", Value::Float64(0.1)),
        ("double precision", Value::Float64(3.0)),
        ("real", Value::Float64(0.25)),
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
        ("bytea", Value::Bytes(vec![])),
        ("timestamptz", Value::Timestamp(1_700_000_000_123_456)),
        ("timestamp", Value::Timestamp(-1)),
        ("uuid", Value::Uuid(ID.to_owned())),
        ("json", Value::Json(r#"{"a":[1,null]}"#.to_owned())),
        ("jsonb", Value::Json("[]".to_owned())),
    ];
    if engine == Engine::Sqlite {
        cases.extend([("real", Value::Float64(f64::MAX)), ("blob", Value::Bytes(vec![1]))]);
    }
    let harness = Harness::new(engine, "select 1").await;
    for (index, (declared, value)) in cases.into_iter().enumerate() {
        let client = harness.client();
        let table = format!("t{index}");
        client.execute(format!("create table {table} (v {declared})"), vec![]).await.unwrap();
        for value in [value, Value::Null] {
            client.execute(format!("delete from {table}"), vec![]).await.unwrap();
            let insert = format!("insert into {table} (v) values ($1) returning v");
            assert_eq!(cell(&client, &insert, vec![value.clone()]).await, value, "{declared} returning");
            let rows = client.query(format!("select v from {table}"), vec![]).await.unwrap();
            assert_eq!(rows.rows, vec![vec![value]], "{declared}");
            let told = engine.of(declared, plain(declared));
            assert_eq!((rows.columns[0].name.as_str(), rows.columns[0].declared.as_str()), ("v", told));
        }
    }
}

async fn the_declared_type_reaches_through_joins_ctes_and_subqueries(engine: Engine) {
    let harness = Harness::new(engine, "create table t (id uuid primary key, at timestamptz, ok boolean)").await;
    let client = harness.client();
    let row = vec![Value::Uuid(ID.to_owned()), Value::Timestamp(5), Value::Boolean(true)];
    client.execute("insert into t values ($1, $2, $3)", row.clone()).await.unwrap();
    for statement in [
        "with c as (select * from t) select id, at, ok from c",
        "select * from (select id, at, ok from t) s",
        "select a.id, b.at, b.ok from t a join t b on a.id = b.id",
        "update t set ok = true returning id, at, ok",
    ] {
        assert_eq!(client.query(statement, vec![]).await.unwrap().rows, vec![row.clone()], "{statement}");
    }
}

async fn expressions_come_back_by_how_they_are_stored(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let statement =
        "select 1, cast(1.5 as double precision), 'a', null, sum(n) from (select 1 as n union all select 2) t";
    let rows = harness.client().query(statement, vec![]).await.unwrap();
    let expected = vec![Value::Int64(1), Value::Float64(1.5), text("a"), Value::Null, Value::Int64(3)];
    assert_eq!(rows.rows, vec![expected]);
    assert!(rows.columns.iter().all(|column| column.declared.is_empty()));
}

async fn an_empty_result_still_names_its_columns(engine: Engine) {
    let harness = Harness::new(engine, "create table t (id uuid, n bigint)").await;
    let rows = harness.client().query("select n, id from t", vec![]).await.unwrap();
    let names: Vec<_> = rows.columns.iter().map(|column| (column.name.as_str(), column.declared.as_str())).collect();
    assert_eq!(names, [("n", "bigint"), ("id", "uuid")]);
    assert!(rows.rows.is_empty());
}

async fn parameters_go_by_number_in_any_order_and_more_than_once(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let params = vec![text("a"), text("b"), text("c")];
    let joined = cell(&harness.client(), "select $3 || $1 || $2 || $1", params).await;
    assert_eq!(joined, text("caba"));
}

async fn a_uuid_is_kept_in_lower_case_whatever_it_came_in(engine: Engine) {
    let harness = Harness::new(engine, "create table t (id uuid)").await;
    let client = harness.client();
    client.execute("insert into t values ($1)", vec![Value::Uuid(ID.to_uppercase())]).await.unwrap();
    let found = cell(&client, "select id from t where id = $1", vec![Value::Uuid(ID.to_owned())]).await;
    assert_eq!(found, Value::Uuid(ID.to_owned()));
}

async fn decimals_compare_and_add_up_as_numbers(engine: Engine) {
    let harness = Harness::new(engine, "create table t (v numeric(14,2))").await;
    let client = harness.client();
    for value in ["9.00", "10.00", "0.10"] {
        client.execute("insert into t values ($1)", vec![Value::Decimal(value.to_owned())]).await.unwrap();
    }
    let largest = harness.cell("select v from t order by v desc limit 1").await;
    assert_eq!(largest, Value::Decimal("10.00".to_owned()));
    let above = Value::Decimal("9.5".to_owned());
    assert_eq!(cell(&client, "select count(*) from t where v > $1", vec![above]).await, Value::Int64(1));
}
