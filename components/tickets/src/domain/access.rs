//! Who may do what, from the roles in the session. One table, asked by every handler.

use super::ticket::Ticket;

/// The caller, with the roles their session carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The id auth gave them.
    pub id: String,
    /// Given and family name.
    pub full_name: String,
    /// The log-in address.
    pub email: String,
    /// What they hold of the roles that matter here.
    pub rights: Vec<Right>,
}

/// A role that matters for tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// `hdts` Employee.
    Employee,
    /// `hdts` Ticket Coordinator.
    Coordinator,
    /// `hdts` Admin.
    HelpdeskAdmin,
    /// `tts` Admin.
    TrackingAdmin,
    /// Over everything, but not part of the work.
    Superuser,
}

impl Actor {
    fn holds(&self, any_of: &[Right]) -> bool {
        self.rights.iter().any(|right| any_of.contains(right))
    }

    /// Whether they may submit a ticket. Agents and superusers serve, they do not ask.
    pub fn may_submit(&self) -> bool {
        self.holds(&[Right::Employee, Right::Coordinator, Right::HelpdeskAdmin, Right::TrackingAdmin])
    }

    /// Whether every ticket is theirs to see.
    pub fn may_see_all(&self) -> bool {
        self.holds(&[Right::Coordinator, Right::HelpdeskAdmin, Right::TrackingAdmin, Right::Superuser])
    }

    /// Whether this ticket is theirs to see.
    pub fn may_see(&self, ticket: &Ticket) -> bool {
        self.is_requester(ticket) || self.may_see_all()
    }

    /// Whether they decide over submitted tickets: approve, reject, claim, hold.
    pub fn may_coordinate(&self) -> bool {
        self.holds(&[Right::Coordinator, Right::HelpdeskAdmin])
    }

    /// Whether they may add files to this ticket.
    pub fn may_attach(&self, ticket: &Ticket) -> bool {
        self.is_requester(ticket) || self.may_coordinate()
    }

    /// Whether they asked for it.
    pub fn is_requester(&self, ticket: &Ticket) -> bool {
        self.id == ticket.requester.id
    }
}
