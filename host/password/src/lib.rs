//! Password hashing for components: `wharf:password`.
//!
//! Argon2id needs 19 MiB and tens of milliseconds for each password. Inside an instance that memory would count, and
//! stay, sixteen times over; here the whole machine runs at most four at once ([`Config::concurrent`]), off the threads
//! that serve requests, and a burst of log-ins waits or is told to come back.
//!
//! Deliberately absent: rules for good passwords, counting of failed attempts, storage.

mod bindings;
mod config;
mod ctx;
mod error;
mod hasher;
mod host;

pub use config::Config;
pub use ctx::{HasPassword, PasswordCtx, PasswordProvider, PasswordView};
pub use error::Error;
pub use hasher::{Hasher, PASSWORD_MAX_BYTES};
pub use host::{PasswordData, add_to_linker};
