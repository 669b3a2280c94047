//! What the operator's listener checks and does.

use std::collections::BTreeMap;
use std::sync::Arc;

use admin::{Actions, Check, Health};
use body::Errand;
use futures::future::BoxFuture;
use queue::{QueueProvider, QueueStatus};
use router::{Generation, Router};
use serde_json::{Value, json};

use crate::capabilities::Capabilities;
use crate::clock::WallClock;
use crate::generation::Crew;
use crate::readiness;

/// One check for the databases, one for the queue, and one for each component of the live release that says whether it
/// is ready.
pub fn health(capabilities: &Capabilities, router: &Router) -> Health {
    let (capabilities, router) = (capabilities.clone(), router.clone());
    Health::new(Arc::new(move || checks(&capabilities, &router)))
}

fn checks(capabilities: &Capabilities, router: &Router) -> BTreeMap<String, Check> {
    let sql = capabilities.sql.clone();
    let queue = capabilities.queue.clone();
    let mut checks: BTreeMap<String, Check> = BTreeMap::new();
    let mut add = |name: &str, check: Check| drop(checks.insert(name.to_owned(), check));
    add(
        "sql",
        Arc::new(move || ask(sql.clone(), |sql| async move { sql.ping().await.map_err(|error| error.to_string()) })),
    );
    add(
        "queue",
        Arc::new(move || {
            ask(queue.clone(), |queue| async move { queue.list().await.map(drop).map_err(|error| error.to_string()) })
        }),
    );
    let live = Arc::clone(router.routing().live());
    for component in Crew::of(&live).iter().flat_map(|crew| crew.app.components.values()) {
        if let Some(path) = &component.ready {
            let target = (router.clone(), Arc::clone(&live), component.id.clone(), path.clone());
            add(&format!("component {}", component.id), Arc::new(move || ask(target.clone(), component_ready)));
        }
    }
    checks
}

fn ask<T, F>(subject: T, question: impl FnOnce(T) -> F) -> BoxFuture<'static, Result<(), String>>
where
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    Box::pin(question(subject))
}

async fn component_ready(
    (router, generation, component, path): (Router, Arc<Generation>, String, String),
) -> Result<(), String> {
    let request = readiness::get(&path, &generation, Some(Errand::Probe))?;
    match router.call_component(&component, request).await {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => Err(format!("it answers {}", response.status().as_u16())),
        Err(error) => Err(error.to_string()),
    }
}

/// What the operator can do.
pub fn actions(queue: &QueueProvider, clock: Option<WallClock>) -> Actions {
    let [status, woken] = [(); 2].map(|()| queue.clone());
    Actions {
        queues: Some(Arc::new(move || Box::pin(queues(status.clone())))),
        advance_clock: clock.map(|clock| -> Arc<dyn Fn(std::time::Duration) + Send + Sync> {
            Arc::new(move |by| {
                clock.advance(by);
                woken.clock_changed();
            })
        }),
    }
}

async fn queues(queue: QueueProvider) -> Result<Value, String> {
    let list = queue.list().await.map_err(|error| error.to_string())?;
    Ok(json!({ "queues": list.iter().map(status).collect::<Vec<_>>() }))
}

fn status(status: &QueueStatus) -> Value {
    json!({
        "queue": status.queue,
        "component": status.component,
        "depth": status.depth,
        "in_flight": status.in_flight,
        "delayed": status.delayed,
        "dead": status.dead,
        "oldest_age_s": status.oldest_age_s,
        "handled_total": status.handled_total,
        "retried_total": status.retried_total,
        "paused": status.paused,
    })
}
