//! The verbs against a host that only pretends: what is routed, recorded and refused, at every outcome.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]

mod bed;
mod crash;
mod deploying;
mod rolling;
mod way_back;
