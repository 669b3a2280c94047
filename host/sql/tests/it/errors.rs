//! Each error is the one the caller can act on.

use sql::{ConstraintKind, Error, SqlProvider, Value};

use crate::harness::{Engine, Harness, component, on_both_engines, text};

const SCHEMA: &str = "create table parent (id bigint primary key);
    create table t (
      id bigint primary key, email text, n bigint not null, p bigint references parent (id),
      constraint n_is_small check (n < 100), unique (email, n));
    create unique index t_email_lower on t (lower(email)) where email is not null;";

pub(crate) async fn refused(harness: &Harness, statement: &str, params: Vec<Value>) -> Error {
    let queried = harness.client().query(statement, params.clone()).await;
    let executed = harness.client().execute(statement, params).await;
    let queried = queried.expect_err(statement);
    assert_eq!(queried, executed.expect_err(statement), "{statement}");
    queried
}

on_both_engines! {
    a_statement_that_is_not_accepted_says_where,
    statements_that_are_not_about_data_are_refused,
    constraints_tell_their_kind_and_name,
    parameters_must_fit_the_statement,
    parameters_must_be_what_their_type_says,
    what_is_over_a_limit_is_too_large,
    a_change_whose_rows_are_too_large_is_not_made,
    execute_counts_the_rows_of_this_statement_alone,
    a_component_without_the_grant_is_denied,
    databases_are_apart_unless_they_share_a_name,
    a_name_that_would_leave_the_folder_is_refused,
}

async fn a_statement_that_is_not_accepted_says_where(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    for (statement, at) in [
        ("selec 1", Some(0)),
        ("  select 1 frm t where", Some(15)),
        ("select missing from t", Some(7)),
        ("select * from nowhere", engine.of(None, Some(14))),
        ("select 1; select 2", None),
        ("select 1; what is this", Some(10)),
        (&format!("select {} missing from t  ", " ".repeat(20_000)), Some(20_008)),
    ] {
        match refused(&harness, statement, vec![]).await {
            Error::Invalid { position, .. } => assert_eq!(position, at, "{statement}"),
            other => panic!("{statement}: {other:?}"),
        }
    }
}

async fn statements_that_are_not_about_data_are_refused(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    for statement in [
        "begin",
        "BEGIN IMMEDIATE",
        "commit",
        "end",
        "rollback",
        "savepoint a",
        "release a",
        "start transaction",
        "attach 'other.db' as o",
        "detach main",
        "pragma user_version = 3",
        "PRAGMA journal_mode",
        "vacuum",
        "; vacuum into 'x'",
        "reindex",
        "analyze",
        "set a = 1",
        "listen a",
        "notify a",
        "copy t to stdout",
        "select * from pragma_table_info('t')",
        "select load_extension('x')",
        "create temp table x (a)",
        "create virtual table x using fts5(a)",
        "explain begin",
        "/*wharf*/ COMMIT",
        "",
    ] {
        let error = refused(&harness, statement, vec![]).await;
        assert!(matches!(error, Error::Invalid { .. }), "{statement}: {error:?}");
    }
    assert_eq!(harness.cell("select 1").await, Value::Int64(1));
}

async fn constraints_tell_their_kind_and_name(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    let client = harness.client();
    client.execute("insert into t (id, email, n) values (1, 'A', 1)", vec![]).await.unwrap();
    for (statement, kind, name) in [
        ("insert into t (id, n) values (1, 1)", ConstraintKind::Unique, Some(engine.of("t.id", "t_pkey"))),
        ("insert into t (id, email, n) values (2, 'a', 2)", ConstraintKind::Unique, Some("t_email_lower")),
        ("insert into t (id) values (3)", ConstraintKind::NotNull, Some("t.n")),
        ("insert into t (id, n) values (4, 100)", ConstraintKind::Check, Some("n_is_small")),
        ("insert into t (id, n, p) values (5, 5, 99)", ConstraintKind::ForeignKey, engine.of(None, Some("t_p_fkey"))),
    ] {
        let expected = Error::Constraint { kind, name: name.map(str::to_owned) };
        assert_eq!(refused(&harness, statement, vec![]).await, expected, "{statement}");
    }
}

async fn parameters_must_fit_the_statement(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    for (statement, count) in [
        ("select $1", 0),
        ("select 1", 1),
        ("select $1, $2", 1),
        ("select $1, $3", 2),
        ("select ?", 1),
        ("select :a", 1),
        ("select $a", 1),
        ("select $01", 1),
        ("select $1, $01", 2),
        ("select $0", 1),
        ("select ?2", 2),
    ] {
        let error = refused(&harness, statement, vec![Value::Int64(1); count]).await;
        assert!(matches!(error, Error::Invalid { .. }), "{statement}: {error:?}");
    }
}

async fn parameters_must_be_what_their_type_says(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    for value in [
        Value::Uuid("nonsense".to_owned()),
        Value::Decimal("1e5".to_owned()),
        Value::Decimal("1234567890123.4567".to_owned()),
        Value::Json("{".to_owned()),
        Value::Float64(f64::NAN),
        Value::Text("a\0b".to_owned()),
    ] {
        let error = harness.client().query("select $1", vec![value.clone()]).await.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{value:?}: {error:?}");
    }
}

async fn what_is_over_a_limit_is_too_large(engine: Engine) {
    let harness = Harness::new(engine, "create table t (id bigint, v bytea)").await;
    let client = harness.client();
    let huge = vec![Value::Bytes(vec![0; 4 << 20]), Value::Bytes(vec![0; 1])];
    assert_eq!(client.query("select $1, $2", huge).await.unwrap_err(), Error::TooLarge { limit: 4 << 20 });
    let million = engine.zeros(1_000_000);
    let many = format!(
        "with recursive c(n) as (select 1 union all select n + 1 from c where n < 20) select n, {million} from c"
    );
    assert_eq!(client.query(many, vec![]).await.unwrap_err(), Error::TooLarge { limit: 16 << 20 });
    let one = client.query(format!("select {}", engine.zeros(20_000_000)), vec![]).await.unwrap_err();
    assert_eq!(one, Error::TooLarge { limit: 16 << 20 });
    let long = format!("select '{}'", "x".repeat(2 << 20));
    assert_eq!(client.query(long, vec![]).await.unwrap_err(), Error::TooLarge { limit: 1 << 20 });
}

async fn a_change_whose_rows_are_too_large_is_not_made(engine: Engine) {
    let harness = Harness::new(engine, "create table t (id bigint, v bytea)").await;
    let client = harness.client();
    let change = format!(
        "with recursive c(n) as (select 1 union all select n + 1 from c where n < 20)
         insert into t select n, {} from c returning id, v",
        engine.zeros(1_000_000)
    );
    let error = client.query(&change, vec![]).await.unwrap_err();
    assert_eq!(error, Error::TooLarge { limit: 16 << 20 });
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(0));
    let transaction = client.begin(crate::harness::WRITE).await.unwrap();
    transaction.execute("insert into t values (0, null)", vec![]).await.unwrap();
    assert_eq!(transaction.query(change, vec![]).await.unwrap_err(), error);
    transaction.commit().await.unwrap();
    assert_eq!(harness.cell("select count(*) from t").await, Value::Int64(1));
}

async fn execute_counts_the_rows_of_this_statement_alone(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    let client = harness.client();
    let insert = "insert into t (id, n) values (1, 1), (2, 2), (3, 3)";
    assert_eq!(client.execute(insert, vec![]).await, Ok(3));
    assert_eq!(client.execute("create table other (a text)", vec![]).await, Ok(0));
    assert_eq!(client.execute("select * from t", vec![]).await, Ok(0));
    assert_eq!(client.execute("update t set n = 5 where id > $1", vec![Value::Int64(1)]).await, Ok(2));
    assert_eq!(client.execute("delete from t where id = 9", vec![]).await, Ok(0));
    let again = "insert into t (id, n) values (1, 1) on conflict do nothing";
    assert_eq!(client.execute(again, vec![]).await, Ok(0));
    assert_eq!(client.execute("with d as (select 1) delete from t returning id", vec![]).await, Ok(3));
}

async fn a_component_without_the_grant_is_denied(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    let nobody = component("nobody", None, &[]);
    harness.provider.declare(&nobody, vec![]).await.unwrap();
    assert_eq!(harness.provider.prepare(&nobody).client().err(), Some(Error::Denied));
    let early = component("early", Some("early"), &[]);
    let error = harness.provider.prepare(&early).client().err();
    assert!(matches!(error, Some(Error::Unavailable { .. })), "{error:?}");
}

async fn databases_are_apart_unless_they_share_a_name(engine: Engine) {
    let harness = Harness::new(engine, "create table t (a text)").await;
    let provider: &SqlProvider = &harness.provider;
    let worker = component("worker", Some("shop"), &[]);
    let other = component("other", Some("other"), &[]);
    for component in [&worker, &other] {
        provider.declare(component, vec![]).await.unwrap();
    }
    harness.client().execute("insert into t values ($1)", vec![text("x")]).await.unwrap();
    let shared = provider.prepare(&worker).client().unwrap();
    assert_eq!(crate::harness::cell(&shared, "select a from t", vec![]).await, text("x"));
    let apart = provider.prepare(&other).client().unwrap();
    assert!(matches!(apart.query("select a from t", vec![]).await, Err(Error::Invalid { .. })));
    assert_eq!(provider.databases(), ["other", "shop"]);
}

async fn a_name_that_would_leave_the_folder_is_refused(engine: Engine) {
    let harness = Harness::new(engine, SCHEMA).await;
    for name in ["../x", "a/b", "", "A", "a.db"] {
        let error = harness.provider.declare(&component("x", Some(name), &[]), vec![]).await.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{name}: {error:?}");
    }
}
