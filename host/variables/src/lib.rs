//! The capability `spin:variables`: configuration values and secrets.
//!
//! Values come from the operator (files, environment, explicit settings) or from the manifest's defaults; the caller
//! reads files and environment and hands them over as maps. A component sees only the names of its own table, each a
//! template over application variables, and never those variables themselves. No value is ever part of `Debug` output
//! or of an error.

mod bindings;
mod ctx;
mod error;
mod host;
mod provider;
mod secret;
mod source;

pub use ctx::VariablesCtx;
pub use error::{Error, GetError};
pub use host::{HasVariables, VariablesView, add_to_linker};
pub use provider::VariablesProvider;
pub use secret::Secret;
pub use source::Sources;
