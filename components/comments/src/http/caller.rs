//! From the session to what matters for comments.

use sdk::Principal;

use crate::domain::Actor;

/// The caller as the domain knows people.
pub(super) fn actor(principal: &Principal) -> Actor {
    let holds = |role: &str| principal.has_role("tts", &[role]) || principal.has_role("hdts", &[role]);
    Actor {
        id: principal.id,
        name: principal.name.clone(),
        email: principal.email.clone(),
        is_admin: holds("Admin"),
        is_coordinator: holds("Ticket Coordinator"),
    }
}

#[cfg(test)]
mod tests {
    use sdk::principal::Role;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn roles_count_in_both_systems_and_in_no_other() {
        let held = |system: &str, role: &str| {
            let role = Role { system: system.to_owned(), role: role.to_owned() };
            let principal = Principal {
                id: Uuid::nil(),
                email: String::new(),
                name: String::new(),
                user_type: "staff".to_owned(),
                roles: vec![role],
                token_id: String::new(),
                epoch: 0,
                expires_at: 0,
            };
            let actor = actor(&principal);
            (actor.is_admin, actor.is_coordinator)
        };
        assert_eq!(held("tts", "Admin"), (true, false));
        assert_eq!(held("hdts", "Admin"), (true, false));
        assert_eq!(held("tts", "Ticket Coordinator"), (false, true));
        assert_eq!(held("hdts", "Ticket Coordinator"), (false, true));
        for (system, role) in [("ams", "Admin"), ("tts", "Agent"), ("hdts", "Employee"), ("tts", "Budget Manager")] {
            assert_eq!(held(system, role), (false, false), "{system} {role}");
        }
    }
}
