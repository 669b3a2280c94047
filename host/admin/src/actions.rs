//! What an operator can ask of a running host.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::Value;

/// An answer, or why there is none.
pub(crate) type Answer = BoxFuture<'static, Result<Value, String>>;

/// The actions. An absent one is 404.
#[derive(Clone, Default)]
pub struct Actions {
    /// The state of every queue.
    pub queues: Option<Arc<dyn Fn() -> Answer + Send + Sync>>,
    /// Sets the wall clock forward. For tests.
    pub advance_clock: Option<Arc<dyn Fn(Duration) + Send + Sync>>,
}
