//! Live updates for browsers: `wharf:events`.
//!
//! The host holds the event streams (Server-Sent Events), not a component: a stream costs no instance and survives
//! every deploy. A component opens one for its caller by answering 200 with the header [`CHANNELS`]; components
//! publish to channels; a browser that reconnects says with [`LAST_EVENT_ID`] where it was and goes on from there, or
//! is told by the event `reset` that it has missed something and should load its state anew.
//!
//! Deliberately absent: persistence (events inform, they carry no state of their own) and fan-out between hosts.

mod bindings;
mod config;
mod ctx;
mod error;
mod event;
mod grant;
mod host;
mod hub;
mod intercept;
mod stream;

pub use config::Config;
pub use ctx::{HasLive, LiveCtx, LiveProvider, LiveView};
pub use error::Error;
pub use event::EVENT_DATA_BYTES_MAX;
pub use host::{LiveData, add_to_linker};
pub use hub::Hub;
pub use intercept::{CHANNELS, LAST_EVENT_ID, STREAM_CHANNELS_MAX};
