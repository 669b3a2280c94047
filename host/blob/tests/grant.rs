//! The grant of the manifest, and that the interface links.

use std::collections::BTreeMap;
use std::sync::Arc;

use blob::{BlobCtx, BlobProvider, BlobView, Error, HasBlob, NewFile};
use bytes::Bytes;
use futures::{StreamExt, stream};
use manifest::{BlobGrant, Component, Grants, Instances, Limits, Source};
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Config, Engine};

fn component(max_bytes: Option<u64>) -> Component {
    Component {
        id: "tickets".into(),
        description: String::new(),
        source: Source::File("tickets.wasm".into()),
        build: None,
        variables: BTreeMap::new(),
        environment: BTreeMap::new(),
        grants: Grants { blob: max_bytes.map(|max_bytes| BlobGrant { max_bytes }), ..Grants::default() },
        limits: Limits::default(),
        instances: Instances::default(),
        ready: None,
        demo: None,
        assets: None,
        watch: Vec::new(),
    }
}

#[tokio::test]
async fn the_grant_opens_the_door_and_sets_the_limit() {
    let dir = tempfile::tempdir().unwrap();
    let provider = BlobProvider::open(dir.path().to_owned(), Arc::new(|| 0)).unwrap();
    assert!(matches!(provider.prepare(&component(None)).store().err(), Some(Error::Denied)));
    let (files, deadline) = provider.prepare(&component(Some(3))).store().unwrap();
    for (bytes, fits) in [("abc", true), ("abcd", false)] {
        let data = stream::iter([Ok(Bytes::from(bytes))]).boxed();
        let stored = files.put(NewFile { key: "k", content_type: "text/plain", max_bytes: 100 }, data, deadline).await;
        assert_eq!(stored.is_ok(), fits, "{stored:?}");
    }
}

struct State {
    blob: BlobCtx,
    table: ResourceTable,
}

impl HasBlob for State {
    fn blob(&mut self) -> BlobView<'_> {
        BlobView { ctx: &mut self.blob, table: &mut self.table }
    }
}

#[test]
fn the_interface_links_once() {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    let engine = Engine::new(&config).unwrap();
    let mut linker = Linker::<State>::new(&engine);
    blob::add_to_linker(&mut linker).unwrap();
    assert!(blob::add_to_linker(&mut linker).is_err());
}
