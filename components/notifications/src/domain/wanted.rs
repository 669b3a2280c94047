//! A part of somebody's inbox.

/// Which entries are wanted; an absent part does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Only the read ones, or only the others.
    pub(crate) read: Option<bool>,
    /// Only those of this type.
    pub(crate) kind: Option<String>,
    /// Only those about this ticket.
    pub(crate) ticket: Option<String>,
}
