//! The workflow worker: approved tickets become tasks, withdrawn ones end theirs, and target times are watched.
//!
//! It owns no rule and no table: those are `tasks` and the migrations of `workflows`, with which it shares a database.

mod bindings;
mod clockwork;
mod domain;
mod events;
mod http;
