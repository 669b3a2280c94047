//! What a component may send through its context.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use manifest::{Component, Grants, Instances, Limits, Source, TopicPattern};
use queue::{Error, HasQueue, QueueCtx, QueueView};
use wasmtime::component::{Linker, ResourceTable};

use crate::bed::{Bed, Engine, message, on_every_engine};

fn ctx(bed: &Bed, send: &[&str]) -> QueueCtx {
    let send = send.iter().map(|topic| TopicPattern((*topic).to_owned())).collect();
    let mut ctx = bed.queue.prepare(&Component {
        id: "tickets".into(),
        description: String::new(),
        source: Source::File("tickets.wasm".into()),
        build: None,
        variables: BTreeMap::new(),
        environment: BTreeMap::new(),
        grants: Grants { send, ..Grants::default() },
        limits: Limits::default(),
        instances: Instances::default(),
        ready: None,
        demo: None,
        assets: None,
        watch: Vec::new(),
    });
    ctx.begin_request(Instant::now() + Duration::from_secs(20), Some(7));
    ctx
}

async fn a_granted_topic_is_sent_in_the_name_of_the_component(engine: Engine) {
    let mut bed = Bed::new(engine, |_| {});
    let mut forged = message("m");
    forged.source = "auth".into();
    assert_eq!(ctx(&bed, &["ticket.*"]).send(forged).await.unwrap(), "m");
    let _running = bed.run();
    assert_eq!(bed.expect("m", 1).await.delivery.message.source, "tickets");
}

async fn what_a_request_sends_bears_the_number_of_its_release(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    let mut ctx = ctx(&bed, &["ticket.*"]);
    let mut forged = message("of-7");
    forged.release = Some(8);
    ctx.send(forged).await.unwrap();
    ctx.end_request();
    ctx.send(message("of-none")).await.unwrap();
    drop(ctx);
    let mut bed = bed.reopen();
    let _running = bed.run();
    let first = bed.expect("of-7", 1).await;
    assert_eq!(first.delivery.message.release, Some(7));
    assert_eq!(bed.expect("of-none", 1).await.delivery.message.release, None);
    first.status(400);
    bed.until(|status| status.dead == 1).await;
    assert_eq!(bed.queue.peek_dead("worker", 1).await.unwrap()[0].message.release, Some(7));
}

async fn other_topics_are_denied_before_anything_is_said_about_them(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    let error = ctx(&bed, &[]).send(message("m")).await.unwrap_err();
    assert_eq!(error.to_string(), "component tickets may not send to topic ticket.approved");
    let mut unbound = message("m");
    unbound.topic = "user.changed".into();
    assert!(matches!(ctx(&bed, &["ticket.*"]).send(unbound.clone()).await, Err(Error::Denied { .. })));
    assert!(matches!(ctx(&bed, &["user.*"]).send(unbound).await, Err(Error::Unbound { .. })));
    assert_eq!(bed.queue.list().await.unwrap()[0].depth, 0);
}

async fn a_body_over_the_limit_and_a_field_out_of_bounds_are_refused(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    let ctx = ctx(&bed, &["*"]);
    let mut message = message("m");
    message.body = vec![0; 262_144].into();
    ctx.send(message.clone()).await.unwrap();
    message.body = vec![0; 262_145].into();
    assert!(matches!(ctx.send(message.clone()).await, Err(Error::TooLarge { limit: 262_144 })));
    message.body = Vec::new().into();
    message.priority = 10;
    assert!(matches!(ctx.send(message).await, Err(Error::Invalid { field: "priority", .. })));
}

async fn a_send_ends_with_the_deadline_of_its_request(engine: Engine) {
    let bed = Bed::new(engine, |_| {});
    let mut ctx = ctx(&bed, &["*"]);
    ctx.begin_request(Instant::now(), None);
    assert!(matches!(ctx.send(message("m")).await, Err(Error::Timeout)));
}

struct State {
    ctx: QueueCtx,
    table: ResourceTable,
}

impl HasQueue for State {
    fn queue(&mut self) -> QueueView<'_> {
        QueueView { ctx: &mut self.ctx, table: &mut self.table }
    }
}

#[test]
fn the_interface_is_linked_once() {
    let engine = wasmtime::Engine::new(wasmtime::Config::new().wasm_component_model_async(true)).unwrap();
    let mut linker = Linker::<State>::new(&engine);
    queue::add_to_linker(&mut linker).unwrap();
    queue::add_to_linker(&mut linker).unwrap_err();
}

on_every_engine! {
    a_granted_topic_is_sent_in_the_name_of_the_component,
    what_a_request_sends_bears_the_number_of_its_release,
    other_topics_are_denied_before_anything_is_said_about_them,
    a_body_over_the_limit_and_a_field_out_of_bounds_are_refused,
    a_send_ends_with_the_deadline_of_its_request,
}
