//! Threads that give way: an operator's work can wait some milliseconds, that of a person who uses the application should
//! not.
#![expect(unsafe_code, reason = "the system call has no safe wrapper")]

use std::io;

use tokio::runtime::{Builder, Runtime};

/// The time slice asked for, in nanoseconds: the longest there is. From Linux 6.12 on a thread that wakes interrupts one
/// with a longer slice at once, where it would else wait until that has used up its own, some three milliseconds. The
/// share of the processor stays the same, so that a machine which is busy for good does not starve an operator who wants
/// to roll back. Earlier kernels ignore it.
const SLICE_NS: u64 = 100_000_000;

/// What the admin API and rollouts run on, beside the runtime that serves. Not to be dropped inside another.
///
/// # Errors
/// When the machine has no thread to spare.
pub fn threads() -> io::Result<Runtime> {
    // One at a time: an operator who asks for two things does not need two cores.
    Builder::new_multi_thread().worker_threads(1).thread_name("aside").on_thread_start(give_way).enable_all().build()
}

/// The calling thread, and those that it starts, give way from now on. Where that is refused they only disturb more.
pub fn give_way() {
    if let Err(error) = ask_for_long_slices() {
        tracing::debug!(%error, "the scheduler treats this thread as any other");
    }
}

fn ask_for_long_slices() -> io::Result<()> {
    let size = u32::try_from(size_of::<libc::sched_attr>()).map_err(io::Error::other)?;
    let attributes = libc::sched_attr {
        size,
        sched_policy: u32::try_from(libc::SCHED_OTHER).map_err(io::Error::other)?,
        sched_flags: 0,
        // As it is: the call sets both.
        sched_nice: rustix::process::getpriority_process(None)?,
        sched_priority: 0,
        sched_runtime: SLICE_NS,
        sched_deadline: 0,
        sched_period: 0,
    };
    // SAFETY: of this thread (0), with attributes that live through the call and say their own size; no flags (0).
    let done = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slice of the calling thread in nanoseconds, its policy and its nice value.
    fn attributes() -> (u64, u32, i32) {
        let mut found = libc::sched_attr {
            size: 0,
            sched_policy: 0,
            sched_flags: 0,
            sched_nice: 0,
            sched_priority: 0,
            sched_runtime: 0,
            sched_deadline: 0,
            sched_period: 0,
        };
        let size = size_of::<libc::sched_attr>();
        // SAFETY: of this thread (0), into a place of the size that is told; no flags (0).
        let done = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut found, size, 0) };
        assert_eq!(done, 0, "{}", io::Error::last_os_error());
        (found.sched_runtime, found.sched_policy, found.sched_nice)
    }

    #[test]
    fn the_operators_threads_ask_for_long_slices_and_keep_their_share() {
        let (before, policy, nice) = attributes();
        let runtime = threads().expect("threads");
        let theirs = runtime.block_on(async {
            let working = tokio::spawn(async { attributes() }).await.expect("a worker");
            let blocking = tokio::task::spawn_blocking(attributes).await.expect("a blocking thread");
            [working, blocking]
        });
        for (slice, its_policy, its_nice) in theirs {
            assert_eq!((its_policy, its_nice), (policy, nice));
            // A kernel before 6.12 says that there is none.
            assert!(slice == SLICE_NS || slice == 0, "{slice}");
        }
        assert_eq!(attributes().0, before, "the caller is as it was");
    }
}
