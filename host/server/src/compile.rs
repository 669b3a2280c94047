//! Compilation in a process of its own.
//!
//! The compiler takes a few hundred MB for a moment, and an allocator does not give all of it back: the host, which is to
//! stay under 60 MB, has a child do it and maps the result.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use runtime::{Artifacts, Engine};
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
};

use crate::cli::Compile;
use crate::report::{Finding, REFUSED, Refusal};

/// How much of the machine a compilation may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Haste {
    /// All of it: nobody is served yet.
    Start,
    /// What requests leave, in one thread; after fifteen seconds a little more.
    Aside,
}

/// How long a compilation makes do with the time nobody else wants. Whatever the host has to do then comes first at once,
/// where a mere low priority would keep a request waiting for a slice of the scheduler. But a machine that is busy for good
/// leaves nothing, and what is deployed there has to be done some day.
const PATIENCE: Duration = Duration::from_secs(15);

/// A tenth of a core where requests want all of it. At the lowest priority (19) it would be a seventieth: on a machine that
/// is busy for good, a deploy would then take many minutes.
const NICE: i32 = 10;

/// Has a child compile the file into the cache.
///
/// A child that fails is no error here: the caller loads the component next, and meets the reason itself.
pub fn in_child(id: &str, file: &Path, cache: &Path, haste: Haste) {
    let child = |idle: Option<Duration>| {
        let mut command = Command::new(std::env::current_exe()?);
        if haste == Haste::Aside {
            command.env("RAYON_NUM_THREADS", "1");
        }
        command.arg("compile").args(["--id", id]).arg("--cache-dir").arg(cache);
        if let Some(idle) = idle {
            command.args(["--idle-s", &idle.as_secs().to_string()]);
        }
        command.arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()
    };
    let mut ended = child((haste == Haste::Aside).then_some(PATIENCE));
    if ended.as_ref().is_ok_and(|status| status.code() == Some(REFUSED.into())) {
        tracing::info!(component = id, "the machine is busy: compiling at a low priority instead of none");
        ended = child(None);
    }
    match ended {
        Ok(status) if status.success() => tracing::info!(component = id, "compiled"),
        Ok(status) => tracing::warn!(component = id, %status, "the compiling child failed"),
        Err(error) => tracing::warn!(component = id, %error, "no child to compile"),
    }
}

/// What the child does.
///
/// # Errors
/// When the file cannot be read or is no component, or the cache cannot be written; [`Refusal::Said`] when its patience is
/// over.
pub fn run(options: &Compile) -> Result<(), Refusal> {
    let Some(seconds) = options.idle_s else {
        be_nice();
        return compile(options);
    };
    let (tell, told) = mpsc::channel();
    let options = options.clone();
    // In a thread of its own: this one has to run when that one may not.
    thread::spawn(move || {
        step_aside();
        drop(tell.send(compile(&options)));
    });
    told.recv_timeout(Duration::from_secs(seconds)).unwrap_or(Err(Refusal::Said))
}

fn compile(options: &Compile) -> Result<(), Refusal> {
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

/// Lets this thread and those that it starts take only the time that nobody else wants.
fn step_aside() {
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    if set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle).is_err() {
        be_nice();
    }
}

/// The host serves meanwhile. Where this is refused, the compilation only disturbs it more.
fn be_nice() {
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the priority stays as it is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compilation_that_is_out_of_patience_says_so_and_one_that_may_take_its_time_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("empty.wasm");
        std::fs::write(&file, b"\0asm\x0d\0\x01\0").expect("room");
        // A cache for each: the first one may still be at work.
        let options = |idle_s: Option<u64>| {
            let cache_dir = folder.path().join(format!("cache-{idle_s:?}"));
            Compile { id: "empty".to_owned(), cache_dir, idle_s, file: file.clone() }
        };
        assert!(matches!(run(&options(Some(0))), Err(Refusal::Said)));
        for idle_s in [Some(60), None] {
            assert!(run(&options(idle_s)).is_ok(), "{idle_s:?}");
        }
        std::fs::write(&file, "text").expect("room");
        assert!(matches!(run(&options(Some(60))), Err(Refusal::Invalid(_))));
    }
}
