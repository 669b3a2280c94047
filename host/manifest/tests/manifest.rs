//! Whole manifests through the public API.

use std::collections::BTreeMap;
use std::time::Duration;

use manifest::{
    App, BlobGrant, Component, Consumer, Cron, Diagnostic, Generate, Grants, HostPattern, Instances, Limits,
    MissedRuns, Route, Severity, Source, SqlGrant, StaticResponse, Target, TopicPattern, Trigger, Variable, parse,
};
use proptest::prelude::*;

const FULL: &str = include_str!("full.toml");

fn component(id: &str) -> Component {
    Component {
        id: id.to_owned(),
        description: String::new(),
        source: Source::File(format!("target/{id}.wasm")),
        build: None,
        variables: BTreeMap::new(),
        environment: BTreeMap::new(),
        grants: Grants::default(),
        limits: Limits::default(),
        instances: Instances::default(),
        ready: None,
        demo: None,
        assets: None,
        watch: Vec::new(),
    }
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn topics(all: &[&str]) -> Vec<TopicPattern> {
    all.iter().map(|topic| TopicPattern((*topic).to_owned())).collect()
}

fn tickets() -> Component {
    Component {
        description: "Tickets from submission to approval".to_owned(),
        build: Some("cd 'components/tickets' && make wit && cargo build".to_owned()),
        variables: texts(&[("greeting", "Hello {{ greeting }}"), ("key", "{{auth_signing_key}}")]),
        environment: texts(&[("RUST_BACKTRACE", "1")]),
        grants: Grants {
            sql: Some(SqlGrant {
                database: "ticket".to_owned(),
                migrations: Some("components/tickets/migrations".to_owned()),
            }),
            send: topics(&["ticket.*"]),
            consume: Vec::new(),
            cron: vec![Cron {
                name: "sweep".to_owned(),
                schedule: "*/5 * * * *".to_owned(),
                time_zone: "Europe/Zurich".to_owned(),
                path: "/internal/sweep".to_owned(),
                missed: MissedRuns::All,
            }],
            blob: Some(BlobGrant { max_bytes: 10 << 20 }),
            mail: true,
            password: true,
            events: vec!["user:*".to_owned()],
            outbound: vec![
                HostPattern("http://worker.spin.internal".to_owned()),
                HostPattern("https://{{ greeting }}.example.org".to_owned()),
            ],
        },
        limits: Limits {
            memory: 128 << 20,
            deadline: Duration::from_millis(1500),
            request_body: 2 << 20,
            response_body: 64 << 20,
            concurrency: 32,
            wait: Duration::from_millis(500),
            outbound: 2,
        },
        instances: Instances { reuse: 1, idle: Duration::from_mins(1) },
        ready: Some("/readyz".to_owned()),
        demo: Some("/internal/demo".to_owned()),
        assets: Some("/assets.json".to_owned()),
        watch: vec!["components/tickets/src/**/*.rs".to_owned()],
        ..component("tickets")
    }
}

fn worker() -> Component {
    let plain = Consumer {
        queue: "worker".to_owned(),
        topics: topics(&["ticket.*"]),
        path: "/messages".to_owned(),
        concurrency: 4,
        max_attempts: 8,
        backoff: Duration::from_secs(1),
        backoff_max: Duration::from_mins(5),
        deadline: Duration::from_mins(1),
    };
    let chosen = Consumer {
        queue: "audit".to_owned(),
        topics: topics(&["*", "user.changed"]),
        path: "/audit".to_owned(),
        concurrency: 1,
        max_attempts: 3,
        backoff: Duration::from_millis(100),
        backoff_max: Duration::from_secs(10),
        deadline: Duration::from_secs(5),
    };
    let grants = Grants {
        sql: Some(SqlGrant { database: "worker".to_owned(), migrations: None }),
        blob: Some(BlobGrant { max_bytes: 25 << 20 }),
        consume: vec![plain, chosen],
        ..Grants::default()
    };
    Component { grants, ..component("worker") }
}

#[test]
fn a_full_manifest_becomes_the_application_it_describes() {
    let public = |route: &str, id: &str| Trigger {
        route: Route::Public(route.to_owned()),
        target: Target::Component(id.to_owned()),
    };
    let gone =
        StaticResponse { status: 308, headers: texts(&[("location", "/api/v1/tickets")]), body: "moved".to_owned() };
    let expected = App {
        name: "desk".to_owned(),
        version: "1.2.0".to_owned(),
        variables: BTreeMap::from([
            ("auth_signing_key".to_owned(), Variable { default: None, secret: true }),
            ("greeting".to_owned(), Variable { default: Some("you".to_owned()), secret: false }),
        ]),
        generate: BTreeMap::from([("auth_signing_key".to_owned(), Generate::Random { bytes: 32 })]),
        components: [tickets(), worker()].into_iter().map(|one| (one.id.clone(), one)).collect(),
        triggers: vec![
            public("/api/v1/tickets/...", "tickets"),
            public("/files/:name.:ext", "tickets"),
            Trigger { route: Route::Private, target: Target::Component("worker".to_owned()) },
            Trigger { route: Route::Public("/old".to_owned()), target: Target::Static(gone) },
        ],
    };
    assert_eq!(parse("spin.toml", FULL), Ok((expected, Vec::new())));
}

#[test]
fn a_manifest_of_a_stock_template_has_no_findings() {
    let text = r#"
#:schema https://schemas.example.org/spin/manifest-v2/latest.json

spin_manifest_version = 2

[application]
name = "hello"
version = "0.1.0"
authors = ["A Person <person@example.org>"]
description = ""

[variables]
password = { required = true, secret = true }
greeting = { default = "hi", description = "What to say" }

[[trigger.http]]
route = "/..."
component = "hello"

[component.hello]
source = "target/wasm32-wasip2/release/hello.wasm"
allowed_outbound_hosts = []
[component.hello.variables]
password = "{{ password }}"
[component.hello.build]
command = "cargo build --target wasm32-wasip2 --release"
watch = ["src/**/*.rs", "Cargo.toml"]
"#;
    let (app, findings) = parse("spin.toml", text).expect("a stock manifest is valid");
    assert_eq!(findings, Vec::<Diagnostic>::new());
    let hello = app.components.get("hello").expect("the component is there");
    assert_eq!(hello.build.as_deref(), Some("cargo build --target wasm32-wasip2 --release"));
    assert_eq!(hello.grants, Grants::default());
    assert_eq!(hello.limits, Limits::default());
}

#[test]
fn findings_name_the_file_as_the_caller_did() {
    let all = parse("apps/desk/spin.toml", "spin_manifest_version = 3").expect_err("there is no version 3");
    let shown: Vec<_> = all.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        ["apps/desk/spin.toml:1:25: error: only version 2 of the manifest's form is understood\n  \
          hint: write `spin_manifest_version = 2`"]
    );
}

#[test]
fn a_huge_manifest_is_refused_unread() {
    assert!(parse("spin.toml", &"#".repeat((1 << 20) + 1)).is_err());
}

#[test]
fn the_manifest_of_this_repository_has_no_findings() {
    let (_, findings) = parse("spin.toml", include_str!("../../../spin.toml")).expect("it is what `make up` starts");
    assert_eq!(findings, Vec::<Diagnostic>::new());
}

/// What holds for every outcome: an error on the `Err` side alone, and places that exist.
fn check_outcome(text: &str) {
    let (failed, findings) = match parse("f", text) {
        Ok((_, warnings)) => (false, warnings),
        Err(findings) => (true, findings),
    };
    assert_eq!(failed, findings.iter().any(|one| one.severity == Severity::Error));
    let lines = text.split('\n').count();
    assert!(findings.iter().all(|one| (1..=lines).contains(&one.line) && one.column >= 1));
    assert!(findings.is_sorted_by_key(|one| one.line));
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in ".{0,200}") {
        check_outcome(&text);
    }

    #[test]
    fn a_manifest_with_a_piece_replaced_never_panics(
        at in 0..FULL.len(),
        removed in 0usize..40,
        inserted in "[a-z\"'{}=.,:/*\\[\\]\n ü0-9-]{0,8}",
    ) {
        let start = FULL.floor_char_boundary(at);
        let end = FULL.floor_char_boundary((at + removed).min(FULL.len())).max(start);
        check_outcome(&format!("{}{inserted}{}", &FULL[..start], &FULL[end..]));
    }

    #[test]
    fn filling_without_variables_changes_nothing(text in "[^{]*") {
        prop_assert_eq!(manifest::fill(&text, |_| None), Ok(text));
    }
}
