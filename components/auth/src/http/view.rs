//! People as they are shown to themselves.

use serde::Serialize;
use uuid::Uuid;

use crate::domain::user::User;

/// A profile. Names of fields are part of the API.
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
