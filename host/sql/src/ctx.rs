//! An instance's part of the capability: its grant and the request it serves.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::backend::Backend;
use crate::client::Request;
use crate::outbox::Sender;
use crate::{Client, Dialect, Error};

/// Bound of calls outside of a request (an instance that starts): the default deadline of a request.
const DEADLINE_DEFAULT: Duration = Duration::from_secs(30);

/// What an instance's component may do.
pub(crate) enum Access {
    /// The manifest grants no database.
    Denied,
    /// Granted, but nobody declared the database to the provider.
    Undeclared,
    /// Granted.
    Granted {
        /// The database.
        backend: Arc<dyn Backend>,
        /// What it may send.
        sender: Arc<Sender>,
    },
}

/// One instance's way to its database. Serves one request at a time.
pub struct SqlCtx {
    component: Arc<str>,
    access: Access,
    request: Arc<Request>,
    deadline: Option<Instant>,
    release: Option<u64>,
}

impl fmt::Debug for SqlCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlCtx").field("component", &self.component).finish_non_exhaustive()
    }
}

impl SqlCtx {
    pub(crate) fn new(component: Arc<str>, access: Access) -> Self {
        Self { component, access, request: Arc::default(), deadline: None, release: None }
    }

    /// A request begins: its calls end by the deadline, and messages it sends bear the number of its release.
    pub fn begin_request(&mut self, deadline: Instant, release: Option<u64>) {
        self.request.end();
        self.request = Arc::default();
        self.deadline = Some(deadline);
        self.release = release;
    }

    /// The request is over: transactions it left open are rolled back.
    pub fn end_request(&mut self) {
        self.request.end();
        self.deadline = None;
        self.release = None;
    }

    /// The database for the current request; outside of one, calls are bounded to 30 seconds.
    ///
    /// # Errors
    /// [`Error::Denied`] (logged) without a grant; [`Error::Unavailable`] where the database was never declared.
    pub fn client(&self) -> Result<Client, Error> {
        match &self.access {
            Access::Denied => {
                tracing::warn!(component = &*self.component, capability = "sql", "denied");
                Err(Error::Denied)
            }
            Access::Undeclared => Err(Error::unavailable("it was not opened")),
            Access::Granted { backend, sender } => Ok(Client {
                backend: Arc::clone(backend),
                sender: Arc::clone(sender),
                request: Arc::clone(&self.request),
                deadline: self.deadline.unwrap_or_else(|| Instant::now() + DEADLINE_DEFAULT),
                release: self.release,
            }),
        }
    }

    /// Which engine answers; SQLite where nothing is granted.
    pub fn dialect(&self) -> Dialect {
        match &self.access {
            Access::Granted { backend, .. } => backend.dialect(),
            Access::Denied | Access::Undeclared => Dialect::Sqlite,
        }
    }
}

impl Drop for SqlCtx {
    fn drop(&mut self) {
        self.request.end();
    }
}
