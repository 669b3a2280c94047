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

/// Has a child compile the file into the cache.
///
/// A child that fails is no error here: the caller loads the component next, and meets the reason itself.
pub fn in_child(id: &str, file: &Path, cache: &Path) {
    let child = std::env::current_exe().and_then(|wharf| {
        let mut command = Command::new(wharf);
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
    let wasm = std::fs::read(&options.file).with_context(|| format!("cannot read {file}"))?;
    let engine = Engine::new(&runtime::Config::default()).map_err(|error| Refusal::Failed(error.into()))?;
    let artifacts =
        Artifacts::open(&engine, options.cache_dir.clone()).map_err(|error| Refusal::Failed(error.into()))?;
    match artifacts.load(&options.id, &wasm) {
        Ok(_) => Ok(()),
        Err(error) => Err(Refusal::invalid(Finding::from_error(&error))),
    }
}
