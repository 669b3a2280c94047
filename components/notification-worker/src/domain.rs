//! What people are told, and by which way. Pure: no host calls.

mod backoff;
mod letter;
mod mail;
mod note;
mod plan;
mod telling;
mod throttle;

pub(crate) use backoff::pause_after;
pub(crate) use letter::Letter;
pub(crate) use mail::{Channels, MailRoute, Recipient, mailbox, route};
pub(crate) use note::Note;
pub(crate) use plan::{Circle, Hearer, Plan};
pub(crate) use telling::{
    approved, assigned, breached, cancelled, closed, commented, completed, created, escalated, rejected, reopened,
    started, status_changed, step_changed, submitted, transferred, unassignable, warned, withdrawn,
};
pub(crate) use throttle::{Window, reserve};
