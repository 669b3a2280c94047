//! A person as auth tells of them.

use super::ticket::Person;

/// The whole present state of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: Person,
    /// Whether they may sign in, and so get work.
    pub is_active: bool,
    /// System and name of each role that they hold.
    pub roles: Vec<(String, String)>,
    /// The moment of this state; an older one changes nothing.
    pub source_version: i64,
}
