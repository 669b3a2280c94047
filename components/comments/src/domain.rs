//! Who takes part in a ticket, and what they may say and see. Pure: no host calls; keys and times come in as arguments.

mod actor;
mod comment;
mod file;
mod mention;
mod part;
mod telling;

pub(crate) use actor::{Actor, Standing, standing};
pub(crate) use comment::{
    Author, Comment, Draft, REPLIES_MAX, Refusal, RoleLabel, Stamp, Visibility, answer, begin, checked_content,
};
pub(crate) use file::{FILE_BYTES_MAX, FILES_MAX, FileRefusal, SNIFF_BYTES, check_content, check_name};
pub(crate) use mention::{Known, mentioned, username, usernames};
pub(crate) use part::{News, Part, PartKind, Taken, is_number, take};
pub(crate) use telling::{excerpt, told};
