//! Opens what the capabilities keep their data in.

use std::sync::{Arc, OnceLock};

use anyhow::Context;
use body::{BoxError, Response};
use manifest::{App, Consumer, Cron};
use router::{Error, Router};
use runtime::Fault;
use variables::VariablesProvider;

use crate::app::Options;
use crate::capabilities::Capabilities;
use crate::clock::WallClock;

use crate::report::Refusal;
use crate::rescue::rescue;
use crate::{broker, databases};

/// The way from a component to another one. It exists before the router does, since the router's components need it.
#[derive(Clone, Default)]
pub struct Chain(Arc<OnceLock<Router>>);

impl Chain {
    /// From now on calls arrive.
    pub fn close(&self, router: &Router) {
        // Only the first router counts: later tables are swapped inside it.
        drop(self.0.set(router.clone()));
    }

    fn call(&self) -> outbound::Chain {
        let chain = self.clone();
        Arc::new(move |component, request| {
            let router = chain.0.get().cloned();
            Box::pin(async move {
                let router = router.ok_or_else(|| BoxError::from("the host is still starting"))?;
                router.call_component(&component, request).await.or_else(answer_for)
            })
        })
    }
}

/// What a caller gets of a callee without an answer: that it is overloaded or too slow is worth telling apart; all else
/// becomes a 502 on its way out.
fn answer_for(error: BoxError) -> Result<Response, BoxError> {
    if let Some(Error::UnknownComponent { component }) = error.downcast_ref() {
        return Err(outbound::Error::UnknownComponent { component: component.clone() }.into());
    }
    match error.downcast_ref() {
        Some(Fault::Busy { .. } | Fault::NoInstance { .. } | Fault::Deadline { .. }) => {
            Ok(rescue(&error).into_response())
        }
        _ => Err(error),
    }
}

/// Each with the id of its component.
type Owned<T> = Vec<(String, T)>;

/// Queues and schedules of applications that serve side by side, each with the id of its component. Where two name the
/// same queue or schedule, the first one's word counts.
pub fn bindings(apps: &[&App]) -> (Owned<Consumer>, Owned<Cron>) {
    let (mut consumers, mut crons): (Owned<Consumer>, Owned<Cron>) = Default::default();
    for component in apps.iter().flat_map(|app| app.components.values()) {
        for consumer in &component.grants.consume {
            if consumers.iter().all(|(_, other)| other.queue != consumer.queue) {
                consumers.push((component.id.clone(), consumer.clone()));
            }
        }
        for cron in &component.grants.cron {
            if crons.iter().all(|(id, other)| *id != component.id || other.name != cron.name) {
                crons.push((component.id.clone(), cron.clone()));
            }
        }
    }
    (consumers, crons)
}

/// Opens every store below the state folder, for the application that the host starts with.
///
/// # Errors
/// When a store cannot be opened.
pub fn open(
    app: &App,
    options: &Options,
    clock: &WallClock,
    variables: VariablesProvider,
    chain: &Chain,
) -> Result<Capabilities, Refusal> {
    let (config, state) = (&options.config, &options.config.state.dir);
    let queue = broker::open(app, options, clock)?;
    let bound = {
        let queue = queue.clone();
        Arc::new(move |topic: &str| queue.bound(topic))
    };
    let sql = databases::open(options, clock, bound)?;
    let mail = mail::MailProvider::open(state.join("mail"), &config.mail.from, clock.shared());
    Ok(Capabilities {
        clock: clock.clone(),
        sql,
        queue,
        blob: blob::BlobProvider::open(state.join("blob"), clock.shared())
            .context("the file store cannot be opened")?,
        mail: mail.context("the mail folder cannot be opened")?,
        password: password::PasswordProvider::new(password::Config::default()),
        live: live::LiveProvider::new(live::Config::default()),
        variables,
        outbound: outbound::OutboundProvider::new(outbound::Config::default(), chain.call())
            .context("outgoing HTTP cannot be set up")?,
    })
}
