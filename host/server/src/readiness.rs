//! Asks the components of a release whether they work.

use std::sync::Arc;
use std::time::Duration;

use body::{Errand, Request, Response};
use control::{Kind, Refusal};
use futures::future::join_all;
use http::Method;
use manifest::Component;
use router::{Generation, Router};
use tokio::time::Instant;

use crate::generation::Crew;

/// How long a new version may say that it is not ready yet.
const READY_LIMIT: Duration = Duration::from_secs(10);
/// Pause between two questions.
const PAUSE: Duration = Duration::from_millis(250);
/// How long one answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Makes an instance of everything that is new in a generation, and waits until all of it says that it is ready.
///
/// # Errors
/// [`Kind::Failed`]: the first component that cannot begin, or is not ready in time, with its last answer.
pub async fn ask(router: &Router, generation: &Arc<Generation>) -> Result<(), Refusal> {
    let Some(crew) = Crew::of(generation) else { return Ok(()) };
    let fresh = crew.fresh.iter().filter_map(|id| crew.app.components.get(id));
    let asked = join_all(fresh.map(|component| begin(router, generation, crew, component))).await;
    asked.into_iter().collect()
}

async fn begin(
    router: &Router,
    generation: &Arc<Generation>,
    crew: &Crew,
    component: &Component,
) -> Result<(), Refusal> {
    let failed = |why: String| Refusal::new(Kind::Failed, format!("component `{}` {why}", component.id));
    if let Some(handler) = crew.handler(&component.id) {
        let warm = handler.warm().await;
        warm.map_err(|fault| failed(format!("does not start: {}", short(&fault))))?;
    }
    let Some(path) = &component.ready else { return Ok(()) };
    let until = Instant::now() + READY_LIMIT;
    loop {
        match question(router, generation, &component.id, path, Some(Errand::Probe)).await {
            Ok(response) if response.status().is_success() => return Ok(()),
            Ok(response) if Instant::now() >= until => {
                return Err(failed(format!("is not ready: {path} answers {}", response.status().as_u16())));
            }
            // A fault does not pass by itself.
            Err(why) => return Err(failed(format!("is not ready: {path} has no answer: {why}"))),
            Ok(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Asks every component of a generation that says how, each counted like a caller's request.
pub async fn probe(router: &Router, generation: &Arc<Generation>) {
    let Some(crew) = Crew::of(generation) else { return };
    for component in crew.app.components.values() {
        if let Some(path) = &component.ready {
            // The count is what it was for.
            drop(question(router, generation, &component.id, path, None).await);
        }
    }
}

async fn question(
    router: &Router,
    generation: &Arc<Generation>,
    id: &str,
    path: &str,
    errand: Option<Errand>,
) -> Result<Response, String> {
    let request = get(path, generation, errand)?;
    let answer = tokio::time::timeout(ANSWER_LIMIT, router.call_component(id, request)).await;
    answer.map_err(|_| "it takes too long".to_owned())?.map_err(|error| short(&*error))
}

/// A request for one generation, whoever is routed to it.
///
/// # Errors
/// Where the path makes no URI.
pub fn get(path: &str, generation: &Arc<Generation>, errand: Option<Errand>) -> Result<Request, String> {
    let request = http::Request::builder().method(Method::GET).uri(path).body(body::empty());
    let mut request = request.map_err(|error| error.to_string())?;
    request.extensions_mut().insert(generation.hold());
    if let Some(errand) = errand {
        request.extensions_mut().insert(errand);
    }
    Ok(request)
}

/// The first line: the rest of a trap is its backtrace, which is in the log.
fn short(error: &(dyn std::error::Error + 'static)) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
