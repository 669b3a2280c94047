//! What one component instance holds of this capability.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::ResourceTable;

use crate::provider::SEND_MAX;
use crate::{Error, Mailer, Message};

/// Mail of one instance, which serves one request at a time.
pub struct MailCtx {
    component: Arc<str>,
    /// `None`: not granted.
    mailer: Option<Mailer>,
    deadline: Option<Instant>,
}

impl MailCtx {
    pub(crate) fn new(component: &str, mailer: Option<Mailer>) -> Self {
        Self { component: component.into(), mailer, deadline: None }
    }

    /// A request begins; no call outlives its deadline.
    pub fn begin_request(&mut self, deadline: Instant) {
        self.deadline = Some(deadline);
    }

    /// The request is over.
    pub fn end_request(&mut self) {
        self.deadline = None;
    }

    /// Sends under the grant and the deadline as they are now. The future does not borrow the context.
    ///
    /// # Errors
    /// [`Error::Denied`] without the grant, else as [`Mailer::send`].
    pub fn send(&self, message: Message) -> impl Future<Output = Result<String, Error>> + Send + use<> {
        let mailer = self.mailer.clone();
        let deadline = self.deadline.unwrap_or_else(|| Instant::now() + SEND_MAX);
        if mailer.is_none() {
            tracing::warn!(component = &*self.component, capability = "mail", "denied");
        }
        async move { mailer.ok_or(Error::Denied)?.send(message, deadline).await }
    }
}

/// How the interface reaches the context in a store.
pub struct MailView<'a> {
    /// The instance's mail.
    pub ctx: &'a mut MailCtx,
    /// The instance's resources.
    pub table: &'a mut ResourceTable,
}

/// Store data that holds a [`MailCtx`].
pub trait HasMail: Send {
    /// The view of it.
    fn mail(&mut self) -> MailView<'_>;
}
