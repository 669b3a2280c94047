//! Messages: what other services learn of a ticket, and what they tell of its task.

mod announce;
mod tasks;

pub(crate) use announce::{record, submitted};
pub(crate) use tasks::handle;
