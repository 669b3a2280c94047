//! The ticket service: the record of a ticket from its submission to its end, with its files and its log.
//!
//! It decides over tickets and tells others through messages; workflows, comments and notifications belong to other
//! rooms. `domain` is pure, `store` speaks SQL, `http` routes and authorises, `events` builds what is sent.

mod bindings;
pub mod domain;
mod events;
mod http;
mod store;
