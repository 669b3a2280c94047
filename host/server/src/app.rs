//! Puts the host together. Read [`start`] from top to bottom: it is the order in which things begin, and why.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use manifest::Component;
use router::{Router, Table};
use runtime::{Artifact, Artifacts, Engine, Handler, Runtime};
use tokio::net::TcpListener;

use crate::backends::{self, Chain};
use crate::background::{Background, Parts};
use crate::capabilities::{self, Capabilities, Preparation};
use crate::clock::WallClock;
use crate::config::Config;
use crate::load::Application;
use crate::report::{Finding, Refusal};
use crate::settings;
use crate::state::InstanceState;

/// What the command line asks for.
pub struct Options {
    /// The manifest or its folder.
    pub manifest: PathBuf,
    /// The operator's configuration.
    pub config: Config,
    /// Whether the admin listener may set the clock forward.
    pub test_clock: Option<Duration>,
    /// Whether absent secrets are made.
    pub make_secrets: bool,
}

/// A host that serves.
pub struct Running {
    /// The application's name.
    pub name: String,
    /// Where users reach it.
    pub http: SocketAddr,
    /// Where the probes are.
    pub admin: SocketAddr,
    /// The way to every component.
    pub router: Router,
    /// Components with demonstration data, and the path to ask.
    pub demo: Vec<(String, String)>,
    /// The clock that everything reads.
    pub clock: WallClock,
    background: Background,
}

impl Running {
    /// Stops in order: no new work, what runs finishes, then everything is closed.
    ///
    /// # Errors
    /// When something did not finish within the drain limit, or could not be closed.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.background.stop().await
    }
}

/// Starts the application.
///
/// # Errors
/// [`Refusal::Invalid`] with every finding before anything was started; [`Refusal::Failed`] when the machine refuses.
pub async fn start(application: Application, options: &Options) -> Result<Running, Refusal> {
    let config = &options.config;
    // Everything that can be wrong with the application is found before a store is opened or a port is bound.
    let variables = settings::variables(&application, options)?;
    let engine = engine(config)?;
    let cache = Artifacts::open(&engine, config.cache_dir()).map_err(failed)?;
    let ready = tokio::task::block_in_place(|| application.artifacts(&cache, &config.cache_dir()))?;
    let runtime = Runtime::new(engine, capabilities::link).map_err(failed)?;
    link_all(&runtime, &ready)?;

    // Stores next; databases are migrated before any code can see them.
    let clock = WallClock::default();
    clock.advance(options.test_clock.unwrap_or_default());
    let chain = Chain::default();
    let capabilities = backends::open(&application, config, &clock, variables, &chain).await?;

    // Components are joined to their capabilities, routes laid out, and the way from component to component closed.
    let handlers = handlers(&runtime, &capabilities, &ready)?;
    let services = handlers.iter().map(|(id, handler)| (id.clone(), handler.service())).collect();
    let router = Router::new(Table::build(&application.app.triggers, services).map_err(failed)?);
    chain.close(&router);

    // Ports last, so that nobody is greeted who cannot be served.
    let http = bind(config.http.listen).await?;
    let admin = bind(config.admin.listen).await?;
    let running = (address(&http)?, address(&admin)?);
    let demo = with_demo(&application);
    let name = application.app.name.clone();
    let test_clock = options.test_clock.is_some().then(|| clock.clone());
    let background = Background::start(Parts {
        components: application.app.components,
        capabilities,
        handlers,
        router: router.clone(),
        config: config.clone(),
        test_clock,
        http,
        admin,
    })?;
    tracing::info!(application = name, http = %running.0, admin = %running.1, "started");
    Ok(Running { name, http: running.0, admin: running.1, router, demo, clock, background })
}

/// Finds what is wrong with an application without starting it.
///
/// # Errors
/// As [`start`], as far as it can be known without opening a store.
pub fn check(application: &Application, options: &Options) -> Result<(), Refusal> {
    settings::variables(application, options)?;
    let engine = engine(&options.config)?;
    let cache = Artifacts::open(&engine, options.config.cache_dir()).map_err(failed)?;
    let ready = application.artifacts(&cache, &options.config.cache_dir())?;
    let runtime = Runtime::new(engine, capabilities::link).map_err(failed)?;
    let findings =
        ready.iter().filter_map(|(component, _)| application.migrations(component).err()).collect::<Vec<_>>();
    if !findings.is_empty() {
        return Err(Refusal::Invalid(findings));
    }
    link_all(&runtime, &ready)
}

fn engine(config: &Config) -> Result<Engine, Refusal> {
    Engine::new(&runtime::Config::from(&config.pool)).map_err(failed)
}

fn link_all(runtime: &Runtime<InstanceState>, ready: &[(Component, Artifact)]) -> Result<(), Refusal> {
    let link = |(component, artifact): &(Component, Artifact)| runtime.check(artifact, component).err();
    let findings: Vec<_> = ready.iter().filter_map(link).map(|error| Finding::from_error(&error)).collect();
    if findings.is_empty() { Ok(()) } else { Err(Refusal::Invalid(findings)) }
}

fn handlers(
    runtime: &Runtime<InstanceState>,
    capabilities: &Capabilities,
    ready: &[(Component, Artifact)],
) -> Result<BTreeMap<String, Handler<InstanceState>>, Refusal> {
    let mut handlers = BTreeMap::new();
    for (component, artifact) in ready {
        let preparation = Preparation::new(capabilities, component)?;
        let handler = runtime.handler(artifact, component, move || preparation.state()).map_err(failed)?;
        tracing::info!(component = component.id, digest = artifact.digest(), "component ready");
        handlers.insert(component.id.clone(), handler);
    }
    Ok(handlers)
}

fn with_demo(application: &Application) -> Vec<(String, String)> {
    let components = application.app.components.values();
    components.filter_map(|component| Some((component.id.clone(), component.demo.clone()?))).collect()
}

async fn bind(listen: SocketAddr) -> Result<TcpListener, Refusal> {
    let bound = TcpListener::bind(listen).await;
    bound
        .with_context(|| format!("cannot listen on {listen}; choose another with `--listen` or `--admin-listen`"))
        .map_err(Refusal::Failed)
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Refusal> {
    listener.local_addr().context("a bound listener has an address").map_err(Refusal::Failed)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Refusal {
    Refusal::Failed(error.into())
}
