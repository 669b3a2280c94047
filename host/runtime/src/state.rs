//! What the composition root keeps in the store of an instance, as this crate sees it.

use std::time::Instant;

use body::{Generation, RequestId};
use wasmtime_wasi_http::WasiHttpView;

use crate::Limiter;

/// What an instance is told about the request it is about to serve.
#[derive(Clone, Debug)]
pub struct Call {
    /// When the exchange must be over; capabilities bound their own waits by it.
    pub deadline: Instant,
    /// For logs and for calls that this one makes.
    pub request_id: Option<RequestId>,
    /// Components between the edge and this one.
    pub depth: u32,
    /// The generation that the request belongs to; calls and messages stay on it. Held until the exchange is over.
    pub generation: Option<Generation>,
}

/// The data of one instance: capabilities, WASI and the memory count.
///
/// An instance serves one request at a time, possibly many in turn: [`State::begin`] comes before each, and
/// [`State::end`] after each that went well. An instance that faulted is dropped without `end`, so whatever must be
/// undone then (an open transaction) is undone by dropping.
pub trait State: WasiHttpView + Send + 'static {
    /// The memory count of this instance.
    fn limiter(&mut self) -> &mut Limiter;
    /// A request begins. Must not block.
    fn begin(&mut self, call: &Call);
    /// The request is over, its body sent and its tasks done: give back everything held for it. Must not block.
    fn end(&mut self);
}
