//! Puts the host together. Read [`start`] from top to bottom: it is the order in which things begin, and why.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use admin::{Operator, Tokens};
use anyhow::Context;
use manifest::{App, Component};
use rollout::{Journal, Release, Store};
use router::{Router, Routing};
use runtime::{Artifact, Artifacts, Engine, Runtime};
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use crate::assets::Assets;
use crate::backends::{self, Chain};
use crate::background::{Background, Parts, Tasks};
use crate::capabilities::{self, Capabilities};
use crate::clock::WallClock;
use crate::config::Config;
use crate::crash::CrashPoint;
use crate::door::Door;
use crate::doors::Doors;
use crate::generation::Fleet;
use crate::load::Application;
use crate::loaded::Loaded;
use crate::operator_token::OperatorToken;
use crate::package::{Package, at_start, same};
use crate::platform::{Platform, Shared};
use crate::queues::Desk;
use crate::records::Records;
use crate::relay::Relays;
use crate::report::{Finding, Refusal};
use crate::state::InstanceState;
use crate::{notify, settings};

/// What the command line asks for.
#[derive(Clone)]
pub struct Options {
    /// The manifest or its folder.
    pub manifest: PathBuf,
    /// The operator's configuration.
    pub config: Config,
    /// Whether the admin listener may set the clock forward.
    pub test_clock: Option<Duration>,
    /// Whether this is a developer's host: secrets that are absent are made, and what the files say goes before what
    /// was deployed.
    pub developer: bool,
    /// The durable step of the control plane to die at, for tests of crashes; 0 is never.
    pub crash_at: u64,
    /// The last lines of the log, for operators.
    pub logs: admin::Logs,
    /// The server that keeps the host's records, where that is not the state folder alone.
    pub records: Option<Records>,
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
    /// What an operator can ask for.
    pub engine: control::Engine,
    /// Where releases are kept.
    pub store: Arc<Store>,
    background: Background,
}

impl Running {
    /// Stops in order: no new work, what runs finishes, then everything is closed.
    ///
    /// # Errors
    /// When something did not finish within the drain limit, or could not be closed.
    pub async fn stop(self) -> anyhow::Result<()> {
        // A rollout under way ends as it would by a crash: what is live stays live.
        self.engine.stop().await;
        self.background.stop().await
    }
}

/// Starts the application: the files, or without them what the journal says is live. It is served by the threads of the
/// caller's runtime; operators are by those of `aside`.
///
/// # Errors
/// [`Refusal::Invalid`] with every finding before anything was started; [`Refusal::Failed`] when the machine refuses.
pub async fn start(application: Option<Application>, options: &Options, aside: &Handle) -> Result<Running, Refusal> {
    let config = &options.config;
    // Everything that can be wrong with the files is found before a store is opened or a port is bound.
    let engine = engine(config)?;
    let artifacts = Artifacts::open(&engine, config.cache_dir()).map_err(failed)?;
    let runtime = Runtime::new(engine, capabilities::link).map_err(failed)?;
    if let Some(application) = &application {
        settings::variables(&application.app, options)?;
        let ready = tokio::task::block_in_place(|| application.artifacts(&artifacts, &config.cache_dir()))?;
        link_all(&runtime, &ready)?;
    }

    // Which release it is to be.
    let clock = WallClock::default();
    clock.advance(options.test_clock.unwrap_or_default());
    let state = &config.state.dir;
    make_private(state).with_context(|| format!("cannot use the state folder {}", state.display()))?;
    // A second host on the same folder ends here, before it touches anything.
    let doors = Doors::bind(config).await?;
    if let Some(records) = &options.records {
        tokio::task::block_in_place(|| records.mirror(config))?;
    }
    let server = options.records.as_ref().map(|records| Arc::clone(&records.server));
    let store = Arc::new(Store::open(state).map_err(failed)?.backed_by(server));
    let package = package(&store, application.as_ref(), options, &clock)?;
    let (app, release) = (package.app.clone(), package.release.clone());

    // Stores next; then the components are joined to them, and databases are migrated before any code can see them.
    let variables = settings::variables(&app, options)?;
    let chain = Chain::default();
    let capabilities = backends::open(&app, options, &clock, variables, &chain)?;
    let tasks = Tasks::default();
    let made = Made { runtime, artifacts, store: Arc::clone(&store), capabilities };
    let platform = Arc::new(platform(made, options, &tasks));
    let generation = platform.first(package).await.map_err(|refusal| at_start(&refusal))?;

    // The way in, and the way from component to component.
    let router = Router::new(Routing::all(generation));
    drop(platform.router.set(router.clone()));
    chain.close(&router);

    // What is live is on record before anybody is served by it.
    let operated = Arc::new(Shared(Arc::clone(&platform)));
    let engine = control::Engine::open(state, Arc::clone(&store), operated, control_config(config)).await;
    let engine = engine.map_err(|refusal| at_start(&refusal))?;
    let by = if options.developer { "wharf up" } else { "wharf serve" };
    let release = if engine.live() == Some(release.id) { release } else { platform.with_assets(release).await };
    engine.begin_with(&app.name, release, by).await.map_err(|refusal| at_start(&refusal))?;
    platform.remember_assets();

    // Ports last, so that nobody is greeted who cannot be served.
    let http = bind(config.http.listen).await?;
    let admin = bind(config.admin.listen).await?;
    let running = (address(&http)?, address(&admin)?);
    let token = Arc::new(OperatorToken::open(state)?);
    drop(platform.door.set(Door::new(running.0, Arc::clone(&token))));
    let test_clock = options.test_clock.is_some().then(|| clock.clone());
    open_doors((doors, aside), &engine, &platform, &tasks);
    let background = Background::start(Parts {
        tasks,
        platform,
        router: router.clone(),
        token,
        config: config.clone(),
        test_clock,
        http,
        admin,
    })?;
    engine.observe().await;
    tracing::info!(application = app.name, http = %running.0, admin = %running.1, "started");
    let demo = with_demo(&app);
    Ok(Running { name: app.name, http: running.0, admin: running.1, router, demo, clock, engine, store, background })
}

/// What is made once for all releases.
struct Made {
    runtime: Runtime<InstanceState>,
    artifacts: Artifacts,
    store: Arc<Store>,
    capabilities: Capabilities,
}

fn platform(made: Made, options: &Options, tasks: &Tasks) -> Platform {
    let Made { runtime, artifacts, store, capabilities } = made;
    Platform {
        runtime,
        artifacts,
        loaded: Loaded::default(),
        cache: options.config.cache_dir(),
        store,
        capabilities,
        options: options.clone(),
        serving: Handle::current(),
        fleet: Fleet::default(),
        relays: Relays::new(tasks.others.clone(), tasks.stop_others.clone()),
        assets: Assets::default(),
        tally: Arc::default(),
        crash: CrashPoint::new(options.crash_at),
        router: OnceLock::new(),
        door: OnceLock::new(),
        generations: Mutex::default(),
    }
}

/// The operator's doors, and the program that is told of every event.
fn open_doors((doors, aside): (Doors, &Handle), engine: &control::Engine, platform: &Platform, tasks: &Tasks) {
    let (options, queue, tally) = (&platform.options, platform.capabilities.queue.clone(), Arc::clone(&platform.tally));
    let operator = Operator {
        control: Arc::new(engine.clone()),
        queues: Arc::new(Desk { queue, tally, engine: engine.clone(), tasks: tasks.clone() }),
        tokens: Tokens::of(&options.config.state.dir),
        logs: options.logs.clone(),
    };
    doors.open(&operator, &tasks.others, &tasks.stop_others, aside);
    if let Some(program) = options.config.rollout.hook.clone() {
        tasks.others.spawn_on(notify::run(operator.control, program, tasks.stop_others.clone()), aside);
    }
}

/// The release that the journal calls live; or one made of the files, where there is none yet, or where a developer has
/// changed them since.
fn package(
    store: &Store,
    application: Option<&Application>,
    options: &Options,
    clock: &WallClock,
) -> Result<Package, Refusal> {
    let open = |release: Release| Package::open(store, release).map_err(|refusal| at_start(&refusal));
    let (journal, _) = Journal::open(&options.config.state.dir).map_err(failed)?;
    let live = journal.state().live.map(|live| store.release(live)).transpose().map_err(failed)?;
    let Some(application) = application else {
        let none = || Refusal::Failed(anyhow::anyhow!("nothing was ever deployed here; name a manifest with `-f`"));
        return open(live.ok_or_else(none)?);
    };
    let next = store.next_id().map_err(failed)?;
    let id = journal.state().clone().issue(next);
    let now_us = u64::try_from(clock.now_us()).unwrap_or(0);
    let by = if options.developer { "wharf up" } else { "wharf serve" };
    let mut release = Package::import(store, application, id, now_us, by)?;
    match live {
        Some(live) if same(&live, &release) => open(live),
        Some(live) if !options.developer => {
            tracing::info!(live = %live.id, "the files differ from what is live; `wharf deploy` takes them");
            open(live)
        }
        former => {
            release.parent = former.map(|former| former.id);
            open(release)
        }
    }
}

fn control_config(config: &Config) -> control::Config {
    let rollout = &config.rollout;
    control::Config { strategy: rollout.strategy.clone(), pace: rollout.pace, drain: rollout.drain() }
}

fn make_private(folder: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Finds what is wrong with an application without starting it.
///
/// # Errors
/// As [`start`], as far as it can be known without opening a store.
pub fn check(application: &Application, options: &Options) -> Result<(), Refusal> {
    settings::variables(&application.app, options)?;
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

fn with_demo(app: &App) -> Vec<(String, String)> {
    let components = app.components.values();
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
