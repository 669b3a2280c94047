//! The demo's people, workflows and story: what every room writes into an empty database, so that they tell of the same
//! tickets.
//!
//! Pure: fixed keys, and a moment as the only argument. A story is written as what people did and how long ago
//! (`plot`); `play` brings it to where everything stands by the rules of the rooms. No SQL, no host, no room's types.

mod asked;
mod comment;
mod key;
mod notice;
mod person;
mod picture;
mod play;
mod plot;
mod story;
mod task;
#[cfg(test)]
mod tests;
mod ticket;
mod workflow;

pub use asked::Asked;
pub use comment::Comment;
pub use notice::{Notice, notices};
pub use person::{DEPARTMENTS, Note, PEOPLE, Person, ROLES, Role, SYSTEMS};
pub use picture::picture;
pub use story::story;
pub use task::{Alert, Item, ItemState, Origin, Task, TaskState};
pub use ticket::{Approval, Category, Closing, Entry, EntryKind, File, Priority, Rating, Reason, Status, Ticket, Who};
pub use workflow::{ESCALATE_ROLE, Step, TARGETS, Targets, Transition, Workflow, workflows};
