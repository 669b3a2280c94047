//! What can go wrong before a component serves. What goes wrong while it serves is a [`crate::Fault`].

use std::path::PathBuf;

/// Why a component cannot be made ready.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine could not be made.
    #[error("the WebAssembly engine cannot start: {0:#}")]
    Engine(wasmtime::Error),
    /// The interrupting clock could not be started.
    #[error("a thread cannot be started")]
    Thread(#[source] std::io::Error),
    /// The bytes are no component.
    #[error("component `{component}`: not a WebAssembly component: {reason}")]
    NotAComponent {
        /// Component id.
        component: String,
        /// The validator's words.
        reason: String,
    },
    /// The component imports what nobody provides.
    #[error("component `{component}` cannot be linked: {reason}")]
    Link {
        /// Component id.
        component: String,
        /// Names the import.
        reason: String,
    },
    /// The component exports no HTTP handler.
    #[error("component `{component}` exports neither `wasi:http/handler@0.3.x` nor `wasi:http/incoming-handler@0.2.x`")]
    NoHandler {
        /// Component id.
        component: String,
    },
    /// The granted memory is larger than a slot of the pool.
    #[error("component `{component}`: memory limit of {asked} bytes is above the host's {max}")]
    MemoryLimit {
        /// Component id.
        component: String,
        /// Bytes asked for.
        asked: u64,
        /// Bytes there are.
        max: u64,
    },
    /// The compilation cache cannot be used.
    #[error("cannot use the compilation cache at {path}")]
    Cache {
        /// File or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}
