//! Who may see and change whom. Decided on the roles as they are stored now, not on those of a token.

use super::user::User;

/// The role that administers a system.
pub(crate) const ADMIN: &str = "Admin";

/// The system whose administrators let employees in.
pub(crate) const HELP_DESK: &str = "hdts";

/// The role of those who only ask for help.
pub(crate) const EMPLOYEE: &str = "Employee";

/// Which people or roles somebody administers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of them.
    Everything,
    /// Those of these systems; never empty.
    Systems(Vec<String>),
}

impl Scope {
    /// Whether a system is in it.
    pub(crate) fn has(&self, system: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Systems(systems) => systems.iter().any(|own| own == system),
        }
    }

    /// Whether somebody with assignments in these systems is in it.
    pub(crate) fn has_any(&self, systems: &[String]) -> bool {
        *self == Self::Everything || systems.iter().any(|system| self.has(system))
    }
}

/// Why a change is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Administrators are changed by superusers only.
    Admin,
    /// Superusers do not switch each other off.
    Superuser,
    /// Nobody switches themselves off.
    Oneself,
}

/// What somebody administers; nothing if they are no administrator.
pub(crate) fn scope(actor: &User) -> Option<Scope> {
    if actor.is_superuser {
        return Some(Scope::Everything);
    }
    let held = actor.roles.iter().filter(|held| held.role == ADMIN);
    let systems: Vec<String> = held.map(|held| held.system.clone()).collect();
    (!systems.is_empty()).then_some(Scope::Systems(systems))
}

/// Whether somebody decides about people who registered.
pub(crate) fn may_approve(actor: &User) -> bool {
    scope(actor).is_some_and(|scope| scope.has(HELP_DESK))
}

/// Whether somebody does more than ask for help, and so may see colleagues' addresses.
pub(crate) fn is_staff(actor: &User) -> bool {
    let more = actor.roles.iter().any(|held| held.system != HELP_DESK || held.role != EMPLOYEE);
    actor.is_superuser || more
}

fn is_admin(user: &User) -> bool {
    user.is_superuser || user.roles.iter().any(|held| held.role == ADMIN)
}

/// Whether an administrator may change somebody in their scope; `switches_off` if it ends their access.
pub(crate) fn may_change(actor: &User, user: &User, switches_off: bool) -> Result<(), Denied> {
    if actor.id == user.id {
        return if switches_off { Err(Denied::Oneself) } else { Ok(()) };
    }
    if !actor.is_superuser && is_admin(user) {
        return Err(Denied::Admin);
    }
    if user.is_superuser && switches_off {
        return Err(Denied::Superuser);
    }
    Ok(())
}

/// Whether somebody who administers the system of a role may give it or take it away. An administrator makes no other
/// administrators: whom they could not change afterwards.
pub(crate) fn may_assign(actor: &User, role: &str) -> Result<(), Denied> {
    if role == ADMIN && !actor.is_superuser { Err(Denied::Admin) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::user::{RoleHeld, example};
    use super::*;

    fn with(id: u128, roles: &[(&str, &str)]) -> User {
        let held = |(system, role): &(&str, &str)| RoleHeld { system: (*system).into(), role: (*role).into() };
        User { id: Uuid::from_u128(id), roles: roles.iter().map(held).collect(), ..example() }
    }

    fn superuser(id: u128) -> User {
        User { is_superuser: true, ..with(id, &[("hdts", "Admin"), ("tts", "Admin")]) }
    }

    #[test]
    fn only_administrators_have_people_to_see() {
        for roles in [&[("hdts", "Employee")][..], &[("hdts", "Ticket Coordinator")], &[("tts", "Agent")], &[]] {
            assert_eq!(scope(&with(1, roles)), None, "{roles:?}");
            assert!(!may_approve(&with(1, roles)), "{roles:?}");
        }
        let tracking = scope(&with(1, &[("tts", "Admin"), ("hdts", "Employee")])).unwrap();
        assert!(tracking.has("tts") && !tracking.has("hdts"));
        assert!(tracking.has_any(&["hdts".into(), "tts".into()]) && !tracking.has_any(&["hdts".into()]));
        assert!(!tracking.has_any(&[]));
        let everything = scope(&User { roles: Vec::new(), ..superuser(1) }).unwrap();
        assert!(everything.has("hdts") && everything.has_any(&[]));
    }

    #[test]
    fn the_help_desk_lets_people_in() {
        assert!(may_approve(&with(1, &[("hdts", "Admin")])) && may_approve(&superuser(1)));
        assert!(!may_approve(&with(1, &[("tts", "Admin")])));
    }

    #[test]
    fn administrators_change_everybody_but_each_other() {
        let admin = with(1, &[("tts", "Admin")]);
        for switches_off in [false, true] {
            assert_eq!(may_change(&admin, &with(2, &[("tts", "Agent")]), switches_off), Ok(()));
            assert_eq!(may_change(&admin, &with(2, &[("hdts", "Admin")]), switches_off), Err(Denied::Admin));
            assert_eq!(may_change(&admin, &superuser(2), switches_off), Err(Denied::Admin));
            assert_eq!(may_change(&superuser(1), &admin, false), Ok(()));
        }
        assert_eq!(may_change(&superuser(3), &admin, true), Ok(()));
        assert_eq!(may_change(&superuser(1), &superuser(2), true), Err(Denied::Superuser));
        assert_eq!(may_change(&superuser(1), &superuser(2), false), Ok(()));
    }

    #[test]
    fn nobody_switches_themselves_off() {
        for actor in [with(1, &[("tts", "Admin")]), superuser(1)] {
            assert_eq!(may_change(&actor, &actor, true), Err(Denied::Oneself));
            assert_eq!(may_change(&actor, &actor, false), Ok(()));
        }
    }

    #[test]
    fn only_superusers_make_administrators() {
        let admin = with(1, &[("tts", "Admin")]);
        assert_eq!(may_assign(&admin, "Agent"), Ok(()));
        assert_eq!(may_assign(&admin, "Admin"), Err(Denied::Admin));
        assert_eq!(may_assign(&superuser(1), "Admin"), Ok(()));
    }

    #[test]
    fn whoever_only_asks_for_help_is_no_staff() {
        assert!(!is_staff(&with(1, &[("hdts", "Employee")])) && !is_staff(&with(1, &[])));
        assert!(is_staff(&with(1, &[("tts", "Agent")])) && is_staff(&with(1, &[("hdts", "Ticket Coordinator")])));
    }
}
