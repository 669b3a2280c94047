//! People, roles and entries of the log as they are shown. Names of fields are part of the API.

use sdk::clock::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::user::User;
use crate::store::assignments::{Assignment, Role};
use crate::store::journal::Entry;
use crate::store::people::Listed;

/// A profile as its person sees it.
#[derive(Debug, Serialize)]
pub(super) struct Profile {
    id: Uuid,
    email: String,
    username: String,
    first_name: String,
    middle_name: Option<String>,
    last_name: String,
    suffix: Option<String>,
    phone: Option<String>,
    company_id: String,
    department: Option<String>,
    user_type: &'static str,
    status: &'static str,
    is_superuser: bool,
    otp_enabled: bool,
    system_roles: Vec<SystemRole>,
}

#[derive(Debug, Serialize)]
struct SystemRole {
    system: String,
    role: String,
}

impl From<User> for Profile {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            company_id: user.company_id(),
            user_type: user.kind.as_str(),
            status: user.approval.as_str(),
            email: user.email,
            username: user.username,
            first_name: user.first_name,
            middle_name: user.middle_name,
            last_name: user.last_name,
            suffix: user.suffix,
            phone: user.phone,
            department: user.department,
            is_superuser: user.is_superuser,
            otp_enabled: user.otp_enabled,
            system_roles: user
                .roles
                .into_iter()
                .map(|held| SystemRole { system: held.system, role: held.role })
                .collect(),
        }
    }
}

/// A person as an administrator sees them.
#[derive(Debug, Serialize)]
pub(super) struct PersonView {
    name: String,
    #[serde(flatten)]
    profile: Profile,
    is_active: bool,
    /// When the lock opens; absent if there is none.
    locked_until: Option<String>,
    joined_at: String,
    last_login_at: Option<String>,
    status_reason: Option<String>,
}

impl PersonView {
    pub(super) fn new(listed: Listed, now: Timestamp) -> Self {
        Self {
            name: listed.user.full_name(),
            is_active: listed.user.is_active,
            profile: Profile::from(listed.user),
            locked_until: listed.locked_until.filter(|until| *until > now).map(Timestamp::rfc3339),
            joined_at: listed.joined_at.rfc3339(),
            last_login_at: listed.last_login_at.map(Timestamp::rfc3339),
            status_reason: listed.approval_reason,
        }
    }
}

/// A role of a system.
#[derive(Debug, Serialize)]
pub(super) struct RoleView {
    id: Uuid,
    system: String,
    name: String,
    description: String,
    is_builtin: bool,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        let Role { id, system, name, description, is_builtin } = role;
        Self { id, system, name, description, is_builtin }
    }
}

/// Who holds a role, or held it.
#[derive(Debug, Serialize)]
pub(super) struct AssignmentView {
    id: Uuid,
    user: Holder,
    role: Held,
    is_active: bool,
    assigned_by: Option<Uuid>,
    assigned_at: String,
    revoked_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct Holder {
    id: Uuid,
    name: String,
    email: String,
}

#[derive(Debug, Serialize)]
struct Held {
    id: Uuid,
    system: String,
    name: String,
}

impl From<Assignment> for AssignmentView {
    fn from(found: Assignment) -> Self {
        Self {
            id: found.id,
            user: Holder { id: found.user_id, name: found.user_name, email: found.user_email },
            role: Held { id: found.role_id, system: found.system, name: found.role },
            is_active: found.is_active,
            assigned_by: found.assigned_by,
            assigned_at: found.assigned_at.rfc3339(),
            revoked_at: found.revoked_at.map(Timestamp::rfc3339),
        }
    }
}

/// An entry of the audit log.
#[derive(Debug, Serialize)]
pub(super) struct EntryView {
    id: Uuid,
    at: String,
    action: String,
    actor: Actor,
    target: Target,
    changes: Value,
}

/// Without a key: the service itself, or somebody without a session.
#[derive(Debug, Serialize)]
struct Actor {
    id: Option<Uuid>,
    name: String,
    address: Option<String>,
}

#[derive(Debug, Serialize)]
struct Target {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            at: entry.at.rfc3339(),
            action: entry.action,
            actor: Actor { id: entry.actor_id, name: entry.actor_name, address: entry.actor_ip },
            target: Target { kind: entry.target_type, id: entry.target_id },
            changes: entry.changes,
        }
    }
}
