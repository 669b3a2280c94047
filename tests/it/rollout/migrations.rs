//! The schema and the way back: what an expand migration adds is lost to the earlier release, what a contract migration
//! takes away refuses the way.

use tests::operator::{Operator, Told};
use tests::release::{MANIFEST, rows};
use tests::versions::migrations::{BROKEN, CONTRACT, EXPAND, FIRST};

use super::{builder, good, start, version};

fn deploy(operator: &Operator, label: &str, migrations: &[(&str, &str)]) -> Told {
    operator.deploy_with_migrations(&good(label), migrations, "now")
}

fn columns(operator: &Operator) -> Vec<String> {
    rows(operator.state(), "SELECT name FROM pragma_table_info('writes')").into_iter().flatten().collect()
}

#[test]
fn an_expand_migration_runs_before_the_new_release_serves_and_its_loss_is_told_before_the_way_back() {
    let (host, operator) = start(builder());
    deploy(&operator, "v2", &[FIRST, EXPAND]).expect(0);
    assert_eq!(version(&host), "v2");
    assert_eq!(columns(&operator), ["id", "version", "note"]);
    let told = operator.run(&["rollback", "--dry-run"]);
    let text = format!("{}{}", told.out, told.errors);
    assert!(text.contains("writes.note"), "{text}");
    let refused = operator.run(&["rollback"]).expect(2);
    assert!(format!("{}{}", refused.out, refused.errors).contains("writes.note"), "{refused:?}");
    assert_eq!(version(&host), "v2");
    operator.run(&["rollback", "--accept-loss"]).expect(0);
    assert_eq!(version(&host), "v1");
    host.client().send("POST", "/write?id=after", &[], ureq::SendBody::none()).expect(200);
    assert_eq!(columns(&operator), ["id", "version", "note"], "the data stays");
    // Forward again: what has run does not run twice.
    operator.run(&["rollback", "r2"]).expect(0);
    assert_eq!(version(&host), "v2");
}

#[test]
fn a_release_without_migrations_is_a_safe_way_back() {
    let (_host, operator) = start(builder());
    operator.deploy("front", &good("v2"), "now").expect(0);
    let told = operator.run(&["rollback", "--dry-run"]).expect(0).json();
    assert_eq!(told["verdict"]["verdict"], "safe", "{told:#}");
}

#[test]
fn a_migration_that_fails_leaves_the_old_release_and_the_old_schema() {
    let (host, operator) = start(builder());
    let told = deploy(&operator, "v2", &[FIRST, BROKEN]);
    assert!([1, 2].contains(&told.code), "{told:?}");
    let text = format!("{}{}", told.out, told.errors);
    assert!(text.contains("0002_nowhere.expand.sql"), "which one: {text}");
    assert_eq!((version(&host).as_str(), operator.live().as_str()), ("v1", "r1"));
    assert_eq!(columns(&operator), ["id", "version"]);
    deploy(&operator, "v3", &[FIRST, EXPAND]).expect(0);
    assert_eq!(version(&host), "v3");
}

#[test]
fn after_a_contract_migration_there_is_no_way_back() {
    let (host, operator) = start(builder());
    // That it closes the way back has to be wanted.
    let refused = deploy(&operator, "v2", &[FIRST, CONTRACT]).expect(2);
    assert!(refused.errors.contains("--approve") || refused.out.contains("0003_legacy"), "{refused:?}");
    let folder = operator.application(MANIFEST, &good("v2"), &[FIRST, CONTRACT]);
    let approve = "front/migration/0003_legacy.contract.sql";
    operator.run(&["deploy", "--from", &folder, "--strategy", "now", "--approve", approve]).expect(0);
    let tables = || rows(operator.state(), "SELECT name FROM sqlite_master WHERE name = 'legacy'").len();
    // It runs when the old release is gone for good.
    assert!(tests::proof::within(super::LIMIT, || tables() == 0), "the contract migration never ran");
    let told = operator.run(&["rollback", "--accept-loss"]).expect(2);
    let text = format!("{}{}", told.out, told.errors);
    assert!(text.contains("0003_legacy.contract.sql"), "{text}");
    assert_eq!(version(&host), "v2");
}
