//! Compilation in a process of its own.
//!
//! The compiler takes a few hundred MB for a moment, and an allocator does not give all of it back: the host, which is to
//! stay under 60 MB, has a child do it and maps the result.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;
use runtime::{Artifacts, Engine};

use crate::cli::Compile;
use crate::report::{Finding, Refusal};

/// How much of the machine a compilation may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// All of it: nobody is served yet.
    Start,
    /// Little beside requests: one thread, at a low priority.
    Aside,
}

/// A tenth of a core where requests want all of it. At the lowest priority (19) it would be a seventieth: on a machine that
/// is busy for good, a deploy would then take many minutes.
const NICE: i32 = 10;

/// Has a child compile the file into the cache.
///
/// A child that fails is no error here: the caller loads the component next, and meets the reason itself.
pub fn in_child(id: &str, file: &Path, cache: &Path, haste: Haste) {
    let child = std::env::current_exe().and_then(|wharf| {
        let mut command = Command::new(wharf);
        if haste == Haste::Aside {
            command.env("RAYON_NUM_THREADS", "1");
        }
        command.arg("compile").args(["--id", id]).arg("--cache-dir").arg(cache).arg(file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()
    });
    match child {
        Ok(status) if status.success() => tracing::info!(component = id, "compiled"),
        Ok(status) => tracing::warn!(component = id, %status, "the compiling child failed"),
        Err(error) => tracing::warn!(component = id, %error, "no child to compile"),
    }
}

/// What the child does.
///
/// # Errors
/// When the file cannot be read or is no component, or the cache cannot be written.
pub fn run(options: &Compile) -> Result<(), Refusal> {
    let file = options.file.display();
    // The host serves meanwhile. Where it may not be nice, it is only slower.
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the priority stays as it is");
    }
    let wasm = std::fs::read(&options.file).with_context(|| format!("cannot read {file}"))?;
    let engine = Engine::new(&runtime::Config::default()).map_err(|error| Refusal::Failed(error.into()))?;
    let artifacts =
        Artifacts::open(&engine, options.cache_dir.clone()).map_err(|error| Refusal::Failed(error.into()))?;
    match artifacts.load(&options.id, &wasm) {
        Ok(_) => Ok(()),
        Err(error) => Err(Refusal::invalid(Finding::from_error(&error))),
    }
}
