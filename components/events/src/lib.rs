//! The messages that cross services: their topics and JSON bodies, and nothing else.
//!
//! A body carries its `version`. Within a version fields are only added, with a default, and readers pass over fields
//! they do not know; anything else is a new type beside the old one. Id, type, time, source and subject of a message
//! are CloudEvents attributes, not fields. Moments are microseconds since 1970-01-01T00:00:00Z; keys are UUIDs in
//! canonical form. Messages may arrive twice and in any order: guard by the CloudEvents id and by the moment.

mod ticket;
mod user;

pub use ticket::{TICKET_APPROVED, TICKET_SUBMITTED, TicketApprovedV1, TicketSubmittedV1};
pub use user::{Person, RoleHeld, USER_CHANGED, UserChangedV1};
