//! What one component instance holds of this capability.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::ResourceTable;

use crate::{BlobStore, Error, NO_REQUEST};

/// Files of one instance, which serves one request at a time.
pub struct BlobCtx {
    component: Arc<str>,
    /// `None`: not granted.
    store: Option<BlobStore>,
    deadline: Option<Instant>,
}

impl BlobCtx {
    pub(crate) fn new(component: &str, store: Option<BlobStore>) -> Self {
        Self { component: component.into(), store, deadline: None }
    }

    /// A request begins; no call and no stream outlives its deadline.
    pub fn begin_request(&mut self, deadline: Instant) {
        self.deadline = Some(deadline);
    }

    /// The request is over. Streams that are still open keep the deadline they began with.
    pub fn end_request(&mut self) {
        self.deadline = None;
    }

    /// The files and the deadline to use them under.
    ///
    /// # Errors
    /// [`Error::Denied`] without the grant.
    pub fn store(&self) -> Result<(BlobStore, Instant), Error> {
        let deadline = self.deadline.unwrap_or_else(|| Instant::now() + NO_REQUEST);
        let Some(store) = self.store.clone() else {
            tracing::warn!(component = &*self.component, capability = "blob", "denied");
            return Err(Error::Denied);
        };
        Ok((store, deadline))
    }
}

/// How the interface reaches the context in a store.
pub struct BlobView<'a> {
    /// The instance's files.
    pub ctx: &'a mut BlobCtx,
    /// The instance's resources.
    pub table: &'a mut ResourceTable,
}

/// Store data that holds a [`BlobCtx`].
pub trait HasBlob: Send {
    /// The view of it.
    fn blob(&mut self) -> BlobView<'_>;
}
