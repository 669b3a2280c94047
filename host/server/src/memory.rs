//! The allocator's settings: freed memory goes back to the machine.
#![expect(unsafe_code, reason = "mallopt is a C function")]

/// Blocks of at least this many bytes are mapped, and unmapped when they are freed. The C library would raise its own
/// threshold to 32 MiB after the first such block, and keep the 19 MiB of every Argon2id hash for good.
const MAPPED_FROM: i32 = 1 << 20;

/// Heaps that threads share. Each holds on to its largest extent; by default there are eight for each core.
const HEAPS_MAX: i32 = 2;

/// To be called before the first thread starts. What the library refuses it leaves as it was.
pub fn give_back_early() {
    // SAFETY: mallopt takes two integers, has no precondition, and no other thread is running yet.
    let _accepted = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM) };
    // SAFETY: as above.
    let _accepted = unsafe { libc::mallopt(libc::M_ARENA_MAX, HEAPS_MAX) };
}
