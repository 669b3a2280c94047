//! The people. Nobody here exists; `example.org` belongs to nobody (RFC 2606).

use uuid::Uuid;

use crate::key::{Kind, key};

/// Slug and name of the systems.
pub const SYSTEMS: [(&str, &str); 2] = [("tts", "Ticket Tracking System"), ("hdts", "Help Desk Ticket System")];

/// System, name and description of the built-in roles.
pub const ROLES: [(&str, &str, &str); 8] = [
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
pub const DEPARTMENTS: [(&str, &str); 3] =
    [("it", "IT Department"), ("asset", "Asset Department"), ("budget", "Budget Department")];

pub(crate) const IT: &str = "IT Department";
pub(crate) const ASSETS: &str = "Asset Department";
pub(crate) const BUDGETS: &str = "Budget Department";

/// System and role.
pub type Role = (&'static str, &'static str);

const ADMIN: &[Role] = &[("tts", "Admin")];
const ASSET: &[Role] = &[("tts", "Asset Manager")];
const BUDGET: &[Role] = &[("tts", "Budget Manager")];
const AGENT: &[Role] = &[("tts", "Agent")];
const COORDINATOR: &[Role] = &[("hdts", "Ticket Coordinator"), ("tts", "Ticket Coordinator")];
const CHIEF: &[Role] = &[("hdts", "Admin"), ("hdts", "Ticket Coordinator"), ("tts", "Ticket Coordinator")];
const ALL: &[Role] = &[("hdts", "Admin"), ("tts", "Admin")];
const EMPLOYEE: &[Role] = &[("hdts", "Employee")];

/// What sets somebody apart from the others with the same roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// Nothing.
    None,
    /// May do everything.
    Superuser,
    /// Nobody has approved the account yet.
    Pending,
    /// Signing in takes a one-time code.
    Codes,
}

/// Somebody of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// The key in every room.
    pub key: Uuid,
    /// The company's running number, from 1; the order of the list.
    pub number: u16,
    /// Given name.
    pub first: &'static str,
    /// Family name.
    pub last: &'static str,
    /// Name of the department.
    pub department: Option<&'static str>,
    /// Roles by system.
    pub roles: &'static [Role],
    /// What sets them apart.
    pub note: Note,
}

impl Person {
    /// Given and family name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }

    /// The local part of the address, by which comments mention people.
    pub fn username(&self) -> String {
        format!("{}.{}", self.first, self.last).to_lowercase()
    }

    /// The log-in name.
    pub fn email(&self) -> String {
        format!("{}@example.org", self.username())
    }

    /// Whether they only ask for things.
    pub fn is_employee(&self) -> bool {
        self.roles == EMPLOYEE
    }

    /// Whether they hold a role.
    pub fn holds(&self, system: &str, role: &str) -> bool {
        self.roles.contains(&(system, role))
    }
}

const fn person(
    number: u16,
    (first, last): (&'static str, &'static str),
    department: Option<&'static str>,
    roles: &'static [Role],
) -> Person {
    Person { key: key(Kind::Person, number, 0), number, first, last, department, roles, note: Note::None }
}

const fn marked(person: Person, note: Note) -> Person {
    Person { note, ..person }
}

pub(crate) static MARIT: Person = marked(person(1, ("Marit", "Solheim"), None, ALL), Note::Superuser);
pub(crate) static TOMAS: Person = person(2, ("Tomas", "Verhage"), Some(IT), ADMIN);
pub(crate) static INES: Person = person(3, ("Ines", "Quintal"), Some(IT), ADMIN);
pub(crate) static OSKAR: Person = person(4, ("Oskar", "Lindqvest"), Some(ASSETS), ASSET);
pub(crate) static YARA: Person = person(5, ("Yara", "Benitaz"), Some(ASSETS), ASSET);
pub(crate) static PAVEL: Person = person(6, ("Pavel", "Drozny"), Some(BUDGETS), BUDGET);
pub(crate) static AMINA: Person = person(7, ("Amina", "Okaforo"), Some(BUDGETS), BUDGET);
pub(crate) static JONAS: Person = person(8, ("Jonas", "Tervell"), Some(IT), AGENT);
pub(crate) static MEI: Person = person(9, ("Mei", "Haruna"), Some(IT), AGENT);
pub(crate) static CLARA: Person = person(10, ("Clara", "Fontane"), Some(IT), COORDINATOR);
pub(crate) static EMRE: Person = person(11, ("Emre", "Yildan"), Some(ASSETS), COORDINATOR);
pub(crate) static SOFIA: Person = person(12, ("Sofia", "Marqueza"), Some(BUDGETS), CHIEF);
pub(crate) static NOOR: Person = person(13, ("Noor", "Haddan"), Some(IT), EMPLOYEE);
pub(crate) static LUCA: Person = person(14, ("Luca", "Ferrano"), Some(IT), EMPLOYEE);
pub(crate) static HANNA: Person = person(15, ("Hanna", "Virtala"), Some(ASSETS), EMPLOYEE);
pub(crate) static DIEGO: Person = person(16, ("Diego", "Salvana"), Some(ASSETS), EMPLOYEE);
pub(crate) static FREYA: Person = person(17, ("Freya", "Holmgard"), Some(BUDGETS), EMPLOYEE);
pub(crate) static KOFI: Person = person(18, ("Kofi", "Mensala"), Some(BUDGETS), EMPLOYEE);
pub(crate) static VERA: Person = marked(person(19, ("Vera", "Novale"), Some(IT), EMPLOYEE), Note::Pending);
pub(crate) static ARJUN: Person = marked(person(20, ("Arjun", "Mehtari"), Some(ASSETS), EMPLOYEE), Note::Codes);

/// Everybody: the superuser first, the employees last, of them the one not yet approved and the one with codes last.
pub static PEOPLE: [&Person; 20] = [
    &MARIT, &TOMAS, &INES, &OSKAR, &YARA, &PAVEL, &AMINA, &JONAS, &MEI, &CLARA, &EMRE, &SOFIA, &NOOR, &LUCA, &HANNA,
    &DIEGO, &FREYA, &KOFI, &VERA, &ARJUN,
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_demo_has_twenty_people_with_keys_and_names_of_their_own_and_roles_that_exist() {
        let keys: HashSet<_> = PEOPLE.iter().map(|person| person.key).collect();
        let addresses: HashSet<_> = PEOPLE.iter().map(|person| person.email()).collect();
        assert_eq!((keys.len(), addresses.len()), (20, 20));
        assert!(PEOPLE.iter().zip(1..).all(|(person, number)| person.number == number));
        for held in PEOPLE.iter().flat_map(|person| person.roles) {
            assert!(ROLES.iter().any(|(system, role, _)| *held == (*system, *role)), "{held:?}");
        }
        let mut departments = PEOPLE.iter().filter_map(|person| person.department);
        assert!(departments.all(|name| DEPARTMENTS.iter().any(|(_, known)| *known == name)));
    }

    #[test]
    fn exactly_one_is_pending_one_has_codes_and_one_is_the_superuser() {
        let count = |note| PEOPLE.iter().filter(|person| person.note == note).count();
        assert_eq!((count(Note::Pending), count(Note::Codes), count(Note::Superuser)), (1, 1, 1));
        assert_eq!(PEOPLE.iter().filter(|person| person.is_employee()).count(), 8);
    }
}
