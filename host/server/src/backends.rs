//! Opens what the capabilities keep their data in.

use std::sync::{Arc, OnceLock};

use anyhow::Context;
use body::{BoxError, Response};
use router::{Error, Router};
use runtime::Fault;
use variables::VariablesProvider;

use crate::capabilities::Capabilities;
use crate::clock::WallClock;
use crate::config::Config;
use crate::load::Application;
use crate::report::{Finding, Refusal};
use crate::rescue::rescue;

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

/// Opens every store below the state folder and migrates the databases.
///
/// # Errors
/// When a store cannot be opened, or a migration fails or was changed after it was applied.
pub async fn open(
    application: &Application,
    config: &Config,
    clock: &WallClock,
    variables: VariablesProvider,
    chain: &Chain,
) -> Result<Capabilities, Refusal> {
    let state = &config.state.dir;
    make_private(state).with_context(|| format!("cannot use the state folder {}", state.display()))?;
    let components = application.app.components.values();
    let consumers = components
        .clone()
        .flat_map(|component| component.grants.consume.iter().map(|consumer| (component.id.clone(), consumer.clone())))
        .collect();
    let crons = components
        .clone()
        .flat_map(|component| component.grants.cron.iter().map(|cron| (component.id.clone(), cron.clone())))
        .collect();
    let queue = queue::QueueProvider::open_with_cron(&state.join("queue.db"), clock.shared(), consumers, crons)
        .context("the queue cannot be opened")?;
    let bound = {
        let queue = queue.clone();
        Arc::new(move |topic: &str| queue.bound(topic))
    };
    let sql = sql::SqlProvider::open(state.join("sql"), clock.shared(), bound).context("databases cannot be opened")?;
    for component in components {
        let migrations = application.migrations(component).map_err(Refusal::invalid)?;
        sql.declare(component, migrations).await.map_err(|error| Refusal::invalid(Finding::from_error(&error)))?;
    }
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

fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
