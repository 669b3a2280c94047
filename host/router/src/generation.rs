//! A release made ready to serve, and which of two a request goes to.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use body::{ClientAddress, ClientKey, Errand, Release, Request, RequestId};

use crate::{Error, Table};

/// One generation of the application: its routes with its components behind them.
///
/// Every request holds the generation that serves it, up to the last byte of the answer and the last of the calls it
/// makes. So a generation that no table names any more is dropped, with its instances and compiled code, when the last
/// of its requests is over: that is the whole of draining.
pub struct Generation {
    release: Release,
    pub(crate) table: Table,
    details: Box<dyn Any + Send + Sync>,
}

/// Whether a client, by its key, gets the candidate. Called on the request path: pure, without waiting.
pub type Choose = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// Which generations serve. Immutable: a step of a rollout is a new routing.
#[derive(Clone)]
pub struct Routing {
    live: Arc<Generation>,
    trial: Option<Trial>,
}

#[derive(Clone)]
struct Trial {
    candidate: Arc<Generation>,
    choose: Choose,
}

// === impl Generation ===

impl Generation {
    /// `details` is whatever the owner of the components keeps with them; it is dropped with the generation.
    pub fn new(release: Release, table: Table, details: impl Any + Send + Sync) -> Self {
        Self { release, table, details: Box::new(details) }
    }

    /// Its release.
    pub fn release(&self) -> Release {
        self.release
    }

    /// What was kept with it, where it is a `T`.
    pub fn details<T: Any>(&self) -> Option<&T> {
        self.details.downcast_ref()
    }

    /// What its requests carry.
    pub fn hold(self: &Arc<Self>) -> body::Generation {
        let held: Arc<dyn Any + Send + Sync> = Arc::<Self>::clone(self);
        body::Generation { release: self.release, held }
    }
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation").field("release", &self.release).field("table", &self.table).finish_non_exhaustive()
    }
}

// === impl Routing ===

impl Routing {
    /// Everybody gets this one.
    pub fn all(live: Arc<Generation>) -> Self {
        Self { live, trial: None }
    }

    /// Those whom `choose` says get the candidate; an operator gets it at any weight.
    #[must_use]
    pub fn with_candidate(self, candidate: Arc<Generation>, choose: Choose) -> Self {
        Self { trial: Some(Trial { candidate, choose }), ..self }
    }

    /// The generation that serves.
    pub fn live(&self) -> &Arc<Generation> {
        &self.live
    }

    /// The generation on trial.
    pub fn candidate(&self) -> Option<&Arc<Generation>> {
        self.trial.as_ref().map(|trial| &trial.candidate)
    }

    /// Whom the request goes to. In this order: the generation it comes from ([`body::Generation`]); the release that
    /// is asked for ([`Release`]), which for a message is but a wish; the key it is known by ([`ClientKey`], for a
    /// message its id, else the client's address).
    ///
    /// # Errors
    /// [`Error::UnknownRelease`] where an operator asks for one that does not serve.
    pub(crate) fn pick(&self, request: &Request) -> Result<Arc<Generation>, Error> {
        let extensions = request.extensions();
        if let Some(generation) = extensions.get::<body::Generation>()
            && let Ok(generation) = Arc::clone(&generation.held).downcast()
        {
            return Ok(generation);
        }
        let message = extensions.get() == Some(&Errand::Message);
        if let Some(asked) = extensions.get::<Release>() {
            let found = [Some(&self.live), self.candidate()].into_iter().flatten().find(|one| one.release == *asked);
            match found {
                Some(found) => return Ok(Arc::clone(found)),
                None if message => {}
                None => return Err(Error::UnknownRelease { release: asked.0 }),
            }
        }
        let Some(trial) = &self.trial else { return Ok(Arc::clone(&self.live)) };
        let chosen = match (extensions.get::<ClientKey>(), extensions.get::<RequestId>()) {
            (Some(key), _) => (trial.choose)(&key.0),
            (None, Some(id)) if message => (trial.choose)(id.0.as_bytes()),
            _ => {
                let address = extensions.get::<ClientAddress>().map(|client| client.0.ip());
                (trial.choose)(address.map(|ip| ip.to_string()).unwrap_or_default().as_bytes())
            }
        };
        Ok(Arc::clone(if chosen { &trial.candidate } else { &self.live }))
    }
}

impl fmt::Debug for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let candidate = self.candidate().map(|candidate| candidate.release);
        f.debug_struct("Routing")
            .field("live", &self.live.release)
            .field("candidate", &candidate)
            .finish_non_exhaustive()
    }
}
