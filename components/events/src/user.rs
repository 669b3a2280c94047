//! What the `auth` service tells of people.

use serde::{Deserialize, Serialize};

/// Topic of [`UserChangedV1`]; the subject is the person's key, which is also the group key.
pub const USER_CHANGED: &str = "user.changed";

/// A person as others show them: a snapshot of the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The person's key.
    pub id: String,
    /// First and last name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// A role that a person holds in a system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleHeld {
    /// `hdts` or `tts`.
    pub system: String,
    /// The role's name, for example `Ticket Coordinator`.
    pub role: String,
}

/// A person was created or changed: the whole present state, so that a reader needs no earlier message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserChangedV1 {
    /// 1.
    pub version: u32,
    /// The person's key.
    pub user_id: String,
    /// Their address.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// `staff` or `employee`.
    pub user_type: String,
    /// Name of their department.
    #[serde(default)]
    pub department: Option<String>,
    /// False: sign-in and notifications are off.
    pub is_active: bool,
    /// `pending`, `approved` or `rejected`.
    pub approval: String,
    /// Active roles.
    #[serde(default)]
    pub roles: Vec<RoleHeld>,
    /// When this state came to be; an older one must not replace a newer one.
    pub changed_at: i64,
}

impl UserChangedV1 {
    /// The version that this type writes.
    pub const VERSION: u32 = 1;
}
