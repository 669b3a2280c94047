//! The host from outside: a child process, spoken to over HTTP alone.
#![expect(clippy::needless_pass_by_value, reason = "tests hand over what they are done with")]

mod capabilities;
mod faults;
mod lifecycle;
mod live;
mod manifest;
mod messages;
mod stock;
mod tickets;
