//! Outgoing HTTP as a component would use it, against listeners on this machine.

mod chain;
mod fixture;
mod limit;
mod network;
