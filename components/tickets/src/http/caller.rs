//! From the session to the roles that matter for tickets.

use sdk::Principal;

use crate::domain::{Actor, Right};

/// The caller as the domain knows people.
pub(super) fn actor(principal: &Principal) -> Actor {
    let held = [
        (principal.user_type == "employee" || principal.has_role("hdts", &["Employee"]), Right::Employee),
        (principal.has_role("hdts", &["Ticket Coordinator"]), Right::Coordinator),
        (principal.has_role("hdts", &["Admin"]), Right::HelpdeskAdmin),
        (principal.has_role("tts", &["Admin"]), Right::TrackingAdmin),
        (principal.roles.iter().any(|held| held.system == "tts"), Right::Agent),
        (is_superuser(principal), Right::Superuser),
    ];
    Actor {
        id: principal.id.to_string(),
        full_name: principal.name.clone(),
        email: principal.email.clone(),
        rights: held.into_iter().filter_map(|(holds, right)| holds.then_some(right)).collect(),
    }
}

fn is_superuser(principal: &Principal) -> bool {
    principal.user_type == "superuser" || principal.roles.iter().any(|held| held.role == "Superuser")
}

#[cfg(test)]
mod tests {
    use sdk::principal::Role;

    use super::*;

    #[test]
    fn roles_count_only_in_their_own_system() {
        let role = |system: &str, role: &str| Role { system: system.to_owned(), role: role.to_owned() };
        let roles = vec![role("tts", "Ticket Coordinator"), role("hdts", "Admin"), role("ams", "Admin")];
        let principal = Principal {
            id: sdk::uuid::Uuid::nil(),
            email: String::new(),
            name: String::new(),
            user_type: "staff".to_owned(),
            roles,
            token_id: String::new(),
            epoch: 0,
            expires_at: 0,
        };
        assert_eq!(actor(&principal).rights, [Right::HelpdeskAdmin, Right::Agent]);
    }
}
