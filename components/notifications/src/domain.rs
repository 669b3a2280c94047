//! What may be asked of an inbox, and how somebody may want to be told. Pure.

mod preference;
mod wanted;

pub(crate) use preference::{Choice, Kind, PreferencesWish, choices};
pub(crate) use wanted::Wanted;

/// What is wrong with a caller's input: each field and what it must be.
pub(crate) type Wrong = Vec<(String, String)>;
