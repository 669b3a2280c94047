//! The process-wide provider and what one component instance holds of it.

use std::sync::Arc;
use std::time::Instant;

use body::Response;
use http::HeaderValue;
use manifest::Component;
use wasmtime::component::ResourceTable;

use crate::{Config, Error, Hub, grant, intercept};

/// Live updates of all components. Clones share the hub.
#[derive(Clone, Debug)]
pub struct LiveProvider {
    hub: Hub,
}

impl LiveProvider {
    /// A provider with a hub of its own; a process wants exactly one.
    pub fn new(config: Config) -> Self {
        Self { hub: Hub::new(config) }
    }

    /// What one instance of the component gets; it publishes to the channels that the manifest grants.
    pub fn prepare(&self, component: &Component) -> LiveCtx {
        LiveCtx {
            component: component.id.as_str().into(),
            patterns: component.grants.events.as_slice().into(),
            hub: self.hub.clone(),
        }
    }

    /// Turns a component's answer into an event stream where it asks for that: status 200 and [`crate::CHANNELS`].
    ///
    /// `resume` is the request's [`crate::LAST_EVENT_ID`]. Any other answer comes back as it was, without that header.
    /// Extensions of the answer stay.
    ///
    /// # Errors
    /// [`Error::Denied`] for a channel that is not granted, [`Error::Invalid`] for a list that breaks the rules (both
    /// are the component's fault), and those of [`Hub::subscribe`].
    pub fn intercept(
        &self,
        component: &Component,
        resume: Option<&HeaderValue>,
        response: Response,
    ) -> Result<Response, Error> {
        intercept::intercept(component, &self.hub, resume, response)
    }

    /// Where events meet streams.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Ends every stream and opens none any more; browsers come back by themselves. Call it before the edge drains.
    pub fn shut_down(&self) {
        self.hub.shut_down();
    }
}

/// Live updates of one instance.
#[derive(Debug)]
pub struct LiveCtx {
    component: Arc<str>,
    /// Empty: not granted.
    patterns: Arc<[String]>,
    hub: Hub,
}

impl LiveCtx {
    /// A request begins. Publishing never waits, so its deadline does not matter here.
    pub fn begin_request(&mut self, _deadline: Instant) {}

    /// The request is over; nothing of it is held.
    pub fn end_request(&mut self) {}

    /// Publishes to one channel; see [`Hub::publish`].
    ///
    /// # Errors
    /// [`Error::Denied`] for a channel that the manifest does not grant, and those of [`Hub::publish`].
    pub fn publish(&self, channel: &str, name: &str, data: &str) -> Result<String, Error> {
        // The name is checked first, so that what is logged below is harmless.
        grant::check_channel(channel)?;
        if !grant::covers(&self.patterns, channel) {
            tracing::warn!(component = &*self.component, capability = "events", channel, "denied");
            return Err(Error::Denied { component: self.component.to_string(), channel: channel.to_owned() });
        }
        self.hub.publish(channel, name, data)
    }
}

/// How the interface reaches the context in a store.
pub struct LiveView<'a> {
    /// The instance's live updates.
    pub ctx: &'a mut LiveCtx,
    /// The instance's resources.
    pub table: &'a mut ResourceTable,
}

/// Store data that holds a [`LiveCtx`].
pub trait HasLive: Send {
    /// The view of it.
    fn live(&mut self) -> LiveView<'_>;
}
