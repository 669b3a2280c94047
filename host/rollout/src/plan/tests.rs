use std::collections::BTreeSet;

use super::*;
use crate::{Digest, MigrationRef};

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn add(words: &mut BTreeSet<String>, word: &str) {
    words.insert(word.to_owned());
}

fn cut(words: &mut BTreeSet<String>, word: &str) {
    words.remove(word);
}

fn migration(name: &str, text: &str) -> MigrationRef {
    MigrationRef { name: name.into(), checksum: Digest::of(text.as_bytes()) }
}

fn app() -> Facts {
    let tickets = ComponentFacts {
        digest: Some(Digest::of(b"1")),
        imports: set(&["wharf:sql/client@1.0.0", "wasi:io/streams@0.2.3"]),
        exports: set(&["wasi:http/handler@0.3.0", "office:desk/open@1.0.0"]),
        grants: set(&["sql:tickets"]),
        migrations: vec![migration("0001_a.expand.sql", "a")],
        ..ComponentFacts::default()
    };
    let web = ComponentFacts {
        uses: [("tickets".to_owned(), "office:desk/open@1.0.0".to_owned())].into(),
        ..ComponentFacts::default()
    };
    Facts {
        components: [("tickets".to_owned(), tickets), ("web".to_owned(), web)].into(),
        routes: set(&["/tickets/... -> tickets"]),
        variables: set(&["key"]),
    }
}

/// The change that one edit of the application makes.
fn change(edit: impl FnOnce(&mut Facts, &mut ComponentFacts)) -> Vec<(Kind, String, Option<String>)> {
    let (old, mut new) = (app(), app());
    let mut tickets = new.components.remove("tickets").unwrap();
    edit(&mut new, &mut tickets);
    new.components.insert("tickets".into(), tickets);
    let plan = Plan::between(&old, &new);
    plan.changes.into_iter().map(|change| (change.kind, change.text, change.approval)).collect()
}

#[track_caller]
fn one(changes: &[(Kind, String, Option<String>)], kind: Kind, text: &str, approval: Option<&str>) {
    assert_eq!(changes, [(kind, text.to_owned(), approval.map(str::to_owned))]);
}

#[test]
fn nothing_new_is_an_empty_plan() {
    assert!(Plan::between(&app(), &app()).is_empty());
}

#[test]
fn what_gives_no_new_right_is_safe() {
    let other = Digest::of(b"2");
    let text = format!("{} -> {}", Digest::of(b"1").short(), other.short());
    one(&change(|_, t| t.digest = Some(other)), Kind::Code, &text, None);
    one(&change(|_, t| add(&mut t.imports, "wasi:clocks/x@1")), Kind::Import, "+ wasi:clocks/x@1", None);
    one(&change(|_, t| t.grants.clear()), Kind::Grant, "- sql:tickets", None);
    one(&change(|f, _| f.routes.clear()), Kind::Route, "- /tickets/... -> tickets", None);
    one(&change(|f, _| add(&mut f.variables, "b")), Kind::Variable, "+ b", None);
    one(&change(|_, t| add(&mut t.consumers, "queue q")), Kind::Consumer, "+ queue q", None);
    let unused = "wasi:http/handler@0.3.0";
    one(&change(|_, t| cut(&mut t.exports, unused)), Kind::Export, "- wasi:http/handler@0.3.0", None);
    let expand = migration("0002_b.expand.sql", "b");
    one(&change(|_, t| t.migrations.push(expand)), Kind::Migration, "+ 0002_b.expand.sql", None);
    let moved = change(|f, _| f.routes = set(&["/tickets/... -> web"]));
    assert!(moved.len() == 2 && moved.iter().all(|change| change.2.is_none()), "{moved:?}");
    let patched = change(|_, t| t.imports = set(&["wharf:sql/client@1.0.1", "wasi:io/streams@0.2.3"]));
    assert!(patched.len() == 2 && patched.iter().all(|change| change.2.is_none()), "{patched:?}");
}

#[test]
fn new_rights_must_be_approved_by_name() {
    let import = change(|_, t| add(&mut t.imports, "wharf:mail/send@1.0.0"));
    one(&import, Kind::Import, "+ wharf:mail/send@1.0.0", Some("tickets/import/wharf:mail/send@1.0.0"));
    let grant = change(|_, t| add(&mut t.grants, "mail"));
    one(&grant, Kind::Grant, "+ mail", Some("tickets/grant/mail"));
    let host = change(|_, t| add(&mut t.outbound, "https://x"));
    one(&host, Kind::Outbound, "+ https://x", Some("tickets/outbound/https://x"));
    let route = change(|f, _| add(&mut f.routes, "/x -> web"));
    one(&route, Kind::Route, "+ /x -> web", Some("route/x"));
}

#[test]
fn what_others_use_or_what_takes_the_way_back_must_be_approved() {
    let gone = change(|_, t| cut(&mut t.exports, "office:desk/open@1.0.0"));
    let text = "- office:desk/open@1.0.0, which others use";
    one(&gone, Kind::Export, text, Some("tickets/export/office:desk/open@1.0.0"));
    let contract = migration("0002_b.contract.sql", "b");
    let contract = change(|_, t| t.migrations.push(contract));
    assert_eq!(contract[0].2.as_deref(), Some("tickets/migration/0002_b.contract.sql"));
    let changed = change(|_, t| t.migrations = vec![migration("0001_a.expand.sql", "other")]);
    assert_eq!(changed[0].2.as_deref(), Some("tickets/migration/0001_a.expand.sql"));
    let lost = change(|_, t| t.migrations.clear());
    assert_eq!(lost[0].2.as_deref(), Some("tickets/migration/0001_a.expand.sql"));
    let mut new = app();
    new.components.remove("tickets");
    let plan = Plan::between(&app(), &new);
    assert_eq!(plan.changes[0].approval.as_deref(), Some("tickets/component/tickets"));
}

#[test]
fn approval_counts_for_the_name_alone() {
    let (old, mut new) = (app(), app());
    let tickets = new.components.get_mut("tickets").unwrap();
    tickets.grants.extend(set(&["mail", "blob"]));
    let plan = Plan::between(&old, &new);
    assert_eq!(plan.missing(&BTreeSet::new()).len(), 2);
    let left = plan.missing(&set(&["tickets/grant/mail", "web/grant/blob"]));
    assert_eq!((left.len(), left[0].text.as_str()), (1, "+ blob"));
}

#[test]
fn a_manifest_gives_its_grants_and_routes() {
    let text = r#"
spin_manifest_version = 2
[application]
name = "a"
[[trigger.http]]
route = "/t/..."
component = "t"
[component.t]
source = "t.wasm"
allowed_outbound_hosts = ["https://example.org"]
[component.t.tool.wharf]
mail = true
"#;
    let (app, _) = manifest::parse("spin.toml", text).unwrap();
    let facts = Facts::of(&app);
    assert_eq!(facts.routes, set(&["/t/... -> t"]));
    let component = &facts.components["t"];
    assert_eq!((&component.grants, &component.outbound), (&set(&["mail"]), &set(&["https://example.org"])));
}
