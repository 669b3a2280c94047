//! What other rooms are told of people.

use events::{RoleHeld, USER_CHANGED, UserChangedV1};
use sdk::clock::Timestamp;
use sdk::{Outgoing, Problem};

use crate::domain::user::User;

/// The whole present state of a person, in order with the person's other messages.
pub(crate) fn user_changed(user: &User, changed_at: Timestamp) -> Result<Outgoing, Problem> {
    let roles = user.roles.iter().map(|held| RoleHeld { system: held.system.clone(), role: held.role.clone() });
    let event = UserChangedV1 {
        version: UserChangedV1::VERSION,
        user_id: user.id.to_string(),
        email: user.email.clone(),
        first_name: user.first_name.clone(),
        last_name: user.last_name.clone(),
        user_type: user.kind.as_str().to_owned(),
        department: user.department.clone(),
        is_active: user.is_active,
        approval: user.approval.as_str().to_owned(),
        roles: roles.collect(),
        changed_at: changed_at.0,
    };
    let id = user.id.to_string();
    Ok(Outgoing::json(USER_CHANGED, &event)?.about(&id).in_group(id))
}

#[cfg(test)]
mod tests {
    use crate::domain::user::example;

    use super::*;

    #[test]
    fn a_message_is_about_the_person_and_says_their_roles() {
        let message = user_changed(&example(), Timestamp(7)).unwrap();
        assert_eq!((message.topic.as_str(), message.subject), ("user.changed", Some(example().id.to_string())));
        let body: UserChangedV1 = serde_json::from_slice(&message.body).unwrap();
        assert_eq!((body.version, body.changed_at, body.roles[0].role.as_str()), (1, 7, "Employee"));
    }
}
