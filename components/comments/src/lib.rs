//! The comment service: what people say about a ticket, publicly or among staff, with answers, thumbs and files.
//!
//! Who takes part in a ticket it learns from the messages of tickets and tasks; it tells others of new comments by
//! message, and open pages by live events. `domain` is pure, `store` speaks SQL, `http` routes and authorises, `events`
//! reads and builds messages.

mod bindings;
mod domain;
mod events;
mod http;
mod store;
