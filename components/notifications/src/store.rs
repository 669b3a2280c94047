//! The notification database as people read it. No rules.

pub(crate) mod demo;
mod inbox;
mod preferences;

pub(crate) use inbox::{Notification, entry, mark, mark_all, page, purge, unread};
pub(crate) use preferences::{choose, chosen, kinds};
