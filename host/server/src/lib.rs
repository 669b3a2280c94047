//! The composition root: the one place that sees every crate, reads the environment, prints and exits.
//!
//! [`app`] is the file to read first: configuration in, request stack, background tasks, in the order they start.

pub mod app;
pub mod assets;
pub mod backends;
pub mod background;
pub mod capabilities;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod compile;
pub mod component_file;
pub mod config;
pub mod consumer;
pub mod crash;
pub mod databases;
pub mod demo;
pub mod describe;
pub mod door;
pub mod doors;
pub mod environment;
pub mod facts;
pub mod follow;
pub mod front;
pub mod generation;
pub mod guest_log;
pub mod hooks;
pub mod load;
pub mod memory;
pub mod notify;
pub mod operator_token;
pub mod package;
pub mod parcel;
pub mod platform;
pub mod probes;
pub mod reach;
pub mod readiness;
pub mod relay;
pub mod report;
pub mod rescue;
pub mod secrets;
pub mod settings;
pub mod signal;
pub mod state;
pub mod telemetry;
