//! `wharf deploy` and `wharf plan`.

use control::{Kind, Outcome, Refusal};
use rollout::{Change, Digest, Plan, Strategy};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::{COMPONENT, Host};

const MANIFEST: &str = r#"
spin_manifest_version = 2
[application]
name = "shop"

[[trigger.http]]
route = "/cart"
component = "cart"
[component.cart]
source = "cart.wasm"
[component.cart.tool.wharf]
sql = { migrations = "migrations" }

[[trigger.http]]
route = "/till"
component = "till"
[component.till]
source = "till.wasm"
"#;

fn shop(host: &Host) {
    host.file("spin.toml", MANIFEST.as_bytes());
    host.file("cart.wasm", COMPONENT);
    host.file("till.wasm", &[COMPONENT, b"\0\x02\x01a"].concat());
    host.file("migrations/0002_b.expand.sql", b"alter table a add column b text;\r\n");
    host.file("migrations/0001_a.expand.sql", b"create table a (id integer);\n");
    host.file("migrations/notes.txt", b"nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn success_is_said_only_after_the_release_was_seen_serving() {
    let host = Host::start();
    host.file("cart.wasm", COMPONENT);
    host.fake.hides();
    let mut child = host.command(&["deploy", "cart", "cart.wasm", "--strategy", "5,100"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut seen = Vec::new();
    // Each line is waited for, and then the fake goes on.
    let goes_on: [&dyn Fn(); 3] =
        [&|| host.fake.weighs(5), &|| host.fake.end(Outcome::Live, "every step passed"), &|| host.fake.see()];
    for (until, then) in ["r2  stage", "r2  shift 5 %", "waiting to be seen"].into_iter().zip(goes_on) {
        loop {
            let line = lines.next_line().await.unwrap().unwrap();
            assert!(!line.contains("is live"), "{line} before it was seen; {seen:?}");
            seen.push(line);
            if seen.last().unwrap().contains(until) {
                break;
            }
        }
        then();
    }
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "r2 is live, and was seen serving");
    assert!(child.wait().await.unwrap().success());
    assert!(seen.iter().any(|line| line.contains("r1: 0 requests") && line.contains("not enough data")), "{seen:?}");
    assert_eq!(host.fake.orders()[0].strategy, Some(Strategy::Steps(vec![5, 100])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_ends_badly_says_why_and_exits_with_1() {
    for (outcome, said) in [
        (Outcome::RolledBack, "r2 was rolled back: 5 faults in 20 requests"),
        (Outcome::Failed, "r2 failed: 5 faults in 20 requests"),
        (Outcome::Aborted, "r2 was aborted: 5 faults in 20 requests"),
        (Outcome::Interrupted, "r2 was interrupted by a stop of the host: 5 faults in 20 requests"),
    ] {
        let host = Host::start();
        host.file("cart.wasm", COMPONENT);
        host.fake.ends(outcome, "5 faults in 20 requests");
        let ended = host.wharf(&["deploy", "cart", "cart.wasm"]).await;
        assert_eq!((ended.code, ended.err.trim()), (1, said));
        let ended = host.wharf(&["deploy", "cart", "cart.wasm", "--json"]).await;
        let document: Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!((ended.code, &document["why"]), (1, &json!("5 faults in 20 requests")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_approved_is_refused_with_the_flags_to_add() {
    let host = Host::start();
    host.file("cart.wasm", COMPONENT);
    let names = ["cart/grant/mail", "cart/consumer/cron `a b`"].map(str::to_owned);
    let refusal = || Refusal::new(Kind::Unapproved, "two rights are new").with(names.to_vec());
    host.fake.refuse(refusal());
    let ended = host.wharf(&["deploy", "cart", "cart.wasm"]).await;
    assert_eq!(ended.code, 2);
    let text = "refused: two rights are new\n  --approve cart/grant/mail\n  --approve 'cart/consumer/cron `a b`'\n";
    assert!(ended.err.starts_with(text), "{}", ended.err);
    host.fake.refuse(refusal());
    let ended = host.wharf(&["deploy", "cart", "cart.wasm", "--json"]).await;
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(document["error"]["details"], json!(names));
    host.fake.ends(Outcome::Live, "");
    let approved = ["deploy", "cart", "cart.wasm", "--approve", &names[0], "--approve", &names[1], "--note", "why"];
    assert_eq!(host.wharf(&approved).await.code, 0);
    let order = host.fake.orders().pop().unwrap();
    assert_eq!((order.approve, order.note.as_str()), (names.into(), "why"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_refusal_has_its_exit_code() {
    for (kind, code) in [
        (Kind::Invalid, 2),
        (Kind::Unapproved, 2),
        (Kind::Unknown, 2),
        (Kind::Conflict, 2),
        (Kind::Locked, 75),
        (Kind::Unavailable, 1),
        (Kind::Failed, 1),
    ] {
        let host = Host::start();
        host.file("cart.wasm", COMPONENT);
        host.fake.refuse(Refusal::new(kind, "because; do this"));
        let ended = host.wharf(&["plan", "cart", "cart.wasm"]).await;
        assert_eq!(ended.code, code, "{kind:?}: {ended:?}");
        assert!(ended.err.contains("because; do this"), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_application_is_sent_once() {
    let host = Host::start();
    shop(&host);
    host.fake.ends(Outcome::Live, "");
    let ended = host.wharf(&["deploy"]).await;
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
    let change = host.fake.orders().pop().unwrap().change;
    assert_eq!(change.manifest, Some(Digest::of(MANIFEST.as_bytes())));
    assert_eq!(change.wasm.keys().collect::<Vec<_>>(), ["cart", "till"]);
    let names: Vec<_> = change.migrations["cart"].iter().map(|migration| migration.name.as_str()).collect();
    assert_eq!(names, ["0001_a.expand.sql", "0002_b.expand.sql"]);
    assert!(change.migrations["till"].is_empty());
    let second = host.fake.object(change.migrations["cart"][1].checksum).unwrap();
    assert_eq!(second, b"alter table a add column b text;\n");
    let kept = |host: &Host| host.fake.calls().iter().filter(|call| call.starts_with("keep")).count();
    assert_eq!(kept(&host), 5);
    host.file("till.wasm", &[COMPONENT, b"\0\x02\x01b"].concat());
    assert_eq!(host.wharf(&["deploy", "--no-wait"]).await.code, 0);
    assert_eq!(kept(&host), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_is_sent_alone_or_with_its_manifest() {
    let host = Host::start();
    shop(&host);
    host.fake.ends(Outcome::Live, "");
    let digest = Digest::of(COMPONENT).to_string();
    assert_eq!(host.wharf(&["deploy", "cart", "cart.wasm", "--expect", &digest]).await.code, 0);
    assert_eq!(host.wharf(&["deploy", "cart", "cart.wasm", "--migrations", "migrations"]).await.code, 0);
    assert_eq!(host.wharf(&["deploy", "cart", "."]).await.code, 0);
    assert_eq!(host.wharf(&["deploy", "till"]).await.code, 0);
    let changes: Vec<_> = host.fake.orders().into_iter().map(|order| order.change).collect();
    assert!(changes[0].manifest.is_none() && changes[0].migrations.is_empty() && changes[0].wasm.len() == 1);
    assert!(changes[1].manifest.is_none() && changes[1].migrations["cart"].len() == 2);
    assert!(changes[2].manifest.is_some() && changes[2].wasm.len() == 1 && changes[2].migrations["cart"].len() == 2);
    assert!(changes[3].manifest.is_some() && changes[3].wasm.contains_key("till"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_components_are_refused_before_anything_is_sent() {
    let host = Host::start();
    host.file("text.wasm", b"(component)");
    host.file("module.wasm", b"\0asm\x01\x00\x00\x00");
    host.file("cut.wasm", b"\0asm\x0d\x00\x01\x00\x01\x08\0asm");
    host.file("whole.wasm", COMPONENT);
    host.file("spin.toml", b"spin_manifest_version = 2\n[application]\nnam = \"x\"\n");
    let other = Digest::of(b"other").to_string();
    for (arguments, said) in [
        (&["cart", "text.wasm"][..], "is not WebAssembly"),
        (&["cart", "module.wasm"], "is a core module, not a component"),
        (&["cart", "cut.wasm"], "is cut off after 14 bytes"),
        (&["cart", "absent.wasm"], "cannot be read"),
        (&["cart", "whole.wasm", "--expect", &other], "has digest"),
        (&["cart", "whole.wasm", "--migrations", "absent"], "cannot read absent"),
        (&["cart", "."], "has errors"),
        (&[], "has errors"),
        (&["-f", "absent"], "cannot read absent"),
        (&["whole.wasm"], "is no component"),
    ] {
        let ended = host.wharf(&[&["deploy"], arguments].concat()).await;
        assert_eq!(ended.code, 2, "{arguments:?}: {ended:?}");
        assert!(ended.err.starts_with("refused: ") && ended.err.contains(said), "{arguments:?}: {ended:?}");
        assert_eq!(ended.out, "", "{arguments:?}");
    }
    assert!(host.fake.calls().is_empty(), "{:?}", host.fake.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_shows_every_difference_and_what_to_approve() {
    let host = Host::start();
    shop(&host);
    let change = |component: Option<&str>, kind, text: &str, approval: Option<&str>| Change {
        component: component.map(str::to_owned),
        kind,
        text: text.to_owned(),
        approval: approval.map(str::to_owned),
    };
    host.fake.plans(Plan {
        changes: vec![
            change(None, rollout::Kind::Route, "+ /cart -> cart", Some("route/cart")),
            change(Some("cart"), rollout::Kind::Code, "0123456789ab -> ba9876543210", None),
            change(Some("cart"), rollout::Kind::Grant, "+ mail", Some("cart/grant/mail")),
        ],
    });
    let ended = host.wharf(&["plan"]).await;
    assert_eq!(ended.code, 0);
    let plan = ended.out.split_once("compared").unwrap().1;
    insta::assert_snapshot!(format!("compared{plan}"), @"
    compared with r1:
      application
      ! route      + /cart -> cart
      cart
        code       0123456789ab -> ba9876543210
      ! grant      + mail
    to be approved by name, where it is wanted:
      --approve route/cart
      --approve cart/grant/mail
    ");
    let ended = host.wharf(&["plan", "--json"]).await;
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(document["unapproved"], json!(["route/cart", "cart/grant/mail"]));
    assert!(host.fake.orders().is_empty());
}
