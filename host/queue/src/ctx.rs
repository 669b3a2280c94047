//! What one instance of a component may send, and until when.

use std::sync::Arc;
use std::time::{Duration, Instant};

use manifest::{Component, TopicPattern};

use crate::{Error, Message, QueueProvider};

/// Longest wait of a send outside a request.
const SEND_WAIT: Duration = Duration::from_secs(30);

/// The queue as one instance sees it. Cloning is cheap.
#[derive(Clone)]
pub struct QueueCtx {
    provider: QueueProvider,
    component: Arc<str>,
    send: Arc<[TopicPattern]>,
    deadline: Option<Instant>,
    release: Option<u64>,
}

impl QueueCtx {
    pub(crate) fn new(provider: QueueProvider, component: &Component) -> Self {
        Self {
            provider,
            component: Arc::from(component.id.as_str()),
            send: component.grants.send.as_slice().into(),
            deadline: None,
            release: None,
        }
    }

    /// The instance begins a request that must be over at `deadline`. What it sends bears the number of `release`.
    pub fn begin_request(&mut self, deadline: Instant, release: Option<u64>) {
        self.deadline = Some(deadline);
        self.release = release;
    }

    /// The request is over.
    pub fn end_request(&mut self) {
        self.deadline = None;
        self.release = None;
    }

    pub(crate) fn component(&self) -> &str {
        &self.component
    }

    /// Wall clock of the host, in microseconds since the epoch.
    pub(crate) fn now_us(&self) -> i64 {
        (self.provider.inner.clock)()
    }

    /// Whether the manifest grants the topic. A refusal is logged.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub fn check(&self, topic: &str) -> Result<(), Error> {
        if self.send.iter().any(|pattern| pattern.matches(topic)) {
            return Ok(());
        }
        tracing::warn!(component = &*self.component, capability = "queue", topic, "denied");
        Err(Error::Denied { component: self.component.to_string(), topic: topic.to_owned() })
    }

    /// Sends a message in the name of the component and of the request's release, whatever `source` and `release` say,
    /// and returns its id once it is durable.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::Timeout`] at the deadline of the request, and those of
    /// [`QueueProvider::publish`].
    pub async fn send(&self, mut message: Message) -> Result<String, Error> {
        self.check(&message.topic)?;
        self.component.as_ref().clone_into(&mut message.source);
        message.release = self.release;
        let deadline = self.deadline.unwrap_or_else(|| Instant::now() + SEND_WAIT);
        if deadline <= Instant::now() {
            return Err(Error::Timeout);
        }
        tokio::time::timeout_at(deadline.into(), self.provider.publish(message)).await.unwrap_or(Err(Error::Timeout))
    }
}
