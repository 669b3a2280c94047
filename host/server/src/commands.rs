//! What each command does.

pub mod act;
pub mod deploy;
mod follow;
pub mod logs;
pub mod plan;
pub mod queue;
pub mod releases;
pub mod rollback;
pub mod status;
pub mod token;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use rollout::Journal;
use tokio::runtime::Builder;

use crate::app::{Options, Running};
use crate::cli::{Run, Up};
use crate::config::Config;
use crate::follow::{Follower, Seen};
use crate::load::Application;
use crate::report::{Finding, Refusal, say};
use crate::{app, aside, broker, crash, databases, demo, records, signal, telemetry};

/// The log of `wharf up`, in the state folder.
const LOG_FILE: &str = "wharf.jsonl";

/// Serves an application for its developer until a signal.
///
/// # Errors
/// Why it could not start, or did not stop in order.
pub fn up(command: Up) -> Result<(), Refusal> {
    let Up { run, demo, follow } = command;
    let mut options = options(&run)?;
    options.developer = true;
    let state = &options.config.state.dir;
    std::fs::create_dir_all(state).with_context(|| format!("cannot make {}", state.display()))?;
    if !follow && options.config.log.file.is_none() {
        options.config.log.file = Some(state.join(LOG_FILE));
    }
    serve_until_signal(options, |running, options| {
        Box::pin(async move {
            let logins = match &demo {
                Some(part) => demo::fill(running, part, &options.config.state.dir).await?,
                None => None,
            };
            say(&summary(running, options, logins.as_deref()));
            Ok(())
        })
    })
}

/// Serves an application for its users until a signal.
///
/// # Errors
/// Why it could not start, or did not stop in order.
pub fn serve(run: &Run) -> Result<(), Refusal> {
    serve_until_signal(options(run)?, |running, _| {
        Box::pin(async move {
            tracing::info!(http = %running.http, admin = %running.admin, "serving");
            Ok(())
        })
    })
}

/// Says everything that is wrong and starts nothing.
///
/// # Errors
/// [`Refusal::Invalid`] with the findings.
pub fn check(run: &Run) -> Result<(), Refusal> {
    let options = options(run)?;
    let application = Application::read(&options.manifest)?;
    for warning in &application.warnings {
        say(&warning.to_string());
    }
    app::check(&application, &options)?;
    records::examine(&options.config)?;
    databases::examine(&options.config)?;
    broker::examine(&options.config)?;
    say(&format!("{} is ready to start", application.app.name));
    Ok(())
}

type Ready<'a> = std::pin::Pin<Box<dyn Future<Output = anyhow::Result<()>> + 'a>>;

fn serve_until_signal(
    mut options: Options,
    ready: impl for<'a> FnOnce(&'a Running, &'a Options) -> Ready<'a>,
) -> Result<(), Refusal> {
    options.records = records::open(&options.config)?;
    let options = &options;
    let application = files(options)?;
    for warning in application.iter().flat_map(|application| &application.warnings) {
        crate::report::warn(warning);
    }
    let log = &options.config.log;
    let flush = telemetry::start(log.file.as_deref(), &log.filter, options.logs.clone())?;
    let threads = Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    let aside = aside::threads().context("cannot start threads")?;
    let ended = threads.block_on(async {
        // Handlers first: a signal during the start is a stop, not a crash.
        let stop = signal::stop().context("cannot handle signals")?;
        let follower = application
            .as_ref()
            .filter(|_| options.developer)
            .map(|application| (application.manifest.clone(), Seen::now(application)));
        let running = app::start(application, options, aside.handle()).await?;
        ready(&running, options).await?;
        match follower {
            Some((manifest, seen)) => {
                let (store, engine) = (Arc::clone(&running.store), running.engine.clone());
                tokio::select! {
                    () = stop => {}
                    () = Follower { manifest, seen, store, engine }.run() => {}
                }
            }
            None => stop.await,
        }
        tracing::info!("stopping");
        running.stop().await.map_err(Refusal::from)
    });
    drop(flush);
    ended
}

/// The files, where they have a say: always a developer's, else before anything was deployed, or where they are there.
fn files(options: &Options) -> Result<Option<Application>, Refusal> {
    let read = Application::read(&options.manifest);
    let there = options.records.as_ref().map(|records| records.server.has_journal()).transpose();
    let there = there.context("the journal cannot be read")?.unwrap_or(false);
    let deployed = there || Journal::open_existing(&options.config.state.dir).is_some();
    if options.developer || !deployed {
        return read.map(Some);
    }
    Ok(read.ok())
}

fn options(run: &Run) -> Result<Options, Refusal> {
    let mut config = match &run.config {
        Some(path) => Config::read(path).map_err(|error| Refusal::invalid(Finding::from_error(&error)))?,
        None => Config::default(),
    };
    config.http.listen = run.listen.unwrap_or(config.http.listen);
    config.admin.listen = run.admin_listen.unwrap_or(config.admin.listen);
    if let Some(dir) = &run.state_dir {
        config.state.dir.clone_from(dir);
    }
    if run.cache_dir.is_some() {
        config.state.cache_dir.clone_from(&run.cache_dir);
    }
    if let Some(filter) = &run.log {
        config.log.filter.clone_from(filter);
    }
    for pair in &run.variables {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            Refusal::invalid(Finding::new(format!("`--variable {pair}` has no value"), "write NAME=VALUE"))
        })?;
        config.variables.insert(name.to_owned(), value.to_owned());
    }
    let manifest: PathBuf = run.manifest.clone();
    if manifest.as_os_str().is_empty() {
        return Err(Refusal::Failed(anyhow!("the manifest's name is empty")));
    }
    // Only a host whose clock may be moved by tests may be killed by them.
    let asked = std::env::var(crash::VARIABLE).ok().filter(|_| run.test_clock.is_some());
    let crash_at = asked.and_then(|step| step.parse().ok()).unwrap_or(0);
    let (test_clock, logs) = (run.test_clock.map(Duration::from_secs), admin::Logs::default());
    Ok(Options { manifest, config, test_clock, developer: false, crash_at, logs, records: None })
}

fn summary(running: &Running, options: &Options, logins: Option<&str>) -> String {
    let state = options.config.state.dir.display();
    let log =
        options.config.log.file.as_ref().map_or_else(|| "this screen".to_owned(), |log| log.display().to_string());
    let Running { name, http, admin, .. } = running;
    let logins = logins.map(|logins| format!("  mail    {state}/mail\n\n{}\n", logins.trim_end())).unwrap_or_default();
    format!(
        "\n{name} is served at http://{http}\n  probes  http://{admin}/readyz\n  log     {log}\n  \
         state   {state}\n{logins}\nStop with Ctrl-C."
    )
}
