//! The plain interface of the capability: sources, templates, what a component sees.

use std::collections::BTreeMap;

use manifest::{App, Component, Grants, Instances, Limits, Source, Variable};
use variables::{Error, GetError, Sources, VariablesProvider};

fn component(variables: &[(&str, &str)]) -> Component {
    Component {
        id: "tickets".to_owned(),
        description: String::new(),
        source: Source::File("tickets.wasm".to_owned()),
        build: None,
        variables: variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
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

fn app(variables: &[(&str, Option<&str>)]) -> App {
    let variable = |default: Option<&str>| Variable { default: default.map(str::to_owned), secret: true };
    App {
        name: "app".to_owned(),
        version: String::new(),
        variables: variables.iter().map(|(name, default)| ((*name).to_owned(), variable(*default))).collect(),
        generate: BTreeMap::new(),
        components: BTreeMap::new(),
        triggers: Vec::new(),
    }
}

#[test]
fn a_component_sees_only_its_own_names() {
    let sources = Sources::new().values([("key".to_owned(), "s3cret"), ("undeclared".to_owned(), "x")]);
    let provider = VariablesProvider::new(&app(&[("key", None), ("host", Some("example.org"))]), &sources);
    let ctx =
        provider.prepare(&component(&[("url", "https://{{ host }}/{{key}}"), ("fixed", "1"), ("empty", "")])).unwrap();
    assert_eq!(ctx.get("url"), Ok("https://example.org/s3cret"));
    assert_eq!(ctx.get("fixed"), Ok("1"));
    assert_eq!(ctx.get("empty"), Ok(""));
    assert_eq!(ctx.get("key"), Err(GetError::Undefined("key".to_owned())));
    assert_eq!(ctx.get("Key!"), Err(GetError::InvalidName("Key!".to_owned())));
    assert_eq!(provider.resolve("undeclared"), None);
}

#[test]
fn a_source_goes_before_the_default() {
    let sources = Sources::new().environment([("SPIN_VARIABLE_HOST", "env.example")]);
    let provider = VariablesProvider::new(&app(&[("host", Some("default.example"))]), &sources);
    assert_eq!(provider.resolve("host"), Some("env.example"));
}

#[test]
fn what_is_required_and_unset_is_named() {
    let provider = VariablesProvider::new(&app(&[("b", None), ("a", None), ("c", Some(""))]), &Sources::new());
    assert_eq!(provider.missing(), ["a", "b"]);
    let error = provider.prepare(&component(&[("own", "x{{ b }}")])).unwrap_err();
    assert_eq!(error, Error::Missing { component: "tickets".to_owned(), own: "own".to_owned(), name: "b".to_owned() });
}

#[test]
fn values_are_never_part_of_debug_output() {
    let sources = Sources::new().values([("key".to_owned(), "s3cret")]);
    let provider = VariablesProvider::new(&app(&[("key", None), ("other", Some("s3cret"))]), &sources);
    let ctx = provider.prepare(&component(&[("own", "{{ key }}")])).unwrap();
    let shown = format!("{sources:?} {provider:?} {ctx:?}");
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(shown.contains("own"), "{shown}");
}
