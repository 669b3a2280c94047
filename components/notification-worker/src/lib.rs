//! The notification worker: turns messages into inbox entries, mails and live events, each exactly once.
//!
//! It owns no route that a browser reaches; reading the inbox is `notifications`, with which it shares a database.

mod bindings;
mod domain;
mod events;
mod http;
mod post;
mod store;
