//! Fictional people and roles to try the system with. Nobody here exists; `example.org` belongs to nobody (RFC 2606).

use super::user::{Approval, RoleHeld, User, UserType};
use uuid::Uuid;

/// Slug and name of the systems.
pub(crate) const SYSTEMS: [(&str, &str); 2] = [("tts", "Ticket Tracking System"), ("hdts", "Help Desk Ticket System")];

/// System, name and description of the built-in roles.
pub(crate) const ROLES: [(&str, &str, &str); 8] = [
    ("tts", "Admin", "Designs workflows, manages people and assigns work"),
    ("tts", "Agent", "Works on tasks"),
    ("tts", "Asset Manager", "Checks assets in and out"),
    ("tts", "Budget Manager", "Decides about budgets"),
    ("tts", "Ticket Coordinator", "Owns tickets on their way through a workflow"),
    ("hdts", "Admin", "Approves employees and manages the help desk"),
    ("hdts", "Ticket Coordinator", "Approves, rejects and follows tickets"),
    ("hdts", "Employee", "Submits tickets"),
];

/// Code and name of the departments.
pub(crate) const DEPARTMENTS: [(&str, &str); 3] =
    [("it", "IT Department"), ("asset", "Asset Department"), ("budget", "Budget Department")];

/// Characters of passwords made here: without vowels, so that no words appear, and without look-alikes. 32 of them, so
/// that every random byte chooses fairly.
const ALPHABET: &[u8; 32] = b"bcdfghjkmnpqrstvwxz23456789BCDFG";

/// Characters of a password, 5 bits each.
pub(crate) const PASSWORD_LEN: usize = 16;

/// The password that these random bytes choose.
pub(crate) fn password(random: [u8; PASSWORD_LEN]) -> String {
    random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|byte| char::from(*byte)).collect()
}

struct Sketch {
    name: (&'static str, &'static str),
    department: Option<&'static str>,
    roles: &'static [(&'static str, &'static str)],
}

const ADMIN: &[(&str, &str)] = &[("tts", "Admin")];
const ASSET: &[(&str, &str)] = &[("tts", "Asset Manager")];
const BUDGET: &[(&str, &str)] = &[("tts", "Budget Manager")];
const AGENT: &[(&str, &str)] = &[("tts", "Agent")];
const COORDINATOR: &[(&str, &str)] = &[("hdts", "Ticket Coordinator"), ("tts", "Ticket Coordinator")];
const CHIEF: &[(&str, &str)] = &[("hdts", "Admin"), ("hdts", "Ticket Coordinator"), ("tts", "Ticket Coordinator")];
const ALL: &[(&str, &str)] = &[("hdts", "Admin"), ("tts", "Admin")];
const EMPLOYEE: &[(&str, &str)] = &[("hdts", "Employee")];

const IT: Option<&str> = Some("IT Department");
const ASSETS: Option<&str> = Some("Asset Department");
const BUDGETS: Option<&str> = Some("Budget Department");

const fn sketch(
    name: (&'static str, &'static str),
    department: Option<&'static str>,
    roles: &'static [(&'static str, &'static str)],
) -> Sketch {
    Sketch { name, department, roles }
}

/// The superuser comes first; the last two employees are the one not yet approved and the one with one-time codes.
const PEOPLE: [Sketch; 20] = [
    sketch(("Marit", "Solheim"), None, ALL),
    sketch(("Tomas", "Verhage"), IT, ADMIN),
    sketch(("Ines", "Quintal"), IT, ADMIN),
    sketch(("Oskar", "Lindqvest"), ASSETS, ASSET),
    sketch(("Yara", "Benitaz"), ASSETS, ASSET),
    sketch(("Pavel", "Drozny"), BUDGETS, BUDGET),
    sketch(("Amina", "Okaforo"), BUDGETS, BUDGET),
    sketch(("Jonas", "Tervell"), IT, AGENT),
    sketch(("Mei", "Haruna"), IT, AGENT),
    sketch(("Clara", "Fontane"), IT, COORDINATOR),
    sketch(("Emre", "Yildan"), ASSETS, COORDINATOR),
    sketch(("Sofia", "Marqueza"), BUDGETS, CHIEF),
    sketch(("Noor", "Haddan"), IT, EMPLOYEE),
    sketch(("Luca", "Ferrano"), IT, EMPLOYEE),
    sketch(("Hanna", "Virtala"), ASSETS, EMPLOYEE),
    sketch(("Diego", "Salvana"), ASSETS, EMPLOYEE),
    sketch(("Freya", "Holmgard"), BUDGETS, EMPLOYEE),
    sketch(("Kofi", "Mensala"), BUDGETS, EMPLOYEE),
    sketch(("Vera", "Novale"), IT, EMPLOYEE),
    sketch(("Arjun", "Mehtari"), ASSETS, EMPLOYEE),
];

/// The demo's people, with the keys given; as many as there are keys, at most twenty.
pub(crate) fn people(ids: impl Iterator<Item = Uuid>) -> Vec<User> {
    let last = PEOPLE.len();
    let numbered = PEOPLE.iter().zip(1_i64..).zip(1_usize..).zip(ids);
    numbered.map(|(((sketch, number), place), id)| person(sketch, number, id, last - place)).collect()
}

fn person(sketch: &Sketch, number: i64, id: Uuid, from_end: usize) -> User {
    let (first, last) = sketch.name;
    let username = format!("{first}.{last}").to_lowercase();
    let roles = sketch.roles.iter().map(|(system, role)| RoleHeld { system: (*system).into(), role: (*role).into() });
    User {
        id,
        email: format!("{username}@example.org"),
        username,
        kind: if sketch.roles == EMPLOYEE { UserType::Employee } else { UserType::Staff },
        first_name: first.to_owned(),
        middle_name: None,
        last_name: last.to_owned(),
        suffix: None,
        phone: None,
        company_no: number,
        department: sketch.department.map(str::to_owned),
        approval: if from_end == 1 { Approval::Pending } else { Approval::Approved },
        is_active: true,
        is_superuser: sketch.roles == ALL,
        otp_enabled: from_end == 0,
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

    use super::super::user::is_email;
    use super::*;

    fn everybody() -> Vec<User> {
        people((0..99).map(Uuid::from_u128))
    }

    #[test]
    fn the_demo_has_twenty_people_with_names_of_their_own_and_roles_that_exist() {
        let people = everybody();
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
        let people = everybody();
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
