//! Whom an event is told, in which words, and who of them hears it only once.

use std::collections::{BTreeMap, BTreeSet};

use events::Person;
use uuid::Uuid;

use super::Note;

/// What the inbox has room for, in bytes.
const NUMBER_MAX: usize = 100;

/// People who are told by what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Circle {
    /// Active ticket coordinators of the help desk.
    Coordinators,
    /// Active administrators of the tracking system.
    TrackingAdmins,
}

impl Circle {
    /// The system and the role that they hold in it.
    pub(crate) fn role(self) -> (&'static str, &'static str) {
        match self {
            Self::Coordinators => ("hdts", "Ticket Coordinator"),
            Self::TrackingAdmins => ("tts", "Admin"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Whom {
    One(Person),
    All(Circle),
}

/// What an event means to people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Who did it, and so knows.
    actor: Option<Person>,
    /// Those named first are told first; whoever is named again is not told again.
    tells: Vec<(Whom, Note)>,
}

/// Somebody who is told something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hearer {
    pub(crate) user: Uuid,
    /// As the event or the mirror has them.
    pub(crate) person: Person,
    pub(crate) note: Note,
}

impl Plan {
    /// Nobody is told.
    pub(super) fn nobody() -> Self {
        Self::default()
    }

    /// Nobody yet, and never who did it.
    pub(super) fn not_to(actor: Option<&Person>) -> Self {
        Self { actor: actor.cloned(), tells: Vec::new() }
    }

    /// This person too.
    pub(super) fn tell(self, person: &Person, note: &Note) -> Self {
        self.tell_each(std::slice::from_ref(person), note)
    }

    /// These too, if there are any.
    pub(super) fn tell_each(mut self, people: &[Person], note: &Note) -> Self {
        self.tells.extend(people.iter().map(|person| (Whom::One(person.clone()), note.clone())));
        self
    }

    /// All of a circle too.
    pub(super) fn tell_all(mut self, circle: Circle, note: Note) -> Self {
        self.tells.push((Whom::All(circle), note));
        self
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.tells.is_empty()
    }

    /// The circles whose members have to be known.
    pub(crate) fn circles(&self) -> impl Iterator<Item = Circle> {
        self.tells.iter().filter_map(|(whom, _)| if let Whom::All(circle) = whom { Some(*circle) } else { None })
    }

    /// Everybody who is told, once.
    ///
    /// # Errors
    /// In words, what can be no key of a person, or no number of a ticket.
    pub(crate) fn hearers(&self, members: &BTreeMap<Circle, Vec<Person>>) -> Result<Vec<Hearer>, String> {
        let mut known = BTreeSet::new();
        known.extend(self.actor.as_ref().map(key).transpose()?);
        let mut hearers = Vec::new();
        for (whom, note) in &self.tells {
            if !(1..=NUMBER_MAX).contains(&note.ticket_number.len()) {
                return Err(format!("a ticket's number has 1 to {NUMBER_MAX} bytes"));
            }
            let people = match whom {
                Whom::One(person) => std::slice::from_ref(person),
                Whom::All(circle) => members.get(circle).map(Vec::as_slice).unwrap_or_default(),
            };
            for person in people {
                let user = key(person)?;
                if known.insert(user) {
                    hearers.push(Hearer { user, person: person.clone(), note: note.clone() });
                }
            }
        }
        Ok(hearers)
    }
}

fn key(person: &Person) -> Result<Uuid, String> {
    Uuid::parse_str(&person.id).map_err(|_| "a person's key is no UUID".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn person(id: &str) -> Person {
        Person { id: id.to_owned(), name: "Ada".to_owned(), email: "ada@example.org".to_owned() }
    }

    fn note(number: &str) -> Note {
        Note::new("system", number, "s", "", Value::Null)
    }

    #[test]
    fn the_same_person_under_another_spelling_of_their_key_is_the_same() {
        let key = "0193f3a0-0000-7000-8000-00000000000a";
        let plan = Plan::nobody().tell_each(&[person(key), person(&key.to_uppercase())], &note("TX1"));
        assert_eq!(plan.hearers(&BTreeMap::new()).unwrap().len(), 1);
    }

    #[test]
    fn what_can_be_no_key_and_no_number_is_refused() {
        let good = person("0193f3a0-0000-7000-8000-00000000000a");
        let plans = [
            Plan::nobody().tell(&person("u"), &note("TX1")),
            Plan::not_to(Some(&person("u"))).tell(&good, &note("TX1")),
            Plan::nobody().tell(&good, &note("")),
            Plan::nobody().tell(&good, &note(&"T".repeat(NUMBER_MAX + 1))),
        ];
        assert!(plans.iter().all(|plan| plan.hearers(&BTreeMap::new()).is_err()));
    }
}
