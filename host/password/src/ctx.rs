//! The process-wide provider and what one component instance holds of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::component::ResourceTable;

use crate::{Config, Error, Hasher};

/// Stands for the deadline where no request has begun; the wait for a turn ends earlier.
const NO_REQUEST: Duration = Duration::from_secs(30);

/// Password hashing for all components. Clones share the turns.
#[derive(Clone, Debug)]
pub struct PasswordProvider {
    hasher: Hasher,
}

impl PasswordProvider {
    /// A provider with turns of its own; a process wants exactly one.
    pub fn new(config: Config) -> Self {
        Self { hasher: Hasher::new(config) }
    }

    /// What one instance of the component gets; answers `denied` where the manifest does not grant it.
    pub fn prepare(&self, component: &manifest::Component) -> PasswordCtx {
        PasswordCtx {
            component: component.id.as_str().into(),
            hasher: component.grants.password.then(|| self.hasher.clone()),
            deadline: None,
        }
    }
}

/// Password hashing of one instance, which serves one request at a time.
#[derive(Debug)]
pub struct PasswordCtx {
    component: Arc<str>,
    /// `None`: not granted.
    hasher: Option<Hasher>,
    deadline: Option<Instant>,
}

impl PasswordCtx {
    /// A request begins; no wait outlives its deadline.
    pub fn begin_request(&mut self, deadline: Instant) {
        self.deadline = Some(deadline);
    }

    /// The request is over.
    pub fn end_request(&mut self) {
        self.deadline = None;
    }

    /// The hasher and the deadline to use it under.
    ///
    /// # Errors
    /// [`Error::Denied`] without the grant.
    pub fn hasher(&self) -> Result<(Hasher, Instant), Error> {
        let deadline = self.deadline.unwrap_or_else(|| Instant::now() + NO_REQUEST);
        let Some(hasher) = self.hasher.clone() else {
            tracing::warn!(component = &*self.component, capability = "password", "denied");
            return Err(Error::Denied);
        };
        Ok((hasher, deadline))
    }
}

/// How the interface reaches the context in a store.
pub struct PasswordView<'a> {
    /// The instance's password hashing.
    pub ctx: &'a mut PasswordCtx,
    /// The instance's resources.
    pub table: &'a mut ResourceTable,
}

/// Store data that holds a [`PasswordCtx`].
pub trait HasPassword: Send {
    /// The view of it.
    fn password(&mut self) -> PasswordView<'_>;
}
