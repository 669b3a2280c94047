//! The scenario's people as this service knows them, with passwords made at that moment. Who they are is `scenario`.

use scenario::{Note, PEOPLE, Person};

use super::user::{Approval, RoleHeld, User, UserType};

/// Characters of passwords made here: without vowels, so that no words appear, and without look-alikes. 32 of them, so
/// that every random byte chooses fairly.
const ALPHABET: &[u8; 32] = b"bcdfghjkmnpqrstvwxz23456789BCDFG";

/// Characters of a password, 5 bits each.
pub(crate) const PASSWORD_LEN: usize = 16;

/// The password that these random bytes choose.
pub(crate) fn password(random: [u8; PASSWORD_LEN]) -> String {
    random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|byte| char::from(*byte)).collect()
}

/// The demo's people, the superuser first.
pub(crate) fn people() -> Vec<User> {
    PEOPLE.iter().map(|person| user(person)).collect()
}

fn user(person: &Person) -> User {
    let roles = person.roles.iter().map(|(system, role)| RoleHeld { system: (*system).into(), role: (*role).into() });
    User {
        id: person.key,
        email: person.email(),
        username: person.username(),
        kind: if person.is_employee() { UserType::Employee } else { UserType::Staff },
        first_name: person.first.to_owned(),
        middle_name: None,
        last_name: person.last.to_owned(),
        suffix: None,
        phone: None,
        company_no: person.number.into(),
        department: person.department.map(str::to_owned),
        approval: if person.note == Note::Pending { Approval::Pending } else { Approval::Approved },
        is_active: true,
        is_superuser: person.note == Note::Superuser,
        otp_enabled: person.note == Note::Codes,
        token_epoch: 0,
        roles: roles.collect(),
    }
}

/// What the list of log-ins says about somebody.
pub(crate) fn label(user: &User) -> String {
    let roles: Vec<_> = user.roles.iter().map(|held| format!("{}/{}", held.system, held.role)).collect();
    let notes = [
        (user.is_superuser, "superuser"),
        (user.approval == Approval::Pending, "not yet approved"),
        (user.otp_enabled, "one-time codes on"),
    ];
    let notes: Vec<_> = notes.iter().filter(|(holds, _)| *holds).map(|(_, note)| *note).collect();
    let roles = roles.join(", ");
    if notes.is_empty() { roles } else { format!("{roles} ({})", notes.join(", ")) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use scenario::{DEPARTMENTS, ROLES};

    use super::super::user::is_email;
    use super::*;

    #[test]
    fn the_demo_has_twenty_people_with_names_of_their_own_and_roles_that_exist() {
        let people = people();
        let addresses: HashSet<_> = people.iter().map(|user| user.email.as_str()).collect();
        assert_eq!((people.len(), addresses.len()), (20, 20));
        assert!(addresses.iter().all(|address| is_email(address)));
        for held in people.iter().flat_map(|user| &user.roles) {
            assert!(ROLES.iter().any(|(system, role, _)| held.system == *system && held.role == *role), "{held:?}");
        }
        let departments = people.iter().filter_map(|user| user.department.as_deref());
        assert!(departments.into_iter().all(|name| DEPARTMENTS.iter().any(|(_, known)| *known == name)));
    }

    #[test]
    fn exactly_one_is_pending_one_has_codes_and_one_is_the_superuser() {
        let people = people();
        let count = |test: fn(&User) -> bool| people.iter().filter(|user| test(user)).count();
        assert_eq!(count(|user| user.approval == Approval::Pending), 1);
        assert_eq!(count(|user| user.otp_enabled), 1);
        assert_eq!(count(|user| user.is_superuser), 1);
        assert_eq!(count(|user| user.kind == UserType::Employee), 8);
    }

    #[test]
    fn passwords_have_sixteen_characters_of_the_alphabet() {
        let password = password(std::array::from_fn(|place| u8::try_from(place * 16).unwrap()));
        assert_eq!(password.len(), 16);
        assert!(password.bytes().all(|byte| ALPHABET.contains(&byte)));
    }
}
