//! Who may do what, from the roles in the session. Asked by every handler.

use tasks::{Actor, Case, Person};
use uuid::Uuid;

/// A role that matters for workflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// `tts` Admin: designs workflows, sees and moves every task.
    TrackingAdmin,
    /// Any role in `tts`: works on steps.
    Agent,
    /// Ticket Coordinator in `tts`: owns tasks.
    TrackingCoordinator,
    /// Ticket Coordinator in `hdts`: owns tasks, reads reports.
    Coordinator,
    /// `hdts` Admin: reads reports.
    HelpdeskAdmin,
}

/// A person with a session, and what they hold of the roles that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Who.
    pub(crate) person: Person,
    /// Their rights.
    pub(crate) rights: Vec<Right>,
}

/// Which lines of the audit log are theirs to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Everybody's.
    All,
    /// What this person did.
    Of(Uuid),
}

impl Caller {
    fn holds(&self, any_of: &[Right]) -> bool {
        self.rights.iter().any(|right| any_of.contains(right))
    }

    /// The caller as the rules of tasks know people.
    pub(crate) fn actor(&self) -> Actor {
        Actor { person: self.person.clone(), is_admin: self.is_admin() }
    }

    /// Whether they design workflows, and see and move every task.
    pub(crate) fn is_admin(&self) -> bool {
        self.holds(&[Right::TrackingAdmin])
    }

    /// Whether they can work on steps at all; to others tasks do not exist, unless they follow one.
    pub(crate) fn is_agent(&self) -> bool {
        self.holds(&[Right::Agent, Right::TrackingAdmin])
    }

    /// Whether tasks can be theirs to follow.
    pub(crate) fn may_own(&self) -> bool {
        self.holds(&[Right::TrackingCoordinator, Right::Coordinator])
    }

    /// Whether a task is theirs to look at: they hold or held an item of it, own it, or see all. Having taken part
    /// counts only as long as they hold a role for it.
    pub(crate) fn may_see(&self, case: &Case) -> bool {
        let is_owner = case.task.owner.as_ref().is_some_and(|owner| owner.id == self.person.id);
        let has_worked = case.latest_of(self.person.id).is_some();
        self.is_admin() || (self.may_own() && is_owner) || (self.is_agent() && has_worked)
    }

    /// Whether they may know how far the work is: as those who see the task, and the requester.
    pub(crate) fn may_follow(&self, case: &Case) -> bool {
        self.may_see(case) || case.ticket.requester.id == self.person.id
    }

    /// Whether the figures about everybody are theirs to read.
    pub(crate) fn may_read_reports(&self) -> bool {
        self.holds(&[Right::TrackingAdmin, Right::HelpdeskAdmin, Right::Coordinator])
    }

    /// Which lines of the audit log they may read, if any.
    pub(crate) fn may_read_audit(&self) -> Option<Lines> {
        if self.is_admin() {
            return Some(Lines::All);
        }
        self.is_agent().then_some(Lines::Of(self.person.id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{caller, case};
    use super::*;

    const ALL: [Right; 5] =
        [Right::TrackingAdmin, Right::Agent, Right::TrackingCoordinator, Right::Coordinator, Right::HelpdeskAdmin];

    fn who_may(allowed: fn(&Caller) -> bool) -> Vec<Right> {
        ALL.into_iter().filter(|right| allowed(&caller(99, &[*right]))).collect()
    }

    #[test]
    fn each_right_opens_what_the_table_says() {
        assert_eq!(who_may(Caller::is_admin), [Right::TrackingAdmin]);
        assert_eq!(who_may(Caller::is_agent), [Right::TrackingAdmin, Right::Agent]);
        assert_eq!(who_may(Caller::may_own), [Right::TrackingCoordinator, Right::Coordinator]);
        let readers = [Right::TrackingAdmin, Right::Coordinator, Right::HelpdeskAdmin];
        assert_eq!(who_may(Caller::may_read_reports), readers);
        assert_eq!(caller(1, &[Right::TrackingAdmin]).may_read_audit(), Some(Lines::All));
        assert_eq!(caller(1, &[Right::Agent]).may_read_audit(), Some(Lines::Of(Uuid::from_u128(1))));
        for right in [Right::Coordinator, Right::HelpdeskAdmin] {
            assert_eq!(caller(1, &[right]).may_read_audit(), None, "{right:?}");
        }
    }

    #[test]
    fn a_task_is_seen_by_who_worked_on_it_who_owns_it_and_admins() {
        // Requester 1, owner 2, worked on by 3 and then 4.
        let case = case(&[("triage", 3, Some("submit")), ("resolve", 4, None)]);
        let sees = |id, right| caller(id, &[right]).may_see(&case);
        assert!(sees(3, Right::Agent) && sees(4, Right::Agent) && sees(99, Right::TrackingAdmin));
        assert!(sees(2, Right::Coordinator) && sees(2, Right::TrackingCoordinator));
        assert!(!sees(99, Right::Agent), "an agent who has no part in it");
        assert!(!sees(2, Right::HelpdeskAdmin) && !sees(3, Right::Coordinator), "the role for it is gone");
        assert!(!caller(1, &[]).may_see(&case) && caller(1, &[]).may_follow(&case));
        assert!(!caller(99, &[]).may_follow(&case));
    }
}
