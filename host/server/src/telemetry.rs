//! Logs: JSON lines of three kinds (access, error, application), told apart by `target`.

use std::path::Path;

use anyhow::Context;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Lines that may wait for the disk. Beyond that the writers wait too: a lost line is worse than a slow one.
const LINES_WAITING: usize = 16 << 10;

/// Starts logging to a file, or to standard output where `file` is absent. The guard flushes when dropped.
///
/// `filter` is in the syntax of `tracing`'s directives, for example `info,access=off`.
///
/// # Errors
/// When the file cannot be opened or the filter is no filter.
pub fn start(file: Option<&Path>, filter: &str) -> anyhow::Result<WorkerGuard> {
    let builder = NonBlockingBuilder::default().buffered_lines_limit(LINES_WAITING).lossy(false);
    let (writer, guard) = match file {
        Some(path) => {
            let open = std::fs::OpenOptions::new().create(true).append(true).open(path);
            builder.finish(open.with_context(|| format!("cannot open the log {}", path.display()))?)
        }
        None => builder.finish(std::io::stdout()),
    };
    let filter = EnvFilter::try_new(filter).context("the log filter is not understood")?;
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(writer)
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging is already started: {error}"))?;
    Ok(guard)
}
