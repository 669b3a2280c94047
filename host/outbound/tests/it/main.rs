//! Outgoing HTTP as a component would use it, against listeners on this machine.
#![expect(clippy::unwrap_used, reason = "a fixture that fails is a failed test")]

mod chain;
mod fixture;
mod limit;
mod network;
