//! Who may do what, from the roles in the session. One table, asked by every handler.

use super::status::Status;
use super::ticket::{Person, Ticket};

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
    /// Any role in `tts`.
    Agent,
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

    /// Whether this ticket is theirs to see; `takes_part`: they hold or held an assignment of it, or follow its task.
    pub fn may_see(&self, ticket: &Ticket, takes_part: bool) -> bool {
        self.is_requester(ticket) || self.is_staff_of(takes_part)
    }

    /// Whether they see of a ticket what stays among staff.
    pub fn is_staff_of(&self, takes_part: bool) -> bool {
        self.may_see_all() || (takes_part && self.is_agent())
    }

    /// Whether taking part in a ticket lets them see it. It does no longer when their last role is gone.
    pub fn is_agent(&self) -> bool {
        self.holds(&[Right::Agent])
    }

    /// Whether they decide over submitted tickets: approve, reject, claim, hold.
    pub fn may_coordinate(&self) -> bool {
        self.holds(&[Right::Coordinator, Right::HelpdeskAdmin])
    }

    /// Whether they may ask for another status at all: any that the table has for coordinators, and for the requester
    /// only that it is closed; they have commands of their own for the rest.
    pub fn may_set_status(&self, ticket: &Ticket, to: Status) -> bool {
        self.may_coordinate() || (self.is_requester(ticket) && to == Status::Closed)
    }

    /// Whether its words may ever be theirs to change.
    pub fn may_edit(&self, ticket: &Ticket) -> bool {
        self.is_requester(ticket) || self.may_coordinate()
    }

    /// Whether they may add files to this ticket.
    pub fn may_attach(&self, ticket: &Ticket) -> bool {
        self.is_requester(ticket) || self.may_coordinate()
    }

    /// The name and address they have now.
    pub fn person(&self) -> Person {
        Person { id: self.id.clone(), email: self.email.clone(), full_name: self.full_name.clone() }
    }

    /// Whether they asked for it.
    pub fn is_requester(&self, ticket: &Ticket) -> bool {
        self.id == ticket.requester.id
    }
}

#[cfg(test)]
mod tests {
    use super::super::ticket::sample;
    use super::*;

    fn actor(id: &str, rights: &[Right]) -> Actor {
        Actor { id: id.to_owned(), full_name: String::new(), email: String::new(), rights: rights.to_vec() }
    }

    #[test]
    fn an_agent_sees_what_they_take_part_in_and_the_requester_never_what_is_internal() {
        let ticket = sample(Status::Open);
        let (agent, employee) = (actor("agent", &[Right::Agent]), actor("other", &[Right::Employee]));
        assert!(agent.may_see(&ticket, true) && agent.is_staff_of(true));
        assert!(!agent.may_see(&ticket, false) && !agent.is_staff_of(false));
        assert!(!employee.may_see(&ticket, true), "the last role is gone");
        let emp = actor("emp", &[Right::Employee]);
        assert!(emp.may_see(&ticket, false) && !emp.is_staff_of(false));
        for right in [Right::Coordinator, Right::HelpdeskAdmin, Right::TrackingAdmin, Right::Superuser] {
            let who = actor("x", &[right]);
            assert!(who.may_see(&ticket, false) && who.is_staff_of(false), "{right:?}");
        }
    }

    #[test]
    fn a_status_is_asked_for_by_coordinators_and_only_closed_by_the_requester() {
        let ticket = sample(Status::Resolved);
        for to in Status::ALL {
            assert_eq!(actor("emp", &[Right::Employee]).may_set_status(&ticket, to), to == Status::Closed);
            assert!(actor("c", &[Right::Coordinator]).may_set_status(&ticket, to));
            for right in [Right::Employee, Right::Agent, Right::TrackingAdmin, Right::Superuser] {
                assert!(!actor("x", &[right]).may_set_status(&ticket, to), "{right:?}");
            }
        }
    }
}
