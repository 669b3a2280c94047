//! The grant of the manifest, and that the interface links.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mail::{Error, HasMail, MailCtx, MailProvider, MailView, Message};
use manifest::{Component, Grants, Instances, Limits, Source};
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Config, Engine};

fn component(granted: bool) -> Component {
    Component {
        id: "tickets".into(),
        description: String::new(),
        source: Source::File("tickets.wasm".into()),
        build: None,
        variables: BTreeMap::new(),
        environment: BTreeMap::new(),
        grants: Grants { mail: granted, ..Grants::default() },
        limits: Limits::default(),
        instances: Instances::default(),
        ready: None,
        demo: None,
        assets: None,
        watch: Vec::new(),
    }
}

fn message() -> Message {
    Message { to: "ada@example.org".into(), subject: "Hello".into(), text: "Hi".into(), ..Message::default() }
}

#[tokio::test]
async fn only_a_component_with_the_grant_can_send() {
    let dir = tempfile::tempdir().unwrap();
    let provider = MailProvider::open(dir.path().to_owned(), "no-reply@example.org", Arc::new(|| 0)).unwrap();
    let refused = provider.prepare(&component(false)).send(message()).await;
    assert!(matches!(refused, Err(Error::Denied)), "{refused:?}");
    provider.prepare(&component(true)).send(message()).await.unwrap();
}

#[tokio::test]
async fn a_request_that_is_past_its_deadline_sends_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let provider = MailProvider::open(dir.path().to_owned(), "no-reply@example.org", Arc::new(|| 0)).unwrap();
    let mut ctx = provider.prepare(&component(true));
    ctx.begin_request(Instant::now().checked_sub(Duration::from_secs(1)).unwrap());
    let late = ctx.send(message()).await;
    assert!(matches!(late, Err(Error::Timeout)), "{late:?}");
    ctx.end_request();
    ctx.send(message()).await.unwrap();
}

struct State {
    mail: MailCtx,
    table: ResourceTable,
}

impl HasMail for State {
    fn mail(&mut self) -> MailView<'_> {
        MailView { ctx: &mut self.mail, table: &mut self.table }
    }
}

#[test]
fn the_interface_links_once() {
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    let engine = Engine::new(&config).unwrap();
    let mut linker = Linker::<State>::new(&engine);
    mail::add_to_linker(&mut linker).unwrap();
    assert!(mail::add_to_linker(&mut linker).is_err());
}
