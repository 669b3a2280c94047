//! Tasks: the work on a ticket, from step to step and from hand to hand. Rules, their SQL, and their messages.
//!
//! A library of two components that share the database `workflow`: `workflows` (people act) and `workflow-worker`
//! (tickets and the clock act). It owns no route and no migration; those are in `workflows`.
//!
//! `domain` decides and is pure, `store` is SQL, `events` makes messages of what was decided, and `desk` puts the three
//! into one transaction.

pub mod desk;
mod domain;
mod events;
pub mod store;

pub use domain::*;
