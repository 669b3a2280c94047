//! Logs: JSON lines of three kinds (access, error, application), told apart by `target`.

use std::io;
use std::path::Path;

use admin::Logs;
use anyhow::Context;
use tracing::{Level, Metadata};
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait for the disk. Beyond that the writers wait too: a lost line is worse than a slow one.
const LINES_WAITING: usize = 16 << 10;

/// Starts logging to a file, or to standard output where `file` is absent. The guard flushes when dropped.
///
/// `logs` keeps the last lines for operators: the same lines, formatted once.
/// `filter` is in the syntax of `tracing`'s directives, for example `info,access=off`.
///
/// # Errors
/// When the file cannot be opened or the filter is no filter.
pub fn start(file: Option<&Path>, filter: &str, logs: Logs) -> anyhow::Result<WorkerGuard> {
    let builder = NonBlockingBuilder::default().buffered_lines_limit(LINES_WAITING).lossy(false);
    let (writer, guard) = match file {
        Some(path) => {
            let open = std::fs::OpenOptions::new().create(true).append(true).open(path);
            builder.finish(open.with_context(|| format!("cannot open the log {}", path.display()))?)
        }
        None => builder.finish(io::stdout()),
    };
    // What goes wrong with the broker is the queue's to say, once; lapin says it at each attempt.
    let quiet = if filter.contains("lapin") { filter.to_owned() } else { format!("{filter},lapin=off") };
    let filter = EnvFilter::try_new(quiet).context("the log filter is not understood")?;
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(Outputs { writer, logs })
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging is already started: {error}"))?;
    Ok(guard)
}

/// Where a line goes: to the log, and to the last lines.
struct Outputs {
    writer: NonBlocking,
    logs: Logs,
}

/// One line on its way to both.
struct Line<'a> {
    outputs: &'a Outputs,
    level: Level,
    target: &'static str,
}

/// `target` of the access log, whose lines are kept apart.
const ACCESS: &str = "access";

impl<'a> MakeWriter<'a> for Outputs {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { outputs: self, level: Level::INFO, target: "" }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line<'a> {
        let target = if metadata.target() == ACCESS { ACCESS } else { "" };
        Line { outputs: self, level: *metadata.level(), target }
    }
}

impl io::Write for Line<'_> {
    /// A formatted event comes in one piece.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outputs.logs.keep(self.level, self.target, bytes);
        self.outputs.writer.clone().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.outputs.writer.clone().flush()
    }
}
