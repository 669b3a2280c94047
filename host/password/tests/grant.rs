//! The grant of the manifest, and that the interface links.

use std::collections::BTreeMap;

use manifest::{Component, Grants, Instances, Limits, Source};
use password::{Error, HasPassword, PasswordCtx, PasswordProvider, PasswordView};
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Config, Engine};

fn component(granted: bool) -> Component {
    Component {
        id: "auth".into(),
        description: String::new(),
        source: Source::File("auth.wasm".into()),
        build: None,
        variables: BTreeMap::new(),
        environment: BTreeMap::new(),
        grants: Grants { password: granted, ..Grants::default() },
        limits: Limits::default(),
        instances: Instances::default(),
        ready: None,
        demo: None,
        assets: None,
        watch: Vec::new(),
    }
}

#[tokio::test]
async fn only_a_component_with_the_grant_gets_the_hasher() {
    let provider = PasswordProvider::new(password::Config::default());
    assert!(matches!(provider.prepare(&component(false)).hasher(), Err(Error::Denied)));
    let (hasher, deadline) = provider.prepare(&component(true)).hasher().unwrap();
    assert!(!hasher.verify("x".into(), None, deadline).await.unwrap());
}

struct State {
    password: PasswordCtx,
    table: ResourceTable,
}

impl HasPassword for State {
    fn password(&mut self) -> PasswordView<'_> {
        PasswordView { ctx: &mut self.password, table: &mut self.table }
    }
}

#[test]
fn the_interface_links_once() {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    let engine = Engine::new(&config).unwrap();
    let mut linker = Linker::<State>::new(&engine);
    password::add_to_linker(&mut linker).unwrap();
    assert!(password::add_to_linker(&mut linker).is_err());
}
