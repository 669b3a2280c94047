//! What a ticket is and what may happen to it. Pure: no host calls; identifiers and times come in as arguments.

mod access;
mod change;
mod date;
mod edit;
mod file;
mod form;
mod number;
mod status;
mod submission;
mod target;
mod task;
mod ticket;

pub use access::{Actor, Right};
pub use change::{By, Change, Command, Entry, EntryKind, REOPEN_WINDOW_US, Refusal, decide};
pub use edit::{Edit, edit};
pub use file::{FILE_BYTES_DEFAULT, FILE_BYTES_MAX, FILES_MAX, FileRefusal, SNIFF_BYTES, check_content, check_name};
pub use form::{Field, FieldError, FieldKind};
pub use number::{SEQUENCE_DIGITS, day_key, is_number, number, number_start};
pub use status::{Priority, Status};
pub use submission::{Catalogue, Category, Department, SubCategory, Submission};
pub use task::{News, Part, follow};
pub use ticket::{Approval, CloseKind, Closing, Person, Rating, Reason, Ticket};
