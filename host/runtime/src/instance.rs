//! One instance of a component: its store, its exports, and how it serves a request.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Instant;

use futures::channel::oneshot;
use wasmtime::component::Accessor;
use wasmtime::{AsContextMut, PoolConcurrencyLimitError, Store, UpdateDeadline};
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::{Prepared, Proxy, ProxyPre};

use crate::seats::Seat;
use crate::{Call, Fault, State};

/// Ticks of the epoch that a guest runs before it gives way.
const TICKS: u64 = 1;

/// An instance between or during requests. Dropping it gives its memory back.
pub(crate) struct Instance<S: State> {
    store: Store<S>,
    proxy: Proxy,
    component: Arc<str>,
    limit_bytes: u64,
    served: u32,
    /// When it last became idle.
    pub(crate) since: Instant,
    /// After everything else, so that there is room when it is given back.
    _seat: Option<Seat>,
}

impl<S: State> Instance<S> {
    pub(crate) async fn new(
        engine: &wasmtime::Engine,
        pre: &ProxyPre<S>,
        state: S,
        component: &Arc<str>,
        limit_bytes: u64,
    ) -> Result<Self, Fault> {
        let mut store = Store::new(engine, state);
        store.limiter(|state| state.limiter());
        store.set_epoch_deadline(TICKS);
        // A running guest gives way at each tick. A plain yield would only go to the back of the thread's queue, and
        // sockets are looked at every 61 turns: with two busy loops on two threads, twice a second. Tokio's own yield
        // lets the thread look at its sockets first.
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::YieldCustom(TICKS, Box::pin(tokio::task::yield_now()))));
        match pre.instantiate_async(&mut store).await {
            Ok(proxy) => Ok(Self {
                store,
                proxy,
                component: Arc::clone(component),
                limit_bytes,
                served: 0,
                since: Instant::now(),
                _seat: None,
            }),
            Err(error) if error.is::<PoolConcurrencyLimitError>() => {
                Err(Fault::NoInstance { component: component.to_string(), reason: format!("{error:#}") })
            }
            Err(error) => Err(classify(&mut store, component, limit_bytes, &error)),
        }
    }

    /// Holds the seat that was taken for it until it is dropped.
    pub(crate) fn on(self, seat: Seat) -> Self {
        Self { _seat: Some(seat), ..self }
    }

    /// Requests served so far, the running one included.
    pub(crate) fn served(&self) -> u32 {
        self.served
    }

    /// Serves one request to its end: the answer's last byte, and every task the guest started for it.
    ///
    /// `answer` is called once, with the answer's head and its streaming body, and runs beside the guest. After an error,
    /// or when the future is dropped, the instance must not be used again.
    pub(crate) async fn serve(
        &mut self,
        request: http::Request<WasiBody>,
        call: &Call,
        answer: impl AsyncFnOnce(http::Response<WasiBody>) + Send,
    ) -> Result<(), Fault> {
        self.served += 1;
        self.store.data_mut().begin(call);
        // Ticks that passed while the instance was idle are not this request's.
        self.store.set_epoch_deadline(TICKS);
        self.store.data_mut().limiter().begin();
        let proxy = &self.proxy;
        let served = self
            .store
            .run_concurrent(async |accessor| exchange(accessor, proxy, request, answer).await)
            .await
            .and_then(|result| result);
        if let Err(error) = served {
            return Err(classify(&mut self.store, &self.component, self.limit_bytes, &error));
        }
        self.store.data_mut().end();
        Ok(())
    }
}

async fn exchange<S: State>(
    accessor: &Accessor<S>,
    proxy: &Proxy,
    request: http::Request<WasiBody>,
    answer: impl AsyncFnOnce(http::Response<WasiBody>) + Send,
) -> wasmtime::Result<()> {
    let (sender, receiver) = oneshot::channel();
    let prepared = accessor.with(|mut store| Prepared::new(store.as_context_mut(), proxy, request, S::http, sender))?;
    let answered = async {
        match receiver.await {
            Ok(Ok(response)) => {
                answer(response).await;
                Ok(())
            }
            Ok(Err(error)) => Err(error),
            Err(oneshot::Canceled) => Err(wasmtime::Error::msg("the guest ended without an answer")),
        }
    };
    // The deadline is watched from outside, where a guest that never yields to this event loop is seen as well.
    let run = prepared.run(accessor, std::future::pending());
    futures::future::try_join(run, answered).await?;
    poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
    Ok(())
}

fn classify<S: State>(store: &mut Store<S>, component: &str, limit_bytes: u64, error: &wasmtime::Error) -> Fault {
    let component = component.to_owned();
    if store.data_mut().limiter().refused() {
        return Fault::Memory { component, limit_bytes };
    }
    if error.is::<wasmtime::Trap>() {
        return Fault::Trap { component, reason: format!("{error:?}") };
    }
    Fault::NoAnswer { component, reason: format!("{error:?}") }
}
