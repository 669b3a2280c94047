//! The caller, and how they stand to a ticket.

use uuid::Uuid;

use super::comment::{Author, RoleLabel, Visibility};
use super::part::{Part, PartKind};

/// The caller, with what their session says of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actor {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) email: String,
    /// Holds Admin in `tts` or `hdts`.
    pub(crate) is_admin: bool,
    /// Holds Ticket Coordinator in `tts` or `hdts`.
    pub(crate) is_coordinator: bool,
}

/// How somebody stands to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Asked for it. Internal comments do not exist for them, whatever else they are.
    Requester,
    /// Works on it, worked on it, or oversees it.
    Staff,
}

impl Standing {
    /// Whether comments of this visibility exist for them.
    pub(crate) fn sees(self, visibility: Visibility) -> bool {
        self == Self::Staff || visibility == Visibility::Public
    }
}

/// How the caller stands to the ticket in which these people take part; nothing if the ticket is unknown or none of
/// their business, which must look the same.
pub(crate) fn standing(actor: &Actor, parts: &[Part]) -> Option<Standing> {
    let requester = parts.iter().find(|part| part.kind == PartKind::Requester)?;
    if requester.user == actor.id {
        return Some(Standing::Requester);
    }
    let takes_part = parts.iter().any(|part| part.user == actor.id);
    (takes_part || actor.is_admin || actor.is_coordinator).then_some(Standing::Staff)
}

impl Actor {
    /// Whether they may change or delete what this person wrote.
    pub(crate) fn may_change(&self, author: Uuid) -> bool {
        self.is_admin || self.id == author
    }

    /// How they sign a comment on a ticket to which they stand so.
    pub(crate) fn author(&self, standing: Standing) -> Author {
        let role = match standing {
            Standing::Requester => RoleLabel::Requester,
            Standing::Staff if self.is_admin => RoleLabel::Admin,
            Standing::Staff if self.is_coordinator => RoleLabel::Coordinator,
            Standing::Staff => RoleLabel::Agent,
        };
        Author { id: self.id, name: self.name.clone(), role }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: u128 = 99;

    fn actor(id: u128, is_admin: bool, is_coordinator: bool) -> Actor {
        let id = Uuid::from_u128(id);
        Actor { id, name: String::new(), email: String::new(), is_admin, is_coordinator }
    }

    fn part(user: u128, kind: PartKind, until: Option<i64>) -> Part {
        Part { user: Uuid::from_u128(user), kind, since: 1, until }
    }

    fn parts() -> Vec<Part> {
        vec![
            part(1, PartKind::Requester, None),
            part(2, PartKind::Approver, None),
            part(3, PartKind::Owner, None),
            part(4, PartKind::Assignee, Some(5)),
            part(5, PartKind::Assignee, None),
        ]
    }

    #[test]
    fn those_who_take_part_or_oversee_all_have_a_standing_and_strangers_have_none() {
        assert_eq!(standing(&actor(1, false, false), &parts()), Some(Standing::Requester));
        for staff in [2, 3, 4, 5] {
            assert_eq!(standing(&actor(staff, false, false), &parts()), Some(Standing::Staff), "{staff}");
        }
        assert_eq!(standing(&actor(NOBODY, false, false), &parts()), None);
        assert_eq!(standing(&actor(NOBODY, true, false), &parts()), Some(Standing::Staff));
        assert_eq!(standing(&actor(NOBODY, false, true), &parts()), Some(Standing::Staff));
    }

    #[test]
    fn a_ticket_without_a_requester_is_unknown_even_to_an_administrator() {
        assert_eq!(standing(&actor(NOBODY, true, true), &[]), None);
        assert_eq!(standing(&actor(5, true, true), &parts()[1..]), None);
    }

    #[test]
    fn who_asked_stays_the_requester_whatever_roles_they_hold_and_sees_no_internal_comment() {
        let standing = standing(&actor(1, true, true), &parts()).unwrap();
        assert_eq!(standing, Standing::Requester);
        assert!(standing.sees(Visibility::Public) && !standing.sees(Visibility::Internal));
        assert!(Standing::Staff.sees(Visibility::Internal));
    }

    #[test]
    fn a_comment_is_changed_by_its_author_and_by_administrators() {
        let author = Uuid::from_u128(1);
        assert!(actor(1, false, false).may_change(author));
        assert!(actor(NOBODY, true, false).may_change(author));
        assert!(!actor(NOBODY, false, true).may_change(author));
    }

    #[test]
    fn the_label_is_the_highest_that_holds_and_a_requester_is_nothing_else() {
        let label = |is_admin, is_coordinator, standing| actor(1, is_admin, is_coordinator).author(standing).role;
        assert_eq!(label(true, true, Standing::Staff), RoleLabel::Admin);
        assert_eq!(label(false, true, Standing::Staff), RoleLabel::Coordinator);
        assert_eq!(label(false, false, Standing::Staff), RoleLabel::Agent);
        assert_eq!(label(true, true, Standing::Requester), RoleLabel::Requester);
    }
}
