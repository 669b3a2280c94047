//! From the session and the request to who asks, with which rights, from where.

use axum::http::HeaderMap;
use sdk::{Principal, Problem};
use tasks::Person;
use tasks::store::Trace;

use super::forbidden;
use crate::domain::{Caller, Right};

/// Longest user agent that is kept; the rest tells nobody anything.
const USER_AGENT_CHARS_MAX: usize = 255;

/// The role of those who own tasks.
const COORDINATOR: &[&str] = &["Ticket Coordinator"];

/// The caller as the domain knows people.
pub(super) fn caller(principal: &Principal) -> Caller {
    let held = [
        (principal.has_role("tts", &["Admin"]), Right::TrackingAdmin),
        (principal.roles.iter().any(|held| held.system == "tts"), Right::Agent),
        (principal.has_role("tts", COORDINATOR), Right::TrackingCoordinator),
        (principal.has_role("hdts", COORDINATOR), Right::Coordinator),
        (principal.has_role("hdts", &["Admin"]), Right::HelpdeskAdmin),
    ];
    Caller {
        person: Person { id: principal.id, name: principal.name.clone(), email: principal.email.clone() },
        rights: held.into_iter().filter_map(|(holds, right)| holds.then_some(right)).collect(),
    }
}

/// The caller, if they administer `tts`.
pub(super) fn admin(principal: &Principal) -> Result<Caller, Problem> {
    Some(caller(principal)).filter(Caller::is_admin).ok_or_else(forbidden)
}

/// The caller, if they hold any role in `tts`.
pub(super) fn agent(principal: &Principal) -> Result<Caller, Problem> {
    Some(caller(principal)).filter(Caller::is_agent).ok_or_else(forbidden)
}

/// The caller, if they could work on tasks at all; to others there is no such task.
pub(super) fn worker(principal: &Principal) -> Result<Caller, Problem> {
    Some(caller(principal)).filter(Caller::is_agent).ok_or_else(no_task)
}

/// The answer about a task that is not there, or not for the caller to know of.
pub(super) fn no_task() -> Problem {
    Problem::not_found("There is no such task.")
}

/// Where a request comes from, for the audit log.
pub(super) fn trace(headers: &HeaderMap) -> Trace {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Trace {
        actor_ip: sdk::http::client_address(headers).map(str::to_owned),
        user_agent: text("user-agent").map(|agent| agent.chars().take(USER_AGENT_CHARS_MAX).collect()),
        correlation_id: text("x-request-id").map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use sdk::principal::Role;
    use sdk::uuid::Uuid;

    use super::*;

    fn principal(roles: &[(&str, &str)]) -> Principal {
        let role = |(system, role): &(&str, &str)| Role { system: (*system).to_owned(), role: (*role).to_owned() };
        Principal {
            id: Uuid::nil(),
            email: String::new(),
            name: String::new(),
            user_type: "staff".to_owned(),
            roles: roles.iter().map(role).collect(),
            token_id: String::new(),
            epoch: 0,
            expires_at: 0,
        }
    }

    fn status<T>(answer: Result<T, Problem>) -> u16 {
        answer.err().map_or(200, |problem| problem.status())
    }

    #[test]
    fn roles_count_only_in_their_own_system() {
        let roles = [("tts", "Asset Manager"), ("hdts", "Admin"), ("ams", "Admin")];
        assert_eq!(caller(&principal(&roles)).rights, [Right::Agent, Right::HelpdeskAdmin]);
        let both = [("tts", "Ticket Coordinator"), ("hdts", "Ticket Coordinator")];
        let rights = [Right::Agent, Right::TrackingCoordinator, Right::Coordinator];
        assert_eq!(caller(&principal(&both)).rights, rights);
    }

    #[test]
    fn each_door_opens_for_its_roles() {
        let who = [
            ([("tts", "Admin")], 200, 200, 200),
            ([("tts", "Agent")], 403, 200, 200),
            ([("hdts", "Admin")], 403, 403, 404),
            ([("hdts", "Ticket Coordinator")], 403, 403, 404),
            ([("hdts", "Employee")], 403, 403, 404),
        ];
        for (roles, as_admin, as_agent, as_worker) in who {
            let principal = principal(&roles);
            let got = (status(admin(&principal)), status(agent(&principal)), status(worker(&principal)));
            assert_eq!(got, (as_admin, as_agent, as_worker), "{roles:?}");
        }
    }
}
