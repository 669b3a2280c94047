//! The notification service: everybody's inbox, how much of it is unread, and the live stream of their own channel.
//!
//! It reads and marks; `notification-worker` writes. Both share one database, whose migrations are here.

mod bindings;
mod domain;
mod http;
mod store;
