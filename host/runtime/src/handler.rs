//! A component made ready to serve, and the pool of its instances.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use body::{BoxError, Caller, Deadline, Generation, Request, RequestId, Response};
use manifest::{Component, Instances, Limits};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::task::JoinHandle;
use tower::util::BoxCloneSyncService;
use wasmtime_wasi_http::handler::ProxyPre;

use crate::exchange::{Progress, limit_request, limit_response};
use crate::gather::gather;
use crate::instance::Instance;
use crate::seats::{Seats, Sitter};
use crate::{Call, Engine, Fault, State};

/// Makes the data of a new instance.
type Factory<S> = Box<dyn Fn() -> S + Send + Sync>;

/// One component, ready. Cheap to clone; all clones share one pool of instances.
pub struct Handler<S: State>(Arc<Inner<S>>);

impl<S: State> Clone for Handler<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// A component that may be gone by now: it keeps nothing alive.
pub struct WeakHandler<S: State>(Weak<Inner<S>>);

impl<S: State> WeakHandler<S> {
    /// The component, where anybody still holds it.
    pub fn upgrade(&self) -> Option<Handler<S>> {
        self.0.upgrade().map(Handler)
    }
}

struct Inner<S: State> {
    id: Arc<str>,
    engine: Engine,
    pre: ProxyPre<S>,
    factory: Factory<S>,
    limits: Limits,
    policy: Instances,
    /// Shared by all components of the engine.
    seats: Arc<Seats>,
    /// One for each request that may be served at once.
    places: Arc<Semaphore>,
    /// Instances between requests, the most recently used last. Never more than there are places, and fewer where others
    /// need their seats.
    idle: Mutex<Vec<Instance<S>>>,
    /// Turns true when what still runs is to end now.
    cut: watch::Sender<bool>,
}

impl<S: State> Handler<S> {
    pub(crate) fn new(
        engine: &Engine,
        pre: ProxyPre<S>,
        component: &Component,
        factory: impl Fn() -> S + Send + Sync + 'static,
    ) -> Self {
        let limits = component.limits;
        let inner = Arc::new(Inner {
            id: component.id.as_str().into(),
            engine: engine.clone(),
            pre,
            factory: Box::new(factory),
            limits,
            policy: component.instances,
            seats: Arc::clone(engine.seats()),
            places: Arc::new(Semaphore::new(usize::try_from(limits.concurrency).unwrap_or(Semaphore::MAX_PERMITS))),
            idle: Mutex::new(Vec::new()),
            cut: watch::Sender::new(false),
        });
        let sitter: Arc<dyn Sitter> = Arc::<Inner<S>>::clone(&inner);
        engine.seats().enter(Arc::downgrade(&sitter));
        Self(inner)
    }

    /// Serves one request.
    ///
    /// The answer's body streams from the guest; the instance is busy until it was read or the deadline passed. The
    /// deadline is the component's own, or the caller's ([`Deadline`]) where that is nearer.
    ///
    /// # Errors
    /// Every [`Fault`].
    ///
    /// # Cancellation
    /// Dropping the future before it resolves stops the guest at its next wait or tick and drops the instance; open
    /// transactions roll back. After it resolved, dropping the body lets the guest see its writer closed.
    pub async fn handle(&self, request: Request) -> Result<Response, Fault> {
        let inner = &self.0;
        inner.check_declared_length(&request)?;
        let started = Instant::now();
        let deadline = inner.deadline(&request, started);
        let place = inner.place(deadline).await?;
        let progress = Arc::new(Progress::default());
        let (head, answer) = oneshot::channel();
        let exchange = Exchange { call: call(&request, deadline), progress: Arc::clone(&progress), started };
        let request = limit_request(request, inner.limits.request_body, &progress);
        let task = Abort(Some(tokio::spawn(Arc::clone(inner).exchange(exchange, request, head, place))));
        let answer = answer.await;
        task.release();
        // The guest may have answered the error that its reader got in any way it likes; the cause is ours to tell.
        if progress.request_over() {
            return Err(Fault::RequestTooLarge { limit_bytes: inner.limits.request_body });
        }
        answer.unwrap_or_else(|_| {
            Err(Fault::NoAnswer { component: inner.id.to_string(), reason: "the host's task panicked".to_owned() })
        })
    }

    /// The handler as a link of the data plane.
    pub fn service(&self) -> body::Service {
        let handler = self.clone();
        BoxCloneSyncService::new(tower::service_fn(move |request| {
            let handler = handler.clone();
            async move { handler.handle(request).await.map_err(BoxError::from) }
        }))
    }

    /// Makes an instance and keeps it for the first request, so that a component that cannot begin is found out before
    /// anybody needs it.
    ///
    /// # Errors
    /// The [`Fault`] it begins with; [`Fault::Deadline`] after the component's own deadline.
    pub async fn warm(&self) -> Result<(), Fault> {
        let inner = &self.0;
        let until = Instant::now() + inner.limits.deadline;
        let made = tokio::time::timeout_at(until.into(), inner.instance(until)).await;
        let late = || Fault::Deadline { component: inner.id.to_string(), limit: inner.limits.deadline };
        let mut instance = made.unwrap_or_else(|_| Err(late()))?;
        instance.since = Instant::now();
        inner.idle().push(instance);
        Ok(())
    }

    /// Whether [`Handler::cut`] was called: it serves nobody any more.
    pub fn is_cut(&self) -> bool {
        *self.0.cut.borrow()
    }

    /// Ends what still runs, as if its deadline had passed: the drain limit of a retired version. Later requests end at
    /// once.
    pub fn cut(&self) {
        self.0.cut.send_replace(true);
    }

    /// Whether both are the same component with the same instances.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A handle that keeps nothing alive.
    pub fn downgrade(&self) -> WeakHandler<S> {
        WeakHandler(Arc::downgrade(&self.0))
    }

    /// Drops the instances that have been idle for longer than the component's policy says. To be called every second
    /// or so.
    pub fn sweep(&self) {
        let idle_limit = self.0.policy.idle;
        let mut idle = self.0.idle();
        let keep = idle.iter().position(|instance| instance.since.elapsed() < idle_limit).unwrap_or(idle.len());
        let expired: Vec<_> = idle.drain(..keep).collect();
        drop(idle);
        // Unmapping takes time, so it happens after the lock is released.
        drop(expired);
    }

    /// Instances between requests.
    pub fn idle_instances(&self) -> usize {
        self.0.idle().len()
    }

    /// Requests being served.
    pub fn busy_instances(&self) -> usize {
        let places = usize::try_from(self.0.limits.concurrency).unwrap_or(usize::MAX);
        places.saturating_sub(self.0.places.available_permits())
    }
}

/// What the task that serves a request knows beside the request.
struct Exchange {
    call: Call,
    progress: Arc<Progress>,
    started: Instant,
}

impl<S: State> Inner<S> {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Instance<S>>> {
        // A panic while the lock is held cannot leave a Vec of instances half-changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_declared_length(&self, request: &Request) -> Result<(), Fault> {
        let limit_bytes = self.limits.request_body;
        let length = request.headers().get(http::header::CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()).and_then(|value| value.parse::<u64>().ok());
        if length.is_some_and(|length| length > limit_bytes) {
            return Err(Fault::RequestTooLarge { limit_bytes });
        }
        Ok(())
    }

    fn deadline(&self, request: &Request, started: Instant) -> Instant {
        let own = started + self.limits.deadline;
        request.extensions().get::<Deadline>().map_or(own, |caller| own.min(caller.0))
    }

    async fn place(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, Fault> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let until = deadline.min(Instant::now() + self.limits.wait);
        match tokio::time::timeout_at(until.into(), Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => {
                Err(Fault::Busy { component: self.id.to_string(), concurrency: self.limits.concurrency })
            }
        }
    }

    /// Runs the guest for one request, past the answer's head to its very end.
    async fn exchange(
        self: Arc<Self>,
        exchange: Exchange,
        request: http::Request<wasmtime_wasi_http::WasiBody>,
        head: oneshot::Sender<Result<Response, Fault>>,
        place: OwnedSemaphorePermit,
    ) {
        let Exchange { call, progress, started } = exchange;
        // Set before the instance is dropped, also when this task is aborted or panics.
        let failing = FailOnDrop(&progress);
        let mut head = Some(head);
        let served = {
            let run = self.run(&call, &progress, request, &mut head);
            let mut run = std::pin::pin!(run);
            let mut cut = self.cut.subscribe();
            tokio::select! {
                biased;
                served = &mut run => served,
                () = tokio::time::sleep_until(call.deadline.into()) => {
                    progress.fail();
                    let limit = call.deadline.saturating_duration_since(started);
                    Err(Fault::Deadline { component: self.id.to_string(), limit: round(limit) })
                }
                _ = cut.wait_for(|cut| *cut) => {
                    progress.fail();
                    Err(Fault::Retired { component: self.id.to_string() })
                }
            }
        };
        match served {
            Ok(instance) => {
                failing.disarm();
                self.keep(instance);
            }
            Err(fault) => {
                progress.fail();
                self.report(&fault, &call);
                if let Some(head) = head {
                    drop(head.send(Err(fault)));
                }
            }
        }
        drop(place);
    }

    /// Waits for a seat as long as for a place, and not longer than `until`.
    async fn instance(&self, until: Instant) -> Result<Instance<S>, Fault> {
        let none =
            || Fault::NoInstance { component: self.id.to_string(), reason: "all of the host are busy".to_owned() };
        let seat = self.seats.take(until.min(Instant::now() + self.limits.wait)).await.ok_or_else(none)?;
        let state = (self.factory)();
        let made = Instance::new(self.engine.wasmtime(), &self.pre, state, &self.id, self.limits.memory);
        self.engine.clock().watch(made).await.map(|instance| instance.on(seat))
    }

    async fn run(
        &self,
        call: &Call,
        progress: &Arc<Progress>,
        request: http::Request<wasmtime_wasi_http::WasiBody>,
        head: &mut Option<oneshot::Sender<Result<Response, Fault>>>,
    ) -> Result<Instance<S>, Fault> {
        let idle = self.idle().pop();
        let mut instance = if let Some(instance) = idle { instance } else { self.instance(call.deadline).await? };
        let answer = async |response| {
            let limited = limit_response(response, &self.id, self.limits.response_body, progress);
            let answer = match limited {
                Ok(response) => gather(response).await,
                Err(fault) => Err(fault),
            };
            // Taken only now: a fault that comes while the answer is gathered is still the answer.
            if let Some(head) = head.take() {
                drop(head.send(answer));
            }
        };
        if let Err(fault) = self.engine.clock().watch(instance.serve(request, call, answer)).await {
            // While the instance is still there: its streams end when it goes.
            progress.fail();
            return Err(fault);
        }
        Ok(instance)
    }

    fn keep(&self, mut instance: Instance<S>) {
        if instance.served() >= self.policy.reuse {
            return;
        }
        instance.since = Instant::now();
        let mut idle = self.idle();
        if self.seats.may_stay() {
            idle.push(instance);
            return;
        }
        drop(idle);
        // Unmapping takes time, so it happens after the lock is released.
        drop(instance);
    }

    fn report(&self, fault: &Fault, call: &Call) {
        if !fault.blames_component() {
            return;
        }
        let request_id = call.request_id.as_ref().map(|id| &*id.0);
        let reason = match fault {
            Fault::Trap { reason, .. } | Fault::NoAnswer { reason, .. } => reason.as_str(),
            _ => "",
        };
        tracing::error!(component = %self.id, request_id, fault = fault.kind(), reason, "component faulted");
    }
}

impl<S: State> Sitter for Inner<S> {
    fn idle_since(&self) -> Option<Instant> {
        self.idle().first().map(|instance| instance.since)
    }

    fn give_way(&self) {
        let oldest = {
            let mut idle = self.idle();
            // Its own component may have taken it since it was looked at.
            if idle.is_empty() { None } else { Some(idle.remove(0)) }
        };
        drop(oldest);
    }
}

fn call(request: &Request, deadline: Instant) -> Call {
    let extensions = request.extensions();
    Call {
        deadline,
        request_id: extensions.get::<RequestId>().cloned(),
        depth: extensions.get::<Caller>().map_or(0, |caller| caller.depth),
        generation: extensions.get::<Generation>().cloned(),
    }
}

/// Whole milliseconds, for people.
fn round(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

struct FailOnDrop<'a>(&'a Progress);

impl FailOnDrop<'_> {
    fn disarm(self) {
        let _ = std::mem::ManuallyDrop::new(self);
    }
}

impl Drop for FailOnDrop<'_> {
    fn drop(&mut self) {
        self.0.fail();
    }
}

/// Stops the task of a request whose caller went away.
struct Abort(Option<JoinHandle<()>>);

impl Abort {
    fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}
