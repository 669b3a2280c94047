//! A release made ready to serve: its components joined to their capabilities, counted, and laid out by route.

use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use body::{BoxError, Errand, Release, Request, Response, Service};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use manifest::{App, Component, Variable};
use rollout::{Counts, Meter, MigrationRef, Outcome};
use router::{Generation, Table};
use runtime::{Artifact, Fault, Handler, Runtime, WeakHandler};
use tower::util::BoxCloneSyncService;

use crate::capabilities::{Capabilities, Preparation};
use crate::package::Package;
use crate::state::InstanceState;

/// What is kept with a generation.
pub struct Crew {
    /// What its manifest says.
    pub app: Arc<App>,
    handlers: BTreeMap<String, Handler<InstanceState>>,
    meters: BTreeMap<String, Arc<Meter>>,
    /// Components that no other generation was running in this form when it was made.
    pub fresh: Vec<String>,
}

/// All components that run, whichever generations they belong to. One that a new release leaves as it is serves both.
#[derive(Default)]
pub struct Fleet(Mutex<Vec<Member>>);

struct Member {
    recipe: Recipe,
    handler: WeakHandler<InstanceState>,
}

/// What makes two components the same.
#[derive(Clone, PartialEq)]
struct Recipe {
    digest: String,
    component: Component,
    /// Of the application: the component's own are templates over them.
    variables: BTreeMap<String, Variable>,
    migrations: Vec<MigrationRef>,
}

// === impl Crew ===

impl Crew {
    /// Puts a generation together. Components that run already are taken over as they are.
    ///
    /// # Errors
    /// When a component cannot be linked, its variables are missing, or two routes are one.
    pub fn generation(
        runtime: &Runtime<InstanceState>,
        fleet: &Fleet,
        capabilities: &Capabilities,
        package: &Package,
        artifacts: &BTreeMap<String, Artifact>,
    ) -> anyhow::Result<Arc<Generation>> {
        let (mut handlers, mut meters, mut services) = (BTreeMap::new(), BTreeMap::new(), HashMap::new());
        let mut fresh = Vec::new();
        for (id, component) in &package.app.components {
            let Some(artifact) = artifacts.get(id) else { continue };
            let recipe = Recipe {
                digest: artifact.digest().to_owned(),
                component: component.clone(),
                variables: package.app.variables.clone(),
                migrations: package.part(id).map(|part| part.migrations.clone()).unwrap_or_default(),
            };
            let handler = if let Some(handler) = fleet.find(&recipe) {
                handler
            } else {
                let preparation = Preparation::new(capabilities, component)?;
                let handler = runtime.handler(artifact, component, move || preparation.state())?;
                tracing::info!(component = id, digest = artifact.digest(), "component ready");
                fresh.push(id.clone());
                fleet.add(recipe, &handler);
                handler
            };
            let meter = Arc::new(Meter::default());
            services.insert(id.clone(), metered(handler.clone(), Arc::clone(&meter)));
            handlers.insert(id.clone(), handler);
            meters.insert(id.clone(), meter);
        }
        let table = Table::build(&package.app.triggers, services)?;
        let crew = Self { app: Arc::new(package.app.clone()), handlers, meters, fresh };
        Ok(Arc::new(Generation::new(Release(package.release.id.0), table, crew)))
    }

    /// The crew of a generation that this module made.
    pub fn of(generation: &Generation) -> Option<&Self> {
        generation.details()
    }

    /// A component of it.
    pub fn handler(&self, id: &str) -> Option<&Handler<InstanceState>> {
        self.handlers.get(id)
    }

    /// Components that none of the others runs.
    pub fn own_handlers<'a>(&'a self, others: &[&Self]) -> impl Iterator<Item = &'a Handler<InstanceState>> {
        let shared = |id: &String, handler: &Handler<InstanceState>| {
            others.iter().any(|other| other.handlers.get(id).is_some_and(|theirs| theirs.is(handler)))
        };
        self.handlers.iter().filter(move |(id, handler)| !shared(id, handler)).map(|(_, handler)| handler)
    }

    /// What each component has done.
    pub fn counts(&self) -> BTreeMap<String, Counts> {
        self.meters.iter().map(|(id, meter)| (id.clone(), meter.counts())).collect()
    }

    /// Forgets the trip wires that were hit.
    pub fn rearm(&self) {
        self.meters.values().for_each(|meter| meter.rearm());
    }
}

// === impl Fleet ===

impl Fleet {
    /// Drops instances that have been idle for too long. To be called every second or so.
    pub fn sweep(&self) {
        let handlers: Vec<_> = {
            let mut members = self.members();
            members.retain(|member| member.handler.upgrade().is_some());
            members.iter().filter_map(|member| member.handler.upgrade()).collect()
        };
        handlers.iter().for_each(Handler::sweep);
    }

    fn find(&self, recipe: &Recipe) -> Option<Handler<InstanceState>> {
        let members = self.members();
        let handlers = members.iter().filter(|member| member.recipe == *recipe).filter_map(|one| one.handler.upgrade());
        // One that was cut at its drain limit serves nobody again.
        handlers.into_iter().find(|handler| !handler.is_cut())
    }

    fn add(&self, recipe: Recipe, handler: &Handler<InstanceState>) {
        self.members().push(Member { recipe, handler: handler.downgrade() });
    }

    fn members(&self) -> MutexGuard<'_, Vec<Member>> {
        // Members are pushed and removed whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The component as a link of the data plane, with everything it does counted for its generation.
fn metered(handler: Handler<InstanceState>, meter: Arc<Meter>) -> Service {
    BoxCloneSyncService::new(tower::service_fn(move |request: Request| {
        let (handler, meter) = (handler.clone(), Arc::clone(&meter));
        async move {
            let errand = request.extensions().get::<Errand>().copied();
            let started = Instant::now();
            let answer = handler.handle(request).await;
            match errand {
                None => return counted(&meter, answer, started.elapsed()).map_err(BoxError::from),
                Some(Errand::Message) => count_message(&meter, &answer),
                Some(Errand::Probe) => {}
            }
            answer.map_err(BoxError::from)
        }
    }))
}

/// A host without room for an instance, or that ends a version at its drain limit, says nothing about the component.
/// One that is busy does: each generation has as many places, so that the one that is slower runs out of them first.
fn counted(meter: &Arc<Meter>, answer: Result<Response, Fault>, took: Duration) -> Result<Response, Fault> {
    let outcome = match &answer {
        Err(Fault::NoInstance { .. } | Fault::Retired { .. }) => return answer,
        Ok(response) if response.status().is_server_error() => Outcome::Error,
        Ok(_) | Err(Fault::RequestTooLarge { .. }) => Outcome::Good,
        Err(Fault::Trap { .. } | Fault::Memory { .. }) => Outcome::Fault,
        Err(_) => Outcome::Error,
    };
    meter.request(outcome, took);
    match answer {
        // An answer in one piece, which is nearly every one, is over.
        Ok(response) if outcome == Outcome::Good && response.body().size_hint().exact().is_none() => {
            Ok(response.map(|inner| Watched { inner, meter: Some(Arc::clone(meter)) }.boxed_unsync()))
        }
        answer => answer,
    }
}

/// The rest of an answer, which may still break off.
struct Watched {
    inner: body::Body,
    /// Until that is counted.
    meter: Option<Arc<Meter>>,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(cx));
        if matches!(frame, Some(Err(_)))
            && let Some(meter) = self.meter.take()
        {
            meter.broke_off();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A component that has no place for a message has not failed it.
fn count_message(meter: &Meter, answer: &Result<Response, Fault>) {
    match answer {
        Err(Fault::Busy { .. } | Fault::NoInstance { .. } | Fault::Retired { .. }) => {}
        Ok(response) => meter.message(response.status().is_success()),
        Err(_) => meter.message(false),
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use http_body_util::StreamBody;

    use super::*;

    /// An answer of one frame, and then an error where it is to break off.
    fn streamed(breaks: bool) -> Response {
        let mut frames = vec![Ok(Frame::data(Bytes::from_static(b"beginning")))];
        if breaks {
            frames.push(Err(BoxError::from("gone")));
        }
        Response::new(StreamBody::new(stream::iter(frames)).boxed_unsync())
    }

    async fn count(answer: Result<Response, Fault>) -> (u64, u64) {
        let meter = Arc::new(Meter::default());
        if let Ok(response) = counted(&meter, answer, Duration::ZERO) {
            drop(response.into_body().collect().await);
        }
        let counts = meter.counts();
        (counts.requests, counts.errors)
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_after_its_head_is_an_error_once() {
        assert_eq!(count(Ok(streamed(false))).await, (1, 0));
        assert_eq!(count(Ok(streamed(true))).await, (1, 1));
        let mut broken = streamed(true);
        *broken.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
        assert_eq!(count(Ok(broken)).await, (1, 1));
    }

    #[tokio::test]
    async fn what_is_the_hosts_own_doing_says_nothing_about_the_component() {
        let component = || "x".to_owned();
        let room = Fault::NoInstance { component: component(), reason: String::new() };
        assert_eq!(count(Err(room)).await, (0, 0));
        assert_eq!(count(Err(Fault::Retired { component: component() })).await, (0, 0));
        assert_eq!(count(Err(Fault::Busy { component: component(), concurrency: 1 })).await, (1, 1));
    }
}
