//! Migrations run once, in order, whole or not at all.

use sql::{Error, Value};

use crate::harness::{Engine, Harness, cell, component, migrations, on_both_engines};

const FIRST: (&str, &str) = ("0001_first.expand.sql", "create table a (n bigint); insert into a values (1);");
const SECOND: (&str, &str) = ("0002_second.expand.sql", "alter table a add column m bigint check (m > 0);");
const LAST: (&str, &str) = ("0003_last.contract.sql", "alter table a drop column n;");

fn reason(result: Result<(), Error>) -> (String, String) {
    match result {
        Err(Error::Migration { file, reason }) => (file, reason),
        other => panic!("{other:?}"),
    }
}

on_both_engines! {
    each_runs_once_in_the_order_of_versions,
    contract_waits_until_it_is_asked_for,
    a_changed_file_is_refused_by_name,
    a_failing_migration_leaves_nothing_and_can_be_corrected,
    a_migration_keeps_to_its_own_tables_and_transaction,
    two_files_of_one_version_are_refused,
    a_schema_that_changes_under_way_is_seen_at_once,
}

async fn each_runs_once_in_the_order_of_versions(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let stock = component("stock", Some("stock"), &[]);
    for files in [&[SECOND, FIRST][..], &[FIRST, SECOND], &[FIRST]] {
        harness.provider.declare(&stock, migrations(files)).await.unwrap();
    }
    let client = harness.provider.prepare(&stock).client().unwrap();
    assert_eq!(cell(&client, "select count(*) from a where m is null", vec![]).await, Value::Int64(1));
    // And not again by a provider that was started afresh.
    harness.provider.close().await.unwrap();
    let again = harness.provider_again();
    again.declare(&stock, migrations(&[FIRST, SECOND])).await.unwrap();
    let client = again.prepare(&stock).client().unwrap();
    assert_eq!(cell(&client, "select count(*) from a", vec![]).await, Value::Int64(1));
}

async fn contract_waits_until_it_is_asked_for(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let stock = component("stock", Some("stock"), &[]);
    let files = migrations(&[FIRST, SECOND, LAST]);
    harness.provider.declare(&stock, files.clone()).await.unwrap();
    let client = harness.provider.prepare(&stock).client().unwrap();
    assert_eq!(cell(&client, "select n from a", vec![]).await, Value::Int64(1));
    harness.provider.contract(&stock, files.clone()).await.unwrap();
    harness.provider.contract(&stock, files).await.unwrap();
    assert!(matches!(client.query("select n from a", vec![]).await, Err(Error::Invalid { .. })));
}

async fn a_changed_file_is_refused_by_name(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let stock = component("stock", Some("stock"), &[]);
    harness.provider.declare(&stock, migrations(&[FIRST])).await.unwrap();
    let changed = migrations(&[("0001_first.expand.sql", "create table b (n bigint)"), SECOND]);
    let (file, why) = reason(harness.provider.declare(&stock, changed).await);
    assert_eq!(file, "0001_first.expand.sql");
    assert!(why.contains("changed"), "{why}");
    // Nothing after it ran either.
    let client = harness.provider.prepare(&stock).client().unwrap();
    assert!(client.query("select m from a", vec![]).await.is_err());
}

async fn a_failing_migration_leaves_nothing_and_can_be_corrected(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let stock = component("stock", Some("stock"), &[]);
    let bad =
        migrations(&[FIRST, ("0002_second.expand.sql", "create table b (n bigint); insert into missing values (1);")]);
    let (file, why) = reason(harness.provider.declare(&stock, bad).await);
    assert_eq!(file, "0002_second.expand.sql");
    assert!(why.contains("missing"), "{why}");
    let client = harness.provider.prepare(&stock).client().unwrap();
    assert!(client.query("select * from b", vec![]).await.is_err(), "its first statement was undone");
    harness.provider.declare(&stock, migrations(&[FIRST, SECOND])).await.unwrap();
    assert_eq!(cell(&client, "select count(m) from a", vec![]).await, Value::Int64(0));
}

async fn a_migration_keeps_to_its_own_tables_and_transaction(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    for (database, text) in [
        ("a", "create table x (n bigint); commit;"),
        ("b", "drop table wharf_outbox;"),
        ("c", "delete from schema_migrations;"),
        ("d", "attach 'x' as y;"),
        ("e", "pragma foreign_keys = off;"),
    ] {
        let stock = component("stock", Some(database), &[]);
        let (file, _) = reason(harness.provider.declare(&stock, migrations(&[("0001_x.expand.sql", text)])).await);
        assert_eq!(file, "0001_x.expand.sql", "{text}");
        let client = harness.provider.prepare(&stock).client().unwrap();
        assert!(client.query("select * from x", vec![]).await.is_err(), "{text}");
    }
}

async fn two_files_of_one_version_are_refused(engine: Engine) {
    let harness = Harness::new(engine, "select 1").await;
    let stock = component("stock", Some("stock"), &[]);
    let twice = migrations(&[FIRST, ("0001_other.expand.sql", "select 1")]);
    let (_, why) = reason(harness.provider.declare(&stock, twice).await);
    assert!(why.contains("version"), "{why}");
}

async fn a_schema_that_changes_under_way_is_seen_at_once(engine: Engine) {
    let harness = Harness::new(engine, FIRST.1).await;
    let client = harness.client();
    assert_eq!(client.query("select * from a", vec![]).await.unwrap().columns.len(), 1);
    let shop = component("shop", Some("shop"), &[]);
    let files = migrations(&[("0001_schema.expand.sql", FIRST.1), SECOND]);
    harness.provider.declare(&shop, files).await.unwrap();
    assert_eq!(client.query("select * from a", vec![]).await.unwrap().columns.len(), 2);
}
